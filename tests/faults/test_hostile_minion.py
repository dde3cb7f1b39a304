"""A minion with a valid certificate is in the hands of an attacker: whatever it sends, it harms only itself."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest
import record
from fault_lab import running_lab
from hostile import HostileMinion
from lab import Lab

from saltern.model.jid import jid_of
from saltern.transport import frames

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("hostile-minion")]

JID = "20260101000000000000"
NO_JIDS = (
    "", "x", "2026", "../../../../escaped", JID + "/../../../../escaped", JID + "_/../../../../escaped", JID + "_",
    JID + "_" + "a" * 600, JID + "_\0", JID + "_ü", "٢" * 20, "\n" * 20, JID + "\n", "-" + JID[1:], JID + "_a/b",
)  # fmt: skip
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with running_lab("good", master={"heartbeat_interval": 2.0, "max_return_size": 3 * MEGABYTE}) as lab:
        yield lab


@pytest.fixture
def evil(lab: Lab) -> Iterator[HostileMinion]:
    """A hostile minion that is connected; after each test the good one must be as well as before."""
    master = psutil.Process(lab.pid("master"))
    with HostileMinion(lab, "evil").connect() as evil:
        yield evil
    assert psutil.Process(lab.pid("master")) == master, "the master was started again"
    assert record.returned(lab, "good", "test.ping") is True
    assert not list(lab.root.parent.glob("*escaped*")) + list(lab.root.rglob("*escaped*"))
    assert "Traceback" not in lab.log("master")


# --- returns ---------------------------------------------------------------------------------------------------------


def test_it_cannot_return_for_another_minion(lab: Lab, evil: HostileMinion) -> None:
    jid = record.publish(lab, "good", "test.sleep", 1)
    evil.give(jid, "forged", fun="test.sleep")
    assert "does not concern" in evil.wait_for(frames.Stored).refused[jid]
    record.wait_until_over(lab, jid)
    assert [row["minion"] for row in record.outcomes(lab, jid)] == ["good"]
    assert record.value(lab, jid, "good") is True


def test_it_cannot_return_for_a_job_that_is_not_there(lab: Lab, evil: HostileMinion) -> None:
    evil.give(JID, "forged")
    assert "no such job" in evil.wait_for(frames.Stored).refused[JID]
    assert JID not in record.jobs(lab)


def test_its_second_return_does_not_replace_its_first(lab: Lab, evil: HostileMinion) -> None:
    jid = record.publish(lab, "evil", "test.ping")
    evil.wait_for(frames.JobFrame)
    evil.give(jid, "first")
    record.wait_for_state(lab, jid, "evil", "returned")
    for number in range(200):
        evil.give(jid, "second" + "x" * (900 << 10), state="failed" if number % 2 else "returned", retcode=number % 2)
    evil.give(JID)
    while JID not in evil.wait_for(frames.Stored).refused:
        pass
    assert record.state(lab, jid, "evil") == "returned"
    assert record.value(lab, jid, "evil") == "first"
    with lab.socket.stream({"verb": "follow", "jid": jid}) as answers:
        assert [msgspec.msgpack.decode(row["body"]) for row in answers if row.get("body")] == ["first"]


def test_a_return_under_two_names_ends_its_connection(lab: Lab, evil: HostileMinion) -> None:
    jid = record.publish(lab, "good", "test.ping")
    given = frames.ReturnFrame(JID, msgspec.msgpack.encode({"jid": jid, "fun": "test.ping"}), b"\xc3", 0, 1)
    evil.send(given)
    assert evil.is_cut()


@pytest.mark.parametrize("jid", NO_JIDS)
def test_what_is_no_jid_is_not_taken_for_one(lab: Lab, evil: HostileMinion, jid: str) -> None:
    before = set(record.jobs(lab))
    evil.send(frames.Ack(jid), frames.Progress(jid, "stdout", 1, b"x"), frames.Heartbeat({jid: 1}))
    evil.give(jid)
    assert evil.is_cut()
    evil.connect(frames.Hello(frames.VERSION, "0", running={jid: 1}, outbox=[jid], started=time.time()))
    give_of_its_own(evil, jid)
    assert evil.is_cut()
    assert set(record.jobs(lab)) == before


def give_of_its_own(evil: HostileMinion, jid: str, **fields: Any) -> None:
    """A return that makes its job, as `saltern call` leaves it."""
    head = msgspec.msgpack.encode({"jid": "req", "fun": "test.ping", **fields})
    evil.send(frames.ReturnFrame(jid, head, b"\xc3", 0, 1))


def test_a_job_that_it_makes_itself_is_its_own_and_of_this_time(lab: Lab, evil: HostileMinion) -> None:
    now = jid_of(datetime.now(UTC))
    give_of_its_own(evil, f"{now}_evil")
    assert evil.wait_for(frames.Stored).jids == [f"{now}_evil"]
    assert record.jobs(lab)[f"{now}_evil"]["job"]["tgt"] == "evil"
    for jid in (now, "99991231235959999999_x", "20990101000000000000_x", "20261399999999999999_x"):
        give_of_its_own(evil, jid)
        assert jid in evil.wait_for(frames.Stored).refused
        assert jid not in record.jobs(lab)
    jid = record.publish(lab, "good", "test.ping", jid=f"{jid_of(datetime.now(UTC))}_mine")
    give_of_its_own(evil, jid)
    assert "does not concern" in evil.wait_for(frames.Stored).refused[jid]


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "queued"}, {"state": "expired"}, {"state": "nonsense"}, {"retcode": "one"}, {"retcode": {"a": []}},
        {"fun": 3}, {"fun_args": "x"}, {"started": "yesterday"}, {"metadata": []}, {"success": None},
    ],
)  # fmt: skip
def test_a_return_of_another_form_ends_its_connection(lab: Lab, evil: HostileMinion, fields: dict[str, Any]) -> None:
    jid = record.publish(lab, "evil", "test.ping")
    head = msgspec.msgpack.encode({"jid": jid, "fun": "test.ping", **fields})
    evil.send(frames.ReturnFrame(jid, head, b"\xc3", 0, 1))
    assert evil.is_cut()
    assert record.state(lab, jid, "evil") not in ("returned", "failed")


def test_the_odd_values_of_a_return_are_stored_within_bounds(lab: Lab, evil: HostileMinion) -> None:
    jid = record.publish(lab, "evil", "test.ping")
    text = "'; DROP TABLE outcome; --\0\n\x1b[2J\u202e" + "r" * 100_000
    evil.give(
        jid, reason=text, by=text, out=text, state="cancelled", retcode=-(1 << 63), started=float("nan"),
        finished=float("inf"), user=text, schedule=text, ret=text, tgt=["x"] * 1000,
    )  # fmt: skip
    found = record.wait_for_state(lab, jid, "evil", "cancelled")
    assert found["reason"] == text[: len(found["reason"])]
    assert len(found["reason"]) < 10_000 > len(found["out"])


def test_a_body_that_is_no_messagepack_is_only_that_bodys_trouble(lab: Lab, evil: HostileMinion) -> None:
    jid = record.publish(lab, "evil", "test.ping")
    evil.send(frames.ReturnFrame(jid, msgspec.msgpack.encode({"jid": jid, "fun": "x"}), b"\xc1\xff\x93", 0, 3))
    record.wait_for_state(lab, jid, "evil", "returned")
    assert record.outcomes(lab, jid)
    lab.ask("events", count=1, after=0)
    assert lab.run("jobs", "show", jid).returncode in (0, 1, 70, 76)


# --- large returns ---------------------------------------------------------------------------------------------------


def spool(lab: Lab) -> list[Path]:
    return list(lab.root.glob("r/**/master/incoming/*"))


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([(1, 5, b"x")], id="a gap at the start"),
        pytest.param([(1, 0, b"x"), (1, 2, b"x")], id="a gap"),
        pytest.param([(1, 0, b"xx"), (1, 0, b"x")], id="twice"),
        pytest.param([(1, -1, b"x")], id="a negative offset"),
        pytest.param([(1, 1 << 62, b"x")], id="far away"),
        pytest.param([(number, 0, b"x") for number in range(100)], id="too many at once"),
    ],
)
def test_pieces_that_do_not_fit_end_its_connection(
    lab: Lab, evil: HostileMinion, pieces: list[tuple[int, int, bytes]]
) -> None:
    evil.send(*(frames.Chunk(*piece) for piece in pieces))
    assert evil.is_cut()
    record.soon(lambda: not spool(lab), "the pieces were left behind")


def test_a_large_return_that_is_not_whole_is_thrown_away(lab: Lab, evil: HostileMinion) -> None:
    jid = record.publish(lab, "evil", "test.ping")
    head = msgspec.msgpack.encode({"jid": jid, "fun": "test.ping"})
    evil.send(frames.Chunk(1, 0, b"x" * 100_000), frames.ReturnFrame(jid, head, b"", 1, 100_001))
    assert evil.is_cut()
    record.soon(lambda: not spool(lab), "the pieces were left behind")
    evil.connect()
    evil.send(frames.ReturnFrame(jid, head, b"", 7, 1))
    assert evil.is_cut()
    assert record.state(lab, jid, "evil") not in ("returned", "failed")


def test_a_return_beyond_the_bound_is_refused_for_good_and_the_job_says_so(lab: Lab, evil: HostileMinion) -> None:
    jid = record.publish(lab, "evil", "test.ping")
    piece = b"x" * (256 << 10)
    for number in range(16):
        evil.send(frames.Chunk(1, number * len(piece), piece))
    head = msgspec.msgpack.encode({"jid": jid, "fun": "test.ping"})
    evil.send(frames.ReturnFrame(jid, head, b"", 1, 16 * len(piece)))
    assert evil.wait_for(frames.Stored).jids == [jid]
    assert "more than" in record.wait_for_state(lab, jid, "evil", "failed")["reason"]
    assert "more than" in record.value(lab, jid, "evil")
    assert not spool(lab)


# --- frames ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\xff\xff\xff\xff", id="4 GiB announced"),
        pytest.param((MEGABYTE + 1).to_bytes(4, "big") + b"x" * 1000, id="just too large"),
        pytest.param(b"\0\0\0\0", id="empty"),
        pytest.param(b"\0\0\0\1\xc1", id="no MessagePack"),
        pytest.param(b"\0\0\0\2\x91\x63", id="unknown frame"),
        pytest.param(b"\0\0\0\6\x96\x23\xa0\xc4\0\0", id="a frame of the master"),
        pytest.param((1 << 19).to_bytes(4, "big") + b"\x91" * (1 << 19), id="nested 500,000 deep"),
        pytest.param(b"\0\0\0\x0a\x94\x02\xdd\xff\xff\xff\xff\0\0\0", id="a list of 4 billion"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: master\r\n\r\n", id="another protocol"),
    ],
)
def test_bytes_that_are_no_frame_end_its_connection(lab: Lab, evil: HostileMinion, data: bytes) -> None:
    evil.send_bytes(data)
    assert evil.is_cut()


def test_half_frames_cost_little_and_are_forgotten(lab: Lab, evil: HostileMinion) -> None:
    master = psutil.Process(lab.pid("master"))
    before = master.memory_info().rss
    half = (MEGABYTE - 10).to_bytes(4, "big") + b"\x93" + b"x" * 900_000
    for _ in range(30):
        evil.connect()
        evil.send_bytes(half)
    evil.close()
    record.soon(lambda: "evil" not in lab.connected(), "the connection did not end")
    assert master.memory_info().rss - before < 60 * MEGABYTE


@pytest.mark.parametrize("started", [float("nan"), float("inf"), -1.0, 1e300])
def test_a_greeting_from_no_time_is_not_taken(lab: Lab, evil: HostileMinion, started: float) -> None:
    evil.connect(frames.Hello(frames.VERSION, "0", started=started), wait=False)
    assert evil.is_cut()


def test_what_comes_before_or_after_its_turn_ends_its_connection(lab: Lab, evil: HostileMinion) -> None:
    evil.send(frames.Hello(frames.VERSION, "0", started=1.0))
    assert evil.is_cut()
    for early in (frames.Ack(JID), frames.Heartbeat(), frames.Chunk(1, 0, b"x"), frames.Request(1, "file_list")):
        evil.open()
        evil.send(early)
        assert evil.is_cut()
    evil.connect(frames.Hello(99, "0", started=1.0), wait=False)
    assert "wire version" in evil.wait_for(frames.Goodbye).reason


def test_it_cannot_have_the_certificate_of_another(lab: Lab, evil: HostileMinion) -> None:
    evil.send(frames.Enrol("good", evil.identity.request()))
    assert evil.is_cut()


def test_grains_that_are_none_end_its_connection(lab: Lab, evil: HostileMinion) -> None:
    import hashlib

    deep = b"\x81\xa1a" * 300_000 + b"\xc0"
    for data in (b"\xc1", b"\x93\1\2\3", b"", deep, b"\xdf\xff\xff\xff\xff"):
        evil.connect()
        evil.send(frames.Grains(hashlib.sha256(data).hexdigest(), data))
        assert evil.is_cut()
    evil.connect()
    evil.send(frames.Grains("0" * 64, b"\x80"))
    assert evil.is_cut()


# --- events and requests ---------------------------------------------------------------------------------------------

MASTERS_TAGS = (
    "salt/auth", "salt/key", f"salt/job/{JID}/new", f"salt/job/{JID}/ret/good", f"salt/job/{JID}/ret/evil",
    f"salt/run/{JID}/ret", "salt/wheel/x", "salt/presence/change", "salt/minion/good/start", "salt/beacon/good/x",
    "minion/refresh/good", "syndic/x", "salt/minion/evil-twin/start", "salt/minion/good", "", "x" * 600, "a\nb", "a\0",
)  # fmt: skip


def test_its_events_cannot_pretend_to_be_the_masters_or_of_another_minion(lab: Lab, evil: HostileMinion) -> None:
    before = last_event(lab)
    data = msgspec.msgpack.encode({"id": "good", "forged": True, "jid": JID, "_stamp": "never", "cmd": "_return"})
    evil.send(*(frames.EventFrame(tag, data) for tag in MASTERS_TAGS))
    bad = (b"\xc1", b"\x93\1\2\3", b"", b"\x81" * 500_000, msgspec.msgpack.encode({"x": "y" * 1_040_000}))
    evil.send(*(frames.EventFrame("evil/data", each) for each in bad))
    evil.send(frames.EventFrame("my/own", data), frames.EventFrame("salt/minion/evil/start", data))
    record.soon(lambda: last_event(lab) > before, "its own events do not come")
    time.sleep(0.2)
    forged = [row for row in events(lab, before) if b"forged" in row["data"]]
    assert [row["tag"] for row in forged] == ["my/own", "salt/minion/evil/start"]
    for row in forged:
        assert msgspec.msgpack.decode(row["data"])["id"] == "evil"
        assert msgspec.msgpack.decode(row["data"])["_stamp"] != "never"


def last_event(lab: Lab) -> int:
    return int(lab.ask("send_event", tag="test/mark")["seq"]) - 1


def events(lab: Lab, after: int) -> list[dict[str, Any]]:
    """The events after a cursor, up to now."""
    end = int(lab.ask("send_event", tag="test/end")["seq"])
    found = []
    with lab.socket.stream({"verb": "events", "after": after}) as items:
        for row in items:
            if row["seq"] >= end:
                return found
            found.append(row)
    raise AssertionError("the events ended")


def test_it_shows_nothing_to_those_who_watch_the_job_of_another(lab: Lab, evil: HostileMinion) -> None:
    jid = record.publish(lab, "good", "test.sleep", 1, follow=True)
    with lab.socket.stream({"verb": "follow", "jid": jid, "progress": True}) as answers:
        evil.send(*(frames.Progress(jid, kind, 1, b"\xa6forged") for kind in ("stdout", "stderr", "prog")))
        assert not [row for row in answers if "progress" in row]


@pytest.mark.parametrize(
    ("verb", "args"),
    [
        ("publish", {"tgt": "*", "fun": "cmd.run"}), ("_file_read", {}), ("__class__", {}), ("", {}), ("x" * 1000, {}),
        ("file_read", {}), ("file_read", {"path": 3}), ("file_read", {"path": "a", "offset": -1}),
        ("file_read", {"path": "a", "offset": 1 << 62}), ("file_read", {"path": "x" * 100_000}),
        ("file_list", {"saltenv": "../../.."}), ("file_list", {"prefix": "../" * 50}),
        ("file_hash", {"paths": ["/etc/passwd"] * 20_000}), ("file_hash", {"paths": "x"}),
    ],
)  # fmt: skip
def test_a_request_out_of_order_is_answered_and_gives_nothing(
    lab: Lab, evil: HostileMinion, verb: str, args: dict[str, Any]
) -> None:
    evil.send(frames.Request(1, verb, msgspec.msgpack.encode(args)))
    reply = evil.wait_for(frames.Reply)
    value = msgspec.msgpack.decode(reply.body)
    assert not reply.ok or not value, value


@pytest.mark.parametrize("path", ["../../../../../etc/passwd", "/etc/passwd", "..", ".", "a/../../x", "\0", "a\0b", ""])
def test_no_path_leads_out_of_the_file_roots(lab: Lab, evil: HostileMinion, path: str) -> None:
    for saltenv in ("base", "../..", "/etc", "\0", ""):
        args = msgspec.msgpack.encode({"path": path, "saltenv": saltenv})
        evil.send(frames.Request(1, "file_read", args))
        reply = evil.wait_for(frames.Reply)
        assert not reply.ok or msgspec.msgpack.decode(reply.body) in (None, b"")
    evil.send(frames.Request(2, "file_list", b"\x81" * 100_000))
    assert not evil.wait_for(frames.Reply).ok


# --- floods ----------------------------------------------------------------------------------------------------------


def a_flood(kind: str) -> Callable[[int], list[frames.AnyFrame]]:
    """Makes the frames of one round of a flood."""
    body = b"\xc6" + (900 << 10).to_bytes(4, "big") + b"x" * (900 << 10)
    head = msgspec.msgpack.encode({"jid": JID, "fun": "test.ping"})
    makers: dict[str, Callable[[int], list[frames.AnyFrame]]] = {
        "returns": lambda number: [frames.ReturnFrame(JID, head, body, 0, len(body))] * 4,
        "small returns": lambda number: [frames.ReturnFrame(JID, head, b"\xc3", 0, 1)] * 500,
        "events": lambda number: [frames.EventFrame("flood/x", b"\x80")] * 500,
        "large events": lambda number: [frames.EventFrame("flood/x", b"\x81\xa1a" + body)] * 4,
        "requests": lambda number: [frames.Request(number, "file_list")] * 500,
        "heartbeats": lambda number: [frames.Heartbeat({str(job): job for job in range(1000)})] * 50,
        "acks": lambda number: [frames.Ack(JID)] * 1000,
        "progress": lambda number: [frames.Progress(JID, "stdout", number, b"x" * 1000)] * 200,
        "chunks": lambda number: [frames.Chunk(1, number << 18, body[: 1 << 18])],
    }
    return makers[kind]


@pytest.mark.parametrize(
    "kind",
    ["returns", "small returns", "events", "large events", "requests", "heartbeats", "acks", "progress", "chunks"],
)
def test_a_flood_drowns_only_its_sender(lab: Lab, evil: HostileMinion, kind: str) -> None:
    """It never reads what it is answered, and comes back whenever it is cut."""
    master = psutil.Process(lab.pid("master"))
    before = master.memory_info().rss
    stop = threading.Event()
    thread = threading.Thread(target=pour, args=(evil, a_flood(kind), stop))
    thread.start()
    most = 0
    try:
        end = time.monotonic() + 2.0
        while time.monotonic() < end:
            assert record.returned(lab, "good", "test.ping", seconds=5.0) is True
            most = max(most, master.memory_info().rss - before)
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()
    assert most < 160 * MEGABYTE, f"the master grew by {most >> 20} MiB"
    assert len(lab.log("master")) < 2 * MEGABYTE


def pour(evil: HostileMinion, make: Callable[[int], list[frames.AnyFrame]], stop: threading.Event) -> None:
    number = 0
    while not stop.is_set():
        with contextlib.suppress(OSError, AssertionError):
            evil.connect()
            assert evil.socket is not None
            evil.socket.settimeout(1.0)
            while not stop.is_set():
                evil.send(*make(number))
                number += 1


def test_it_cannot_fill_the_job_cache_with_jobs_of_its_own(lab: Lab, evil: HostileMinion) -> None:
    now = jid_of(datetime.now(UTC))
    before = len(record.jobs(lab))
    for number in range(3000):
        give_of_its_own(evil, f"{now}_{number}")
    evil.send(frames.Heartbeat())
    evil.wait_for(frames.Pace)
    record.soon(lambda: "too many jobs" in lab.log("master"), "nothing was held back")
    assert len(record.jobs(lab)) - before < 1500


# --- and after all that ----------------------------------------------------------------------------------------------


def test_the_master_starts_again_from_what_it_left(lab: Lab) -> None:
    lab.stop_master(signal.SIGKILL)
    lab.start_master()
    lab.wait_for_minions(["good"])
    now = jid_of(datetime.now(UTC))
    jid = record.publish(lab, "good", "test.ping")
    record.wait_for_state(lab, jid, "good", "returned")
    assert jid[:8] == now[:8]
