"""One simulated minion: speaks the real protocol, does no work."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import time

import msgspec

from saltern.errors import SalternError
from saltern.model.job import Return
from saltern.transport import frames
from saltern.transport.contract import Link
from saltern.version import VERSION

_encode = msgspec.msgpack.Encoder().encode


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """How simulated minions answer. `delay` in seconds, `size` in bytes (0: the answer is True), `drop` a share."""

    delay: float = 0.0
    size: int = 0
    drop: float = 0.0
    heartbeat: bool = True


class Counts(msgspec.Struct, kw_only=True):
    """What a swarm did."""

    enrolled: int = 0
    connects: int = 0
    failed_connects: int = 0
    cut: int = 0
    jobs: int = 0
    dropped: int = 0
    returns: int = 0
    stored: int = 0
    refused: int = 0
    resent: int = 0
    ack_ms: list[float] = []
    """From a return to the master's "stored", of the last returns of each process."""

    def add(self, other: Counts) -> None:
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


_ACKS_KEPT = 50_000


class FakeMinion:
    """A `transport.contract.Handler` that lives over reconnects. `closed_event` is set when its link has ended."""

    __slots__ = (
        "_behaviour",
        "_counts",
        "_link",
        "_random",
        "_sent",
        "_started",
        "_timer",
        "_waiting",
        "closed_event",
        "grains",
        "id",
        "welcomed",
    )

    def __init__(self, minion: str, behaviour: Behaviour, counts: Counts, seed: int) -> None:
        self.id = minion
        self.grains = _encode({"id": minion, "os": "Swarm", "os_family": "Swarm", "kernel": "Linux"})
        self.closed_event = asyncio.Event()
        self.welcomed = False
        self._behaviour = behaviour
        self._counts = counts
        self._random = random.Random(f"{seed}-{minion}")  # noqa: S311  (a simulation has to be repeatable)
        self._started = time.time()
        self._link: Link | None = None
        self._waiting: dict[str, bytes] = {}
        self._sent: dict[str, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    # --- Handler ------------------------------------------------------------------------------------------------

    def opened(self, link: Link) -> None:
        self._link = link
        self._counts.connects += 1
        digest = hashlib.sha256(self.grains).hexdigest()
        link.send(
            frames.Hello(
                frames.VERSION, VERSION, digest=digest, running={}, outbox=list(self._waiting), started=self._started
            )
        )

    def received(self, frame: frames.AnyFrame) -> None:
        match frame:
            case frames.JobFrame():
                self._job(frame)
            case frames.Stored(jids=jids, refused=refused):
                self._counts.stored += len(jids)
                self._counts.refused += len(refused)
                for jid in (*jids, *refused):
                    self._stored(jid)
            case frames.Welcome():
                self._welcome(frame)
            case frames.Refresh(what="heartbeat"):
                self._beat()
            case frames.Refresh(what="returns"):
                self._send_again()

    def closed(self, error: Exception | None) -> None:
        self._link = None
        self.welcomed = False
        self._counts.cut += 1
        if self._timer is not None:
            self._timer.cancel()
        self.closed_event.set()

    # --- what it does -------------------------------------------------------------------------------------------

    def _stored(self, jid: str) -> None:
        self._waiting.pop(jid, None)
        sent = self._sent.pop(jid, None)
        if sent is not None and len(self._counts.ack_ms) < _ACKS_KEPT:
            self._counts.ack_ms.append(round((time.monotonic() - sent) * 1000, 2))

    def _welcome(self, frame: frames.Welcome) -> None:
        self.welcomed = True
        if frame.want_grains and self._link is not None:
            self._link.send(frames.Grains(hashlib.sha256(self.grains).hexdigest(), self.grains))
        if self._behaviour.heartbeat:
            self._schedule_beat(frame.heartbeat * self._random.random(), frame.heartbeat)
        self._send_again()

    def _send_again(self) -> None:
        for jid in list(self._waiting):
            self._counts.resent += 1
            self._send(jid)

    def _schedule_beat(self, first: float, seconds: float) -> None:
        def beat() -> None:
            self._beat()
            self._timer = asyncio.get_running_loop().call_later(seconds, beat)

        self._timer = asyncio.get_running_loop().call_later(first, beat)

    def _beat(self) -> None:
        if self._link is not None:
            self._link.send(frames.Heartbeat(dict.fromkeys(self._waiting, 1)))

    def _job(self, frame: frames.JobFrame) -> None:
        self._counts.jobs += 1
        if self._behaviour.drop and self._random.random() < self._behaviour.drop:
            self._counts.dropped += 1
            return
        load = msgspec.msgpack.decode(frame.load)
        given = Return(jid=frame.jid, fun=load["fun"], fun_args=load["arg"], started=time.time(), finished=time.time())
        self._waiting[frame.jid] = _encode(given)
        if self._behaviour.delay:
            if self._link is not None:
                self._link.send(frames.Ack(frame.jid, os.getpid()))
            asyncio.get_running_loop().call_later(self._behaviour.delay, self._send, frame.jid)
        else:
            self._send(frame.jid)

    def _send(self, jid: str) -> None:
        head = self._waiting.get(jid)
        if self._link is None or head is None:
            return
        body = _encode(True if not self._behaviour.size else "x" * self._behaviour.size)
        try:
            self._send_body(self._link, jid, head, body)
        except SalternError:
            return  # it stays in `_waiting` and goes with the next connection
        self._sent[jid] = time.monotonic()
        self._counts.returns += 1

    @staticmethod
    def _send_body(link: Link, jid: str, head: bytes, body: bytes) -> None:
        if len(body) <= frames.CHUNK:
            link.send(frames.ReturnFrame(jid, head, body, 0, len(body)))
            return
        for offset in range(0, len(body), frames.CHUNK):
            link.send(frames.Chunk(1, offset, body[offset : offset + frames.CHUNK]))
        link.send(frames.ReturnFrame(jid, head, b"", 1, len(body)))
