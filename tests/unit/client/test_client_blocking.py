"""The blocking side of the operator protocol."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from saltern.client import contract
from saltern.client.blocking import MasterSocket
from saltern.errors import (
    ArgumentError,
    JobNotFound,
    LinkClosed,
    MasterNotRunning,
    ProtocolError,
    SalternError,
    Unreachable,
)
from scripted_master import ScriptedMaster


def test_items_come_before_the_end(scripted: ScriptedMaster) -> None:
    scripted.script[contract.FollowEvents] = [{"kind": "item", "seq": 1}, {"kind": "item", "seq": 2}, {"kind": "end"}]

    with MasterSocket(str(scripted.path)).stream({"verb": "events"}) as answers:
        assert [answer["seq"] for answer in answers] == [1, 2]
        assert answers.end == {"kind": "end"}


@pytest.mark.parametrize("error", [JobNotFound("no job 7", hint="saltern jobs list"), SalternError("odd")])
def test_an_error_arrives_as_what_it_was(scripted: ScriptedMaster, error: SalternError) -> None:
    scripted.script[contract.ShowJob] = error

    with pytest.raises(type(error)) as caught:
        MasterSocket(str(scripted.path)).ask({"verb": "job", "jid": "7"})

    assert (type(caught.value), caught.value.to_data()) == (type(error), error.to_data())


def test_a_stream_may_be_left_while_another_is_read(scripted: ScriptedMaster) -> None:
    scripted.script[contract.FollowEvents] = [{"kind": "item", "seq": 1}, {"kind": "hold"}]
    scripted.script[contract.Ping] = [{"kind": "end", "pid": 7}]
    master = MasterSocket(str(scripted.path))

    with master.stream({"verb": "events"}) as answers:
        assert next(iter(answers))["seq"] == 1
        assert master.ask({"verb": "ping"})["pid"] == 7


def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(MasterNotRunning) as caught:
        MasterSocket(str(tmp_path / "no.sock"), hint="start it").ask({"verb": "ping"})

    assert str(tmp_path / "no.sock") in caught.value.message
    assert caught.value.hint == "start it"


def test_a_socket_that_was_left_behind_is_nobody_there(short_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(short_path / "old.sock"))

    with pytest.raises(MasterNotRunning):
        MasterSocket(str(short_path / "old.sock")).ask({"verb": "ping"})


def test_a_silent_master_is_left_after_a_while(scripted: ScriptedMaster) -> None:
    scripted.script[contract.Ping] = [{"kind": "hold"}]

    with pytest.raises(Unreachable, match="in time"):
        MasterSocket(str(scripted.path)).ask({"verb": "ping"}, timeout=0.05)


@pytest.mark.parametrize("value", ["\udcff", {"a": ["\udcff"]}])
def test_what_no_message_can_carry_is_the_callers_fault(scripted: ScriptedMaster, value: object) -> None:
    with pytest.raises(ArgumentError):
        MasterSocket(str(scripted.path)).ask({"verb": "publish", "fun": "test.echo", "arg": [value]})

    assert scripted.requests == []


def test_bytes_in_a_text_of_a_return_do_not_stop_the_reader(odd_master: OddMaster) -> None:
    odd_master.answer = b"\x82\xa4kind\xa3end\xa1x\xa1\xff"

    assert MasterSocket(str(odd_master.path)).ask({"verb": "ping"})["x"] == "\udcff"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"\xc1", ProtocolError),
        (msgspec.msgpack.encode([1]), ProtocolError),
        (msgspec.msgpack.encode({"kind": "odd"}), ProtocolError),
        (b"\x81\xa4kind", ProtocolError),
        (None, ProtocolError),
        (b"", LinkClosed),
    ],
    ids=["no MessagePack", "no map", "unknown kind", "cut map", "giant", "half frame"],
)
def test_a_master_that_breaks_the_protocol(odd_master: OddMaster, answer: bytes, error: type[SalternError]) -> None:
    odd_master.answer = answer

    with pytest.raises(error):
        MasterSocket(str(odd_master.path)).ask({"verb": "ping"})


class OddMaster:
    """Answers one request with any bytes; None: announces more than can be; empty: half a frame."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.answer: bytes | None = b""
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        with connection:
            connection.recv(4096)
            if self.answer is None:
                connection.sendall(b"\xff\xff\xff\xff")
            elif self.answer:
                connection.sendall(struct.pack(">I", len(self.answer)) + self.answer)
            else:
                connection.sendall(b"\x00\x00\x00\x09abc")


@pytest.fixture
def odd_master(short_path: Path) -> Iterator[OddMaster]:
    master = OddMaster(short_path / "odd.sock")
    yield master
    master.close()
