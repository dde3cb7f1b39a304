"""What the minion's processes say to each other.

There are three kinds of process: the *supervisor* (the first one: small, without an event loop, forks the others), the
*link* (holds the connections to the masters) and one *worker* a job. The supervisor and the link talk over a
seqpacket socket; a worker and the link over a stream socket of their own, whose worker end travels from the link
through the supervisor into the worker. Messages are MessagePack, on the stream with a 4-byte length before each.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator

import msgspec

MESSAGE_BYTES = 64 << 10
"""A message between supervisor and link is smaller than this."""


class Message(msgspec.Struct, frozen=True, array_like=True):
    """Base of all messages."""


# --- link to supervisor -------------------------------------------------------------------------------------------


class Spawn(Message, frozen=True, tag=1):
    """Fork a worker; the socket that it shall use comes with this message.

    `task`: `job` (the load of `jid` is in the journal), `grains`, `returns` (to bring those that wait to returners),
    `beacons` (to watch what the file of that name says), or `enrol` (with `master`, an address).
    """

    task: str
    jid: str = ""
    master: str = ""
    follow: bool = False


class Reload(Message, frozen=True, tag=2):
    """Forget what is known about plugins: files changed."""


class Ready(Message, frozen=True, tag=3):
    """The link is connected; the supervisor may tell the service manager."""


# --- supervisor to link -------------------------------------------------------------------------------------------


class Started(Message, frozen=True, tag=16):
    jid: str
    pid: int


class Exited(Message, frozen=True, tag=17):
    """A worker ended. `status` is what `waitpid` gave, `os.waitstatus_to_exitcode` applied: negative for a signal.

    None is for a worker that could not be forked; its `pid` is 0.
    """

    jid: str
    pid: int
    status: int | None


class Stop(Message, frozen=True, tag=18):
    """Send what is in the outbox and end."""


# --- worker to link -----------------------------------------------------------------------------------------------


class Output(Message, frozen=True, tag=32):
    """`kind`: `stdout`, `stderr` or `prog`, see `transport.frames.Progress`."""

    kind: str
    number: int
    data: bytes


class Fire(Message, frozen=True, tag=33):
    """An event for the master; `data` is MessagePack of a dict."""

    tag: str
    data: bytes


class Ask(Message, frozen=True, tag=34):
    """A request to the master; an `Answer` of the same number follows."""

    number: int
    verb: str
    args: bytes


class Done(Message, frozen=True, tag=35):
    """The return of `key` is in the outbox."""

    key: str


class GrainsReady(Message, frozen=True, tag=36):
    digest: str
    data: bytes


class RefreshWanted(Message, frozen=True, tag=37):
    """`what`: `grains`, `modules`."""

    what: str


class PillarWanted(Message, frozen=True, tag=38):
    """The minion's pillar, with `fresh` asked of the master anew; an `Answer` of the same number follows."""

    number: int
    fresh: bool = False


class ReturnsWait(Message, frozen=True, tag=39):
    """Something waits for a returner."""


class Manage(Message, frozen=True, tag=40):
    """A function wants something of a part of the minion, as of its schedule; an `Answer` of that number follows."""

    number: int
    part: str
    verb: str
    args: bytes


# --- link to worker -----------------------------------------------------------------------------------------------


class Answer(Message, frozen=True, tag=48):
    number: int
    ok: bool
    body: bytes


ToSupervisor = Spawn | Reload | Ready
FromSupervisor = Started | Exited | Stop
FromWorker = Output | Fire | Ask | Done | GrainsReady | RefreshWanted | PillarWanted | ReturnsWait | Manage
ToWorker = Answer

encode = msgspec.msgpack.Encoder().encode
decode_to_supervisor = msgspec.msgpack.Decoder(ToSupervisor).decode
decode_from_supervisor = msgspec.msgpack.Decoder(FromSupervisor).decode
_decode_from_worker = msgspec.msgpack.Decoder(FromWorker).decode
_decode_to_worker = msgspec.msgpack.Decoder(ToWorker).decode


def packed(message: Message) -> bytes:
    """A message as it goes over a stream."""
    data = encode(message)
    return len(data).to_bytes(4, "big") + data


class FromWorkerReader:
    """Cuts what arrives from a worker into messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[FromWorker]:
        self._buffer += data
        while len(self._buffer) >= 4:
            end = 4 + int.from_bytes(self._buffer[:4], "big")
            if len(self._buffer) < end:
                return
            message = _decode_from_worker(bytes(self._buffer[4:end]))
            del self._buffer[:end]
            yield message


def receive_answer(stream: socket.socket) -> ToWorker:
    """Wait for the next message to a worker; `EOFError` when the link is gone."""
    length = int.from_bytes(_receive(stream, 4), "big")
    return _decode_to_worker(_receive(stream, length))


def _receive(stream: socket.socket, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        piece = stream.recv(min(length - len(data), 1 << 20))
        if not piece:
            raise EOFError("the link process is gone")
        data += piece
    return bytes(data)
