"""Requests to a real web server of this test. Shapes and texts are those of Salt 3008.2."""

from __future__ import annotations

import http.server
import json
import threading
from pathlib import Path

import pytest
from shipped import Shipped

from servers import free_port

pytestmark = pytest.mark.behaviour("STM-02")
PLAIN = {"/text": "hello world", "/xml": "<a><b>1</b><c><d>2</d></c></a>", "/yaml": "a: 1\nb: [x]\n"}
STATUS = {"/404": 404, "/500": 500, "/redir": 302, "/late": 503}


class Answering(http.server.BaseHTTPRequestHandler):
    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        path = self.path.partition("?")[0]
        sent = {key.lower(): value for key, value in self.headers.items()}
        told = {"method": self.command, "path": self.path, "body": body}
        told["sent"] = {key: sent[key] for key in ("x-a", "authorization", "content-type", "cookie") if key in sent}
        text = PLAIN.get(path) or json.dumps(told)
        self.server.seen.append(path)
        late = path == "/late" and self.server.seen.count("/late") > 2
        self.send_response(200 if late else STATUS.get(path, 200))
        if path == "/redir":
            self.send_header("Location", self.path.partition("?to=")[2] or "/text")
        self.send_header("Content-Type", "text/plain" if path in PLAIN else "application/json")
        self.send_header("Set-Cookie", "k=v")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text.encode())

    do_GET = do_POST = do_PUT = do_HEAD = do_PATCH = answer  # noqa: N815

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering) as running:
        running.seen = []
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def url(server) -> str:
    return f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def minion(tmp_path: Path) -> Shipped:
    (tmp_path / "cache").mkdir()
    return Shipped(tmp_path)


def told(minion: Shipped, fun: str, name: str, **kwargs) -> tuple:
    result = minion.state(fun, name, **kwargs)
    return result["result"], result["comment"]


def test_answers(minion, url):
    def ask(path, **kwargs):
        return minion.call("http.query", url + path, **kwargs)

    assert ask("/text") == {"body": "hello world"}
    whole = ask("/text", text=True, status=True, headers=True)
    assert (whole["body"], whole["text"], whole["status"]) == ("hello world", "hello world", 200)
    assert whole["headers"]["Content-Type"] == "text/plain"
    assert ask("/redir", status=True) == {"body": "hello world", "status": 200}
    assert ask("/json", decode=True)["dict"]["method"] == "GET"
    assert ask("/xml", decode=True, decode_type="xml")["dict"] == [{"b": "1"}, {"c": {"d": "2"}}]
    assert ask("/yaml", decode=True, decode_type="yaml")["dict"] == {"a": 1, "b": ["x"]}
    assert ask("/text", decode=True) == {"body": "hello world", "text": "hello world"}
    wrong = ask("/text", decode=True, decode_type="bogus")
    assert wrong["error"] == "Invalid decode_type specified. Valid decode types are: ('json', 'xml', 'yaml', 'plain')"
    assert "The answer is no json" in minion.outcome("http.query", url + "/text", decode=True, decode_type="json").value
    assert ask("/text", test=True) == {}


def test_what_is_sent(minion, url):
    def seen(**kwargs):
        return minion.call("http.query", url + "/j", decode=True, **kwargs)["dict"]

    form = {"content-type": "application/x-www-form-urlencoded"}
    assert seen(method="POST", data="abc") == {"method": "POST", "path": "/j", "body": "abc", "sent": form}
    assert seen(method="POST", data={"a": 1})["body"] == "a=1"
    in_json = seen(method="POST", data={"a": 1}, header_dict={"Content-Type": "application/json", "X-A": "b"})
    assert json.loads(in_json["body"]) == {"a": 1}
    assert in_json["sent"] == {"content-type": "application/json", "x-a": "b"}
    assert seen(params={"a": "b c"})["path"] == "/j?a=b+c"
    assert seen(username="u", password="p")["sent"] == {"authorization": "Basic dTpw"}
    assert seen(header_list=["X-A: zz"])["sent"] == {"x-a": "zz"}
    rendered = minion.write("body", "{{ who }}")
    assert seen(method="PUT", data_file=str(rendered))["body"] == "{{ who }}"
    assert seen(method="PUT", data_file=str(rendered), data_render=True, template_dict={"who": "me"})["body"] == "me"
    assert seen(cookies=True)["sent"] == {}
    assert seen(cookies=True)["sent"] == {"cookie": "k=v"}


def test_passwords_stay_with_their_server(minion, url, server):
    def seen(place):
        given = {"username": "u", "password": "p", "header_dict": {"X-A": "b"}}
        return minion.call("http.query", f"{url}/redir?to={place}", decode=True, **given)["dict"]["sent"]

    assert seen("/j") == {"authorization": "Basic dTpw", "x-a": "b"}
    assert seen(f"http://localhost:{server.server_port}/j") == {"x-a": "b"}


def test_what_goes_wrong(minion, url):
    failed = minion.call("http.query", url + "/404")
    assert (failed["status"], failed["error"]) == (404, "HTTP 404: Not Found")
    assert set(minion.call("http.query", url + "/404", raise_error=False)) == {"body"}
    nobody = f"http://127.0.0.1:{free_port()}"
    assert minion.call("http.query", nobody) == {"error": "[Errno 111] Connection refused"}
    assert "Unsupported url scheme: bogus" in minion.outcome("http.query", "bogus").value
    assert "Unsupported url scheme: file" in minion.outcome("http.query", "file:///etc/passwd").value
    assert "does not know colour" in minion.outcome("http.query", url, colour=1).value


def test_answers_go_to_files(minion, url, tmp_path):
    text, data = tmp_path / "text", tmp_path / "data"
    minion.call("http.query", url + "/json", text_out=str(text), decode=True, decode_out=str(data))
    assert json.loads(text.read_text()) == json.loads(data.read_text())
    assert text.stat().st_mode & 0o777 == 0o600


def test_a_server_that_answers_late(minion, url, server):
    server.seen.clear()
    found = minion.call(
        "http.wait_for_successful_query", url + "/late", wait_for=30, request_interval=0.01, status=True
    )
    assert found["status"] == 200
    assert server.seen == ["/late"] * 3
    failed = minion.call("http.wait_for_successful_query", url + "/404", wait_for=0)
    assert failed["error"] == "HTTP 404: Not Found"


def test_states(minion, url):
    text = url + "/text"
    needed = " Either match text (match) or a status code (status) is required."
    assert told(minion, "http.query", text) == (False, needed)
    both = 'Match text "world" was found. Status 200 was found.'
    assert told(minion, "http.query", text, match="world", status=200) == (True, both)
    assert told(minion, "http.query", text, match="hellx") == (False, 'Match text "hellx" was not found.')
    pattern = {"match": "h.l+o", "match_type": "pcre"}
    assert told(minion, "http.query", text, **pattern) == (True, 'Match pattern "h.l+o" was found.')
    assert told(minion, "http.query", url + "/404", status=404) == (True, "Status 404 was found.")
    listed = {"status": [201, 202], "status_type": "list"}
    assert told(minion, "http.query", text, **listed) == (False, "Statuses [201, 202] were not found.")
    some = {"status": "2..", "status_type": "pcre"}
    assert told(minion, "http.query", text, **some) == (True, 'Status pattern "2.." was found.')
    assert told(minion, "http.query", text, status=200, status_type="bogus")[0] is False
    dry = told(minion, "http.query", text, match="hello", test=True)
    assert dry == (None, 'Match text "hello" was not found. (TEST MODE)')
    dry = told(minion, "http.query", url + "/404", match="hello", test=True, test_url=text)
    assert dry == (None, f'Match text "hello" was found. (TEST MODE, TEST URL WAS: {text})')


def test_states_that_wait(minion, url, server):
    server.seen.clear()
    wait = {"wait_for": 30, "request_interval": 0.01, "status": 200}
    assert told(minion, "http.wait_for_successful_query", url + "/late", **wait) == (True, "Status 200 was found.")
    assert server.seen == ["/late"] * 3
    server.seen.clear()
    assert told(minion, "http.query", url + "/late", **wait) == (True, "Status 200 was found.")
    failed = told(minion, "http.wait_for_successful_query", url + "/404", status=200, wait_for=0)
    assert failed == (False, "Status 200 was not found.")
