"""One connection of a minion, from the master's side. Who it is, the certificate says; nothing that it sends does."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from saltern.errors import FrameTooLarge, LinkClosed, ProtocolError, SalternError, StoreFull
from saltern.events import tags
from saltern.events.bus import EventBus
from saltern.fleet.registry import Fleet
from saltern.master.collector import Collector
from saltern.master.connections import Connections
from saltern.master.delivery import Delivery
from saltern.master.enrolment import Enrolment
from saltern.master.progress import ProgressHub
from saltern.master.requests import MinionRequests
from saltern.master.transfers import Transfers
from saltern.transport import frames
from saltern.transport.contract import Link

log = logging.getLogger(__name__)

_numbers = itertools.count(1)
_decode_map = msgspec.msgpack.Decoder(dict[str, Any]).decode
_PROBE = 2.0
"""Seconds that a link has to show life when another connection claims the same id."""
_FRAMES_A_SECOND = 2_000
"""A minion that sends more than this for long is read more slowly."""
_BURST = 20_000
_LATEST = 1e11
"""Seconds since 1970; beyond this there is no date."""
_MOST_RUNNING = 20_000
"""Jobs that one minion may say it works on."""


class HandlerOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`heartbeat` and `reconnect` in seconds, sizes in bytes; `spool` is where large returns arrive."""

    master: str
    spool: Path
    heartbeat: float = 30.0
    reconnect: float = 1.0
    max_return: int = 2 << 30
    max_event: int = 1 << 20


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """What a connection of a minion may set in motion."""

    connections: Connections
    enrolment: Enrolment
    delivery: Delivery
    collector: Collector
    fleet: Fleet
    bus: EventBus
    progress: ProgressHub
    requests: MinionRequests


class MinionHandler:
    """A `transport.contract.Handler`."""

    __slots__ = ("_allowance", "_claim", "_do", "_heard", "_link", "_minion", "_options", "_slowed", "_transfers")

    def __init__(self, services: Services, options: HandlerOptions) -> None:
        self._do = services
        self._options = options
        self._link: Link | None = None
        self._minion = ""
        self._heard = time.monotonic()
        self._allowance = float(_BURST)
        self._transfers: Transfers | None = None
        self._claim: asyncio.Task[None] | None = None
        self._slowed = False

    # --- Handler ------------------------------------------------------------------------------------------------

    def opened(self, link: Link) -> None:
        self._link = link
        if link.peer.id and not self._do.enrolment.admits(link.peer):
            link.send(frames.Goodbye("the key of this minion is not accepted", enrol=True))
            link.close("its key is not accepted")

    def received(self, frame: frames.AnyFrame) -> None:
        link = self._link
        if link is None:
            return
        self._allowance -= 1
        if self._allowance < 0:
            self._meter(link)
        if self._minion and (route := _ROUTES.get(type(frame))) is not None:
            route(self, link, frame)
            return
        if isinstance(frame, frames.Enrol):
            self._do.enrolment.enrol(link, frame)
            return
        if not link.peer.id:
            raise ProtocolError("a peer without a certificate may only enrol")
        if isinstance(frame, frames.Hello):
            self._hello(link, frame)
            return
        raise ProtocolError(f"{type(frame).__name__} before Hello")

    def closed(self, error: Exception | None) -> None:
        link, self._link = self._link, None
        if link is None:
            return
        self._do.enrolment.gone(link)
        self._do.requests.gone(link)
        if self._transfers:
            self._transfers.close()
        if self._minion and self._do.connections.remove(self._minion, link):
            log.info("minion %s left%s", self._minion, f": {error}" if error else "")
            self._do.fleet.disconnected(self._minion, time.time())
            self._do.delivery.left(self._minion)

    # --- who is it ----------------------------------------------------------------------------------------------

    def _hello(self, link: Link, hello: frames.Hello) -> None:
        if hello.version != frames.VERSION:
            link.send(frames.Goodbye(f"this master speaks wire version {frames.VERSION}, not {hello.version}"))
            link.close("wire version")
            return
        if self._minion or self._claim:
            raise ProtocolError("a second Hello")
        if not 0 <= hello.started < _LATEST:  # which no NaN is either
            raise ProtocolError(f"a minion cannot have started at {hello.started}")
        _check_number(hello.running)
        holder = self._do.connections.get(link.peer.id)
        if holder is None:
            self._admit(link, hello)
        else:
            self._claim = asyncio.get_running_loop().create_task(self._contest(link, hello, holder))

    async def _contest(self, link: Link, hello: frames.Hello, holder: Link) -> None:
        """Another connection has this id: the same minion come back, or a second machine with a copied key?"""
        minion = link.peer.id
        alive = self._do.fleet.started(minion) != hello.started and await self._answers(minion, holder)
        if self._link is not link:
            return
        if alive:
            self._turn_away(link, holder)
            return
        holder.close("the minion has connected anew")
        self._admit(link, hello)

    async def _answers(self, minion: str, holder: Link) -> bool:
        """Whether the link that has the id shows life within `_PROBE` seconds."""
        beats = self._do.fleet.beats(minion)
        try:
            holder.send(frames.Refresh("heartbeat"))
        except LinkClosed:
            return False
        for _ in range(20):
            await asyncio.sleep(_PROBE / 20)
            if self._do.connections.get(minion) is not holder:
                return False
            if self._do.fleet.beats(minion) > beats:
                return True
        return False

    def _turn_away(self, link: Link, holder: Link) -> None:
        minion = link.peer.id
        reason = f"a minion with the id {minion} and the same key is connected from {holder.peer.address}"
        log.error("%s; the one from %s is turned away", reason, link.peer.address)
        data = {"result": False, "act": "duplicate", "id": minion, "address": link.peer.address}
        self._do.bus.fire(tags.AUTH, data)
        link.send(frames.Goodbye(reason))
        link.close(reason)

    def _admit(self, link: Link, hello: frames.Hello) -> None:
        minion = self._minion = link.peer.id
        grains = self._grains_of_start(hello)
        restarted = self._do.fleet.started(minion) != hello.started
        self._do.connections.add(minion, link)
        known = self._do.fleet.connected(minion, link.peer.address, hello, time.time())
        link.send(
            frames.Welcome(
                version=frames.VERSION,
                master=self._options.master,
                heartbeat=self._options.heartbeat,
                reconnect=self._options.reconnect,
                want_grains=not known,
                renew=self._do.enrolment.should_renew(link.peer),
                want_pillar=not self._do.fleet.knows_pillar(minion),
            )
        )
        if restarted:
            self._tell_start(minion, hello, grains)
        self._do.delivery.greeted(minion, hello)

    def _tell_start(self, minion: str, hello: frames.Hello, grains: dict[str, Any]) -> None:
        data: dict[str, Any] = {"cmd": "_minion_event", "id": minion, "pretag": None, "tag": tags.minion_start(minion),
                                "data": f"Minion {minion} started at {time.ctime(hello.started)}"}  # fmt: skip
        if grains:
            data["grains"] = grains
        if hello.legacy_start:
            self._do.bus.fire(tags.LEGACY_MINION_START, data | {"tag": tags.LEGACY_MINION_START})
        self._do.bus.fire(tags.minion_start(minion), data)

    def _grains_of_start(self, hello: frames.Hello) -> dict[str, Any]:
        if len(hello.start_grains) > self._options.max_event:
            log.warning("the grains of the start event of %s are larger than max_event_size", self._minion)
            return {}
        try:
            return _decode_map(hello.start_grains) if hello.start_grains else {}
        except (msgspec.DecodeError, RecursionError) as error:
            raise ProtocolError(f"grains of a start that cannot be read: {error}") from error

    # --- what it says -------------------------------------------------------------------------------------------

    def _on_return(self, link: Link, frame: frames.ReturnFrame) -> None:
        if not frame.transfer:
            self._do.collector.add(link, self._minion, frame)
            return
        try:
            body = self._spool().finish(frame.transfer, frame.size)
        except FrameTooLarge as error:
            self._do.collector.add_without_value(link, self._minion, frame, error.message)
        except StoreFull:
            self._do.collector.postpone(link)
        else:
            self._do.collector.add(link, self._minion, frame, body)

    def _on_chunk(self, _: Link, frame: frames.Chunk) -> None:
        self._spool().add(frame)

    def _spool(self) -> Transfers:
        if self._transfers is None:
            name = f"{os_safe(self._minion)}-{next(_numbers)}"
            self._transfers = Transfers(self._options.spool, name, self._options.max_return)
        return self._transfers

    def _on_ack(self, _: Link, frame: frames.Ack) -> None:
        self._do.delivery.acknowledged(self._minion, frame.jid)

    def _on_progress(self, _: Link, frame: frames.Progress) -> None:
        if not self._do.delivery.works_on(self._minion, frame.jid):
            return
        self._do.progress.report(self._minion, frame)
        if frame.kind == "prog":
            self._tell_progress(frame)

    def _tell_progress(self, frame: frames.Progress) -> None:
        """An item of a generator is an event, too (behaviour JOB-14)."""
        if len(frame.data) > self._options.max_event:
            log.warning("an item of job %s from %s is larger than max_event_size", frame.jid, self._minion)
            return
        try:
            item = msgspec.msgpack.decode(frame.data)
        except msgspec.DecodeError as error:
            raise ProtocolError(f"an item of a job that cannot be read: {error}") from error
        tag = tags.job_progress(frame.jid, self._minion, frame.number)
        data = {"cmd": "_minion_event", "id": self._minion, "pretag": None, "tag": tag, "data": {"return": item}}
        self._do.bus.fire(tag, data)

    def _on_heartbeat(self, link: Link, frame: frames.Heartbeat) -> None:
        _check_number(frame.running)
        self._do.fleet.beat(self._minion, frame.running, time.time())
        link.send(frames.Pace(self._options.heartbeat, self._options.reconnect))

    def _on_grains(self, _: Link, frame: frames.Grains) -> None:
        self._do.fleet.take_grains(self._minion, frame.digest, frame.data)

    def _on_event(self, _: Link, frame: frames.EventFrame) -> None:
        if len(frame.data) > self._options.max_event:
            log.warning("an event of %s is larger than max_event_size and was dropped", self._minion)
            return
        self._do.requests.event(self._minion, frame)

    def _on_request(self, link: Link, frame: frames.Request) -> None:
        self._do.requests.serve(link, self._minion, frame)

    # --- a flood harms only its sender --------------------------------------------------------------------------

    def _meter(self, link: Link) -> None:
        """The allowance is used up: what the time since it was given last adds to it, or a pause."""
        now = time.monotonic()
        self._allowance = min(self._allowance + (now - self._heard) * _FRAMES_A_SECOND, _BURST)
        self._heard = now
        if self._allowance < 0 and not self._slowed:
            self._slowed = True
            link.pause()
            asyncio.get_running_loop().call_later(1.0, self._go_on, link)

    def _go_on(self, link: Link) -> None:
        self._slowed = False
        try:
            link.resume()
        except SalternError:
            log.debug("a link that was slowed down has closed")


def _check_number(running: Mapping[str, int]) -> None:
    if len(running) > _MOST_RUNNING:
        raise ProtocolError(f"a minion that works on {len(running)} jobs")


def os_safe(text: str) -> str:
    """An id as part of a file name."""
    return text.encode().hex()[:80]


_ROUTES: dict[type[frames.Frame], Callable[[MinionHandler, Link, frames.AnyFrame], None]] = {
    frames.ReturnFrame: MinionHandler._on_return,  # type: ignore[dict-item]
    frames.Chunk: MinionHandler._on_chunk,  # type: ignore[dict-item]
    frames.Ack: MinionHandler._on_ack,  # type: ignore[dict-item]
    frames.Progress: MinionHandler._on_progress,  # type: ignore[dict-item]
    frames.Heartbeat: MinionHandler._on_heartbeat,  # type: ignore[dict-item]
    frames.Grains: MinionHandler._on_grains,  # type: ignore[dict-item]
    frames.EventFrame: MinionHandler._on_event,  # type: ignore[dict-item]
    frames.Request: MinionHandler._on_request,  # type: ignore[dict-item]
}
