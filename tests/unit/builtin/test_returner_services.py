"""Returners that tell services of returns: mail, chats, streams, metrics, search."""

from __future__ import annotations

import asyncio
import email
import json
import socketserver
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from email import policy
from pathlib import Path
from typing import Any

import pytest
import shipped
from aiosmtpd.controller import Controller

import servers
from web_services import Elastic, WebService

JID = "20261126080000000001"


def return_of(**fields: Any) -> dict[str, Any]:
    return {"id": "m1", "jid": JID, "fun": "test.echo", "fun_args": ["<é>"], "return": "<é>", "retcode": 0,
            "success": True, **fields}  # fmt: skip


def state(number: int, *, result: bool | None = True, **fields: Any) -> dict[str, Any]:
    return {"result": result, "name": f"n{number}", "comment": f"comment <{number}>", "changes": {}, "duration": 1.5,
            "__run_num__": number, "__id__": f"id{number}", "__sls__": "web", **fields}  # fmt: skip


STATES = {
    "pkg_|-id1_|-n1_|-installed": state(1),
    "file_|-id0_|-n0_|-managed": state(0, changes={"diff": "+ <b>"}),
    "service_|-id2_|-n2_|-running": state(2, result=False),
}
RUN = return_of(fun="state.apply", **{"return": STATES}, retcode=2, success=False)
WELL = return_of(fun="state.apply", **{"return": {"pkg_|-id1_|-n1_|-installed": state(1)}})

Make = Callable[..., Callable[..., Any]]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """The functions of the shipped returners under some options."""
    spaces = []

    def table(**opts: Any) -> Any:
        made = shipped.Shipped(tmp_path, **opts)
        spaces.append(made.space)
        return made.space.table("returners")

    yield table
    for space in spaces:
        space.close()


# --- web services ---------------------------------------------------------------------------------------------------


def test_a_webhook_gets_each_return_and_no_password(make: Make):
    with WebService() as service:
        options = {"webhook": {"url": f"{service.url}/in?x=1", "headers": {"X-Key": "k"}}, "webhook.username": "ann",
                   "webhook.password": "pw"}  # fmt: skip
        make(**options)["webhook.returner"](return_of(ret_kwargs={"password": "pw"}))
        make(**options)["webhook.event_return"]([{"tag": "a", "data": {"x": 1}}])

    first, second = service.asked
    assert (first.method, first.path, first.query, first.headers["x-key"]) == ("POST", "/in", {"x": "1"}, "k")
    assert first.headers["authorization"] == "Basic YW5uOnB3"
    assert first.value == return_of(ret_kwargs={"password": "**********"})
    assert second.value == [{"tag": "a", "data": {"x": 1}}]


@pytest.mark.parametrize(("status", "kind"), [(413, "ReturnRefusedError"), (503, "CommandExecutionError")])
def test_whether_another_attempt_is_worth_it_is_told(make: Make, status: int, kind: str):
    words = rf"answers {status}.*it is so"
    with (
        WebService(lambda _: (status, {"why": "it is so"})) as service,
        pytest.raises(Exception, match=words) as caught,
    ):
        make(**{"webhook.url": service.url})["webhook.returner"](return_of())
    assert type(caught.value).__name__ == kind


def test_a_service_that_is_not_there_is_named_without_its_url(make: Make):
    port = servers.free_port()
    with pytest.raises(Exception, match=r"cannot be reached at 127\.0\.0\.1") as caught:
        make(**{"webhook.url": f"http://127.0.0.1:{port}/secret"})["webhook.returner"](return_of())
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "option"),
    [("webhook", "webhook.url"), ("slack", "slack.channel"), ("slack_webhook", "slack_webhook.webhook"),
     ("mattermost", "mattermost.hook"), ("telegram", "telegram.chat_id"), ("splunk", "splunk_http_forwarder.indexer"),
     ("smtp", "smtp.from"), ("prometheus", "prometheus.gateway"), ("s3", "returner.s3.endpoint")],
)  # fmt: skip
def test_an_option_that_lacks_is_named(make: Make, name: str, option: str):
    with pytest.raises(Exception, match=option.replace(".", r"\.")):
        make()[f"{name}.returner"](return_of())


def test_slack_gets_a_message_in_its_channel(make: Make):
    with WebService() as service:
        options = {"slack.channel": "ops", "slack.api_key": "xoxb", "slack.username": "salt", "slack.url": service.url}
        make(**options)["slack.returner"](return_of())
        make(**options, **{"slack.only_show_failed": True})["slack.returner"](WELL)
        make(**options, **{"slack.changes": True})["slack.returner"](RUN)

    echo, run = service.asked
    assert (echo.path, echo.headers["authorization"]) == ("/chat.postMessage", "Bearer xoxb")
    assert (echo.value["channel"], echo.value["username"]) == ("#ops", "salt")
    assert "id: m1" in echo.value["text"]
    assert "function: test.echo" in echo.value["text"]
    assert "id0" in run.value["text"]
    assert "id1" not in run.value["text"]


def test_slack_says_why_it_refuses(make: Make):
    with WebService(lambda _: (200, {"ok": False, "error": "channel_not_found"})) as service:
        options = {"slack.channel": "ops", "slack.api_key": "xoxb", "slack.url": service.url}
        with pytest.raises(Exception, match="channel_not_found"):
            make(**options)["slack.returner"](return_of())


def test_the_webhook_of_slack_gets_titles_and_what_failed(make: Make):
    with WebService(lambda _: (200, b"ok")) as service:
        table = make(**{"slack_webhook.webhook": f"{service.url}/services/T/B", "slack_webhook.show_tasks": True})
        table["slack_webhook.returner"](WELL)
        table["slack_webhook.returner"](RUN)

    well, run = (asked.value["attachments"] for asked in service.asked)
    assert [part["title"] for part in well] == ["m1 | Succeeded"]
    assert [part["title"] for part in run] == ["m1 | Failed", "1 states failed", "1 states changed"]
    assert "id2" in run[1]["text"]
    assert "id0" in run[2]["text"]


def test_mattermost_and_telegram_get_a_message(make: Make):
    with WebService() as service:
        make(**{"mattermost.hook": "h1", "mattermost.api_url": service.url, "mattermost.channel": "ops"})[
            "mattermost.returner"
        ](return_of())
        make(**{"telegram.chat_id": "7", "telegram.token": "1:a", "telegram.url": service.url})["telegram.returner"](
            return_of(**{"return": "x" * 10_000})
        )

    post, message = service.asked
    assert (post.path, post.value["channel"]) == ("/hooks/h1", "ops")
    assert "jid: " + JID in post.value["text"]
    assert (message.path, message.value["chat_id"]) == ("/bot1:a/sendMessage", "7")
    assert len(message.value["text"]) == 4096


def test_splunk_gets_several_returns_in_one_request(make: Make):
    with WebService() as service:
        options = {"splunk_http_forwarder": {"token": "t", "indexer": service.url, "index": "salt"}}
        make(**options)["splunk.returner_many"]([return_of(), return_of(id="m2")])

    (asked,) = service.asked
    assert (asked.path, asked.headers["authorization"]) == ("/services/collector/event", "Splunk t")
    decoder = json.JSONDecoder()
    first, end = decoder.raw_decode(asked.body.decode())
    second, _ = decoder.raw_decode(asked.body.decode(), end)
    assert [(each["host"], each["index"], each["event"]["fun"]) for each in (first, second)] == [
        ("m1", "salt", "test.echo"), ("m2", "salt", "test.echo"),
    ]  # fmt: skip


@pytest.mark.behaviour("RET-10")
def test_elasticsearch_refuses_no_function_and_its_fields_stay_as_many(make: Make):
    values: list[Any] = [
        True, None, 1, 1.5, "text", [], {}, [1, "a"], {"a": 1}, {"a": "text"}, {"a": {"b": 1}}, {"a": [1, {"b": 2}]},
        {"1.2.3": "x"}, {"": 1}, "2026-11-26", ["2026-11-26", 3], STATES, {f"k{n}": n for n in range(50)}, b"\xff",
        "\0",
    ]  # fmt: skip
    returns = [
        return_of(jid=f"{int(JID) + number}", fun=f"mod{number}.fun", **{"return": values[number % len(values)]})
        for number in range(300)
    ]
    with Elastic() as service:
        table = make(**{"elasticsearch.hosts": [f"127.0.0.1:{servers.free_port()}", service.address]})
        table["elasticsearch.returner"](returns[0])
        before = service.fields()
        for start in range(1, 300, 50):
            table["elasticsearch.returner_many"](returns[start : start + 50])

        assert service.rejected == []
        assert service.fields() == before
        assert len(service.indexes["salt-returns"]["documents"]) == 300
        run = next(each for each in service.indexes["salt-returns"]["documents"].values() if each["states"])
        assert (run["states"], run["failed"], run["changed"], run["success"]) == (3, 1, 1, False)
        # What the trial refuses is really refused by such an index.
        plain = "\n".join(
            json.dumps(line)
            for document in ({"return": 1}, {"return": {"a": 1}})
            for line in ({"create": {"_index": "naive", "_id": repr(document)}}, document)
        )
        with urllib.request.urlopen(f"{service.url}/_bulk", plain.encode()) as answer:
            assert json.load(answer)["errors"]


def test_numbers_of_returns_stand_at_the_push_gateway(make: Make, tmp_path: Path):
    gateway = servers.push_gateway(tmp_path)
    gateway.start()
    try:
        table = make(**{"prometheus.gateway": f"127.0.0.1:{gateway.server.port}"})
        for ret in (return_of(), RUN, return_of(id="a/b c")):
            table["prometheus.returner"](ret)
        with urllib.request.urlopen(f"http://127.0.0.1:{gateway.server.port}/metrics") as answer:
            lines = answer.read().decode().splitlines()
    finally:
        gateway.stop()

    run = '{fun="state.apply",instance="",job="salt",minion="m1"'
    assert f"salt_return_success{run}}} 0" in lines
    assert f"salt_return_retcode{run}}} 2" in lines
    assert f'salt_states{run},result="failed"}} 1' in lines
    assert 'salt_return_success{fun="test.echo",instance="",job="salt",minion="a/b c"} 1' in lines


# --- mail -----------------------------------------------------------------------------------------------------------


class Mailbox:
    """A mail server that keeps what it is handed; `refuses` is its answer instead."""

    def __init__(self, refuses: str = "") -> None:
        self.mails: list[tuple[Any, Any]] = []
        self._refuses = refuses
        self._controller = Controller(self, hostname="127.0.0.1", port=servers.free_port())

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self._refuses:
            return self._refuses
        self.mails.append((envelope, email.message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"

    def __enter__(self) -> Mailbox:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def port(self) -> int:
        return self._controller.port


def test_each_return_is_a_mail(make: Make):
    with Mailbox() as box:
        options = {"smtp.from": "salt@a.example", "smtp.to": "ann@a.example, bob@a.example", "smtp.host": "127.0.0.1",
                   "smtp.port": box.port, "smtp.subject": "Salt:", "smtp.fields": "id,fun,jid"}  # fmt: skip
        make(**options)["smtp.returner"](return_of())

    ((envelope, mail),) = box.mails
    assert (envelope.mail_from, envelope.rcpt_tos) == ("salt@a.example", ["ann@a.example", "bob@a.example"])
    assert mail["Subject"] == f"Salt: m1 test.echo {JID}"
    assert "<é>" in mail.get_content()


def test_a_mail_can_be_made_from_a_template(make: Make, tmp_path: Path):
    (tmp_path / "mail.jinja").write_text("{{ fun }} on {{ id }}")
    with Mailbox() as box:
        options = {"smtp.from": "salt@a.example", "smtp.to": ["ann@a.example"], "smtp.host": "127.0.0.1",
                   "smtp.port": box.port, "smtp.template": str(tmp_path / "mail.jinja")}  # fmt: skip
        make(**options)["smtp.returner"](return_of())

    assert box.mails[0][1].get_content().strip() == "test.echo on m1"


@pytest.mark.parametrize(
    ("answer", "kind"), [("552 too large", "ReturnRefusedError"), ("451 later", "CommandExecutionError")]
)
def test_a_mail_server_says_whether_to_come_again(make: Make, answer: str, kind: str):
    with Mailbox(answer) as box:
        options = {
            "smtp.from": "s@a.example",
            "smtp.to": "a@a.example",
            "smtp.host": "127.0.0.1",
            "smtp.port": box.port,
        }
        with pytest.raises(Exception, match=answer[:3]) as caught:
            make(**options)["smtp.returner"](return_of())
    assert type(caught.value).__name__ == kind


@pytest.mark.behaviour("RET-10")
@pytest.mark.parametrize("form", ["json", "yaml", "html", "text"])
def test_a_highstate_is_a_report_in_a_file(make: Make, tmp_path: Path, form: str):
    table = make(**{"highstate.report_format": form, "highstate.file_output": f"{tmp_path}/{{id}}-{{jid}}.out"})
    for ret in (return_of(), WELL):
        table["highstate.returner"](ret)
    assert list(tmp_path.glob("*.out")) == []

    table["highstate.returner"](RUN)

    text = (tmp_path / f"m1-{JID}.out").read_text()
    if form == "json":
        report = json.loads(text)
        assert report["stats"] == {"total": 3, "failed": 1, "changed": 1, "duration": 4.5}
        assert [state["id"] for state in report["states"]] == ["id0", "id2"]
        assert report["states"][1] == {
            "id": "id2", "name": "n2", "function": "service.running", "sls": "web", "result": False,
            "comment": "comment <2>", "changes": {}, "duration": 1.5,
        }  # fmt: skip
        assert report["job"]["success"] is False
    elif form == "html":
        assert "comment &lt;2&gt;" in text
        assert '<tr class="failed">' in text
        assert "<b>" not in text
    else:
        assert "comment <2>" in text


def test_a_highstate_is_a_report_by_mail(make: Make):
    with Mailbox() as box:
        options = {
            "highstate.report_format": "html", "highstate.report_delivery": "smtp", "highstate.report_everything": True,
            "highstate.smtp_server": f"127.0.0.1:{box.port}", "highstate.smtp_recipients": ["ann@a.example"],
            "highstate.smtp_sender": "salt@a.example",
        }  # fmt: skip
        table = make(**options)
        table["highstate.returner"](RUN)
        table["highstate.returner"](WELL)
        table["highstate.returner"](return_of(fun="state.apply", **{"return": ["No matching sls"]}, success=False))

    assert [mail["Subject"] for _, mail in box.mails] == ["FAILURE for m1", "Success for m1", "FAILURE for m1"]
    assert box.mails[0][1].get_content_type() == "text/html"
    assert "No matching sls" in box.mails[2][1].get_content()


# --- NATS -----------------------------------------------------------------------------------------------------------


def test_a_stream_of_nats_keeps_each_return_once(make: Make, tmp_path: Path):
    server = servers.nats_server(tmp_path)
    server.start()
    url = f"nats://127.0.0.1:{server.server.port}"
    table = make(**{"nats.servers": url})
    try:
        table["nats.save_load"](JID, {"fun": "test.echo"}, minions=["m1"])
        table["nats.returner_many"]([return_of(), return_of(id="m 2.example")])
        table["nats.returner"](return_of())
        server.kill()
        server.start()
        with pytest.raises(Exception, match="nats"):
            table["nats.returner"](return_of(id="m3"))
        table["nats.returner"](return_of(id="m3"))
        table["nats.event_return"]([{"tag": "a/b", "data": {"x": 1}}])
        with pytest.raises(Exception) as caught:
            table["nats.returner"](return_of(id="m4", **{"return": "x" * (2 << 20)}))
        messages = asyncio.run(_all_of(url, 5))
    finally:
        server.stop()

    assert type(caught.value).__name__ == "ReturnRefusedError"
    assert [subject for subject, _ in messages] == [
        "salt.load", "salt.return.test_echo.m1", "salt.return.test_echo.m_2_example", "salt.return.test_echo.m3",
        "salt.event",
    ]  # fmt: skip
    assert messages[1][1] == return_of()


async def _all_of(url: str, count: int) -> list[tuple[str, Any]]:
    """The messages of the stream, of which there are no more than that."""
    import nats

    client = await nats.connect(url)
    stream = client.jetstream()
    state = (await stream.stream_info("SALT")).state
    assert state.messages == count
    reader = await stream.subscribe("salt.>", ordered_consumer=True)
    found = [await reader.next_msg(timeout=10) for _ in range(count)]
    await client.close()
    return [(message.subject, json.loads(message.data)) for message in found]


# --- numbers, errors, traps -----------------------------------------------------------------------------------------


class Listener:
    """A socket that keeps what comes on each connection, and answers with what `answer` makes of it."""

    def __init__(self, answer: Callable[[bytes], bytes] | None = None) -> None:
        self.heard: list[bytes] = []
        listener = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                data = b""
                while piece := self.request.recv(65536):
                    data += piece
                    if answer is not None:
                        self.request.sendall(answer(data))
                        break
                listener.heard.append(data)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.port = int(self._server.server_address[1])

    def __enter__(self) -> Listener:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait(self, count: int = 1) -> list[bytes]:
        ends = time.monotonic() + 10
        while len(self.heard) < count:
            assert time.monotonic() < ends
            time.sleep(0.01)
        return self.heard


def test_carbon_gets_the_numbers_of_a_return(make: Make):
    value = {"one": 1, "deep er": {"two": "2.5", "text": "x"}}
    with Listener() as carbon:
        table = make(**{"carbon.host": "127.0.0.1", "carbon.port": carbon.port})
        table["carbon.returner"](return_of(id="m1.example", fun="status.loadavg", **{"return": value}))
        (data,) = carbon.wait()

    assert data.decode().splitlines() == [
        "status.loadavg.m1_example.one 1.0 1795680000",
        "status.loadavg.m1_example.deep_er.two 2.5 1795680000",
    ]
    strict = make(**{"carbon.host": "127.0.0.1", "carbon.skip_on_error": False})
    with pytest.raises(Exception, match="numbers only"):
        strict["carbon.returner"](return_of())


def test_influxdb_is_not_sent_a_request_without_points(make: Make):
    there = {"results": [{"series": [{"columns": ["time", "retcode"], "values": [[0, 0]]}]}]}

    def answer(asked: Any) -> tuple[int, Any]:
        if asked.path == "/query":
            return 200, there
        return (204, b"") if asked.body else (400, {"message": "writing requires points"})

    with WebService(answer) as service:
        host, _, port = service.address.partition(":")
        functions = make(influxdb={"host": host, "port": int(port), "token": "t", "bucket": "salt"})
        functions["influxdb.returner"](return_of())

    assert [asked.path for asked in service.asked] == ["/query"]


def test_sentry_gets_what_failed(make: Make):
    with WebService() as service:
        dsn = service.url.replace("http://", "http://key@") + "/7"
        table = make(**{"raven.dsn": dsn, "raven.tags": ["os", "nosuch"]}, grains={"os": "Debian"})
        table["sentry.returner"](WELL)
        table["sentry.returner"](RUN)

    (asked,) = service.asked
    assert asked.path == "/api/7/envelope/"
    assert "sentry_key=key" in asked.headers["x-sentry-auth"]
    head, kind, event = (json.loads(line) for line in asked.body.splitlines())
    assert (kind["type"], head["event_id"]) == ("event", event["event_id"])
    assert (event["level"], event["server_name"]) == ("error", "m1")
    assert event["tags"] == {"os": "Debian", "jid": JID}
    assert list(event["extra"]["return"]) == ["service_|-id2_|-n2_|-running"]


def _zabbix(data: bytes) -> bytes:
    assert data[:5] == b"ZBXD\x01"
    assert int.from_bytes(data[5:13], "little") == len(data) - 13
    failed = sum(item["host"] != "m1" for item in json.loads(data[13:])["data"])
    text = json.dumps({"response": "success", "info": f"processed: 1; failed: {failed}; total: 1"}).encode()
    return b"ZBXD\x01" + len(text).to_bytes(8, "little") + text


def test_zabbix_is_told_of_states(make: Make):
    with Listener(_zabbix) as zabbix:
        table = make(**{"zabbix.server": "127.0.0.1", "zabbix.port": zabbix.port})
        table["zabbix.returner"](return_of())
        table["zabbix.returner"](RUN)
        zabbix.wait()
        with pytest.raises(Exception, match="failed: 1"):
            table["zabbix.returner"](return_of(id="m9", retcode=1, success=False))

    told = json.loads(zabbix.heard[0][13:])["data"]
    assert [(item["host"], item["key"], item["value"]) for item in told] == [
        ("m1", "salt.trap.info", "web id0: comment <0>"), ("m1", "salt.trap.high", "web id2: comment <2>"),
    ]  # fmt: skip
