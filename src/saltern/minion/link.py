"""One connection to one master, from the minion's side."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Callable

import msgspec

from saltern.errors import LinkClosed, ProtocolError, SalternError
from saltern.minion.desk import Desk
from saltern.minion.outbox import Entry
from saltern.minion.own_pillar import OwnPillar
from saltern.transport import frames
from saltern.transport.contract import Link

log = logging.getLogger(__name__)

_SILENCE = 3
"""Heartbeats without a word from the master after which the connection counts as dead."""
_RESEND = 30.0
"""Seconds after which a return that the master has not confirmed is sent again."""


class LinkOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Who this minion is, and how it tells of itself.

    `start_grains` names the grains that its start event has, `legacy_start`: it is told under the tag of old as well.
    """

    id: str
    software: str
    started: float
    capabilities: tuple[str, ...] = ("chunks", "progress")
    start_grains: tuple[str, ...] = ()
    legacy_start: bool = False


class MasterLink:
    """A `transport.contract.Handler`, and the desk's `MasterPort`; lives as long as the process, over reconnects."""

    def __init__(
        self,
        options: LinkOptions,
        desk: Desk,
        on_welcome: Callable[[frames.Welcome], None],
        on_goodbye: Callable[[frames.Goodbye], None],
    ) -> None:
        self._options = options
        self._desk = desk
        self._on_welcome = on_welcome
        self._on_goodbye = on_goodbye
        self._link: Link | None = None
        self._welcomed = False
        self._master = ""
        self._sent: dict[str, float] = {}
        self._heard = 0.0
        self._numbers = itertools.count(1)
        self._transfers = itertools.count(1)
        self._questions: dict[int, asyncio.Future[frames.Reply]] = {}
        self._pieces: dict[int, bytearray] = {}
        self._pillar = OwnPillar(self.ask)
        self._beat: asyncio.TimerHandle | None = None
        self._heartbeat = 30.0
        self._flushing: asyncio.Task[None] | None = None
        self._again = False
        self._greeting: asyncio.Task[None] | None = None
        self.reconnect_within = 1.0
        self.ended: asyncio.Future[None] | None = None

    # --- MasterPort ---------------------------------------------------------------------------------------------

    @property
    def master(self) -> str:
        return self._master

    @property
    def pillar(self) -> OwnPillar:
        return self._pillar

    @property
    def connected(self) -> bool:
        return self._link is not None and self._welcomed

    def tell(self, frame: frames.Ack | frames.Progress | frames.EventFrame) -> None:
        if self._link is None or not self._welcomed:
            return
        try:
            self._link.send(frame)
        except SalternError as error:
            log.debug("not sent: %s", error)

    def flush(self) -> None:
        """Send what the outbox holds for this master and was not sent on this connection."""
        if not self.connected:
            return
        self._again = True
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.get_running_loop().create_task(self._flush())

    async def ask(self, verb: str, args: bytes) -> frames.Reply:
        """Put a request to the master; an error reply when the connection ends before it answers."""
        number = next(self._numbers)
        answer: asyncio.Future[frames.Reply] = asyncio.get_running_loop().create_future()
        self._questions[number] = answer
        try:
            if self._link is None or not self._welcomed:
                raise LinkClosed("the minion is not connected to its master")
            self._link.send(frames.Request(number, verb, args))
            return await answer
        except SalternError as error:
            return frames.Reply(number, ok=False, body=msgspec.msgpack.encode(error.to_data()))
        finally:
            self._questions.pop(number, None)
            self._pieces.pop(number, None)

    # --- Handler ------------------------------------------------------------------------------------------------

    def opened(self, link: Link) -> None:
        self._link = link
        self._welcomed = False  # until then a master takes nothing but Hello
        self._heard = time.monotonic()
        self._greeting = asyncio.get_running_loop().create_task(self._greet(link))

    async def _greet(self, link: Link) -> None:
        await self._desk.grains_ready.wait()
        if self._link is not link:
            return
        link.send(
            frames.Hello(
                version=frames.VERSION,
                software=self._options.software,
                digest=self._desk.grains_digest,
                running=self._desk.running(),
                outbox=self._desk.outbox.waiting(),
                started=self._options.started,
                capabilities=list(self._options.capabilities),
                start_grains=self._desk.encoded_grains(self._options.start_grains),
                legacy_start=self._options.legacy_start,
            )
        )

    def received(self, frame: frames.AnyFrame) -> None:
        self._heard = time.monotonic()
        match frame:
            case frames.JobFrame():
                self._desk.take(frame, self)
            case frames.Stored():
                self._stored(frame)
            case frames.Reply():
                self._answered(frame)
            case frames.Cancel():
                self._desk.cancel(frame)
            case frames.Refresh():
                self._refresh(frame.what)
            case frames.Welcome():
                self._welcome(frame)
            case frames.Pace():
                self._heartbeat, self.reconnect_within = frame.heartbeat, frame.reconnect
            case frames.Goodbye():
                self._on_goodbye(frame)
            case _:
                raise ProtocolError(f"a master does not send {type(frame).__name__}")

    def closed(self, error: Exception | None) -> None:
        log.info("the connection to master %s ended%s", self._master or "(not greeted)", f": {error}" if error else "")
        self._link = None
        self._welcomed = False
        self._sent.clear()
        self._pillar.gone()
        if self._beat:
            self._beat.cancel()
        for answer in self._questions.values():
            if not answer.done():
                answer.set_exception(LinkClosed("the connection to the master ended"))
        if self.ended and not self.ended.done():
            self.ended.set_result(None)

    # --- steps --------------------------------------------------------------------------------------------------

    def _welcome(self, frame: frames.Welcome) -> None:
        if frame.version != frames.VERSION:
            raise ProtocolError(f"the master speaks wire version {frame.version}, this minion {frames.VERSION}")
        self._master = frame.master
        self._welcomed = True
        self._heartbeat, self.reconnect_within = frame.heartbeat, frame.reconnect
        if frame.want_grains:
            self.send_grains()
        self._schedule_beat()
        self.flush()
        self._pillar.greeted(wanted=frame.want_pillar)
        self._on_welcome(frame)

    def send_grains(self) -> None:
        if self._link is not None and self.connected:
            self._link.send(frames.Grains(self._desk.grains_digest, self._desk.grains_data))

    def _answered(self, frame: frames.Reply) -> None:
        """A reply, or a piece of a large one: what nobody waits for any more is not collected."""
        answer = self._questions.get(frame.number)
        if answer is None or answer.done():
            return
        if frame.more or frame.number in self._pieces:
            pieces = self._pieces.setdefault(frame.number, bytearray())
            pieces += frame.body
            if frame.more:
                return
            frame = msgspec.structs.replace(frame, body=bytes(pieces))
        answer.set_result(frame)

    def _refresh(self, what: str) -> None:
        if what == "heartbeat":
            self._send_beat()
        elif what == "returns":
            self._sent.clear()
            self.flush()
        else:
            self._desk.refresh(what)

    def _schedule_beat(self) -> None:
        if self._beat:
            self._beat.cancel()
        self._beat = asyncio.get_running_loop().call_later(self._heartbeat, self._on_beat)

    def _on_beat(self) -> None:
        if self._link is None:
            return
        if time.monotonic() - self._heard > _SILENCE * self._heartbeat:
            log.warning("no word from master %s for %d heartbeats: connecting again", self._master, _SILENCE)
            self._link.abort()
            return
        self._send_beat()
        self._desk.trim_outbox()
        self._resend_unconfirmed()
        self._schedule_beat()

    def _send_beat(self) -> None:
        if self._link is not None:
            self._link.send(frames.Heartbeat(self._desk.running()))

    def _resend_unconfirmed(self) -> None:
        since = time.monotonic() - _RESEND
        late = [key for key, at in self._sent.items() if at < since]
        for key in late:
            del self._sent[key]
        self.flush()

    def _stored(self, frame: frames.Stored) -> None:
        for key, reason in frame.refused.items():
            log.error("master %s will not take the return of job %s: %s", self._master, key, reason)
        for key in (*frame.jids, *frame.refused):
            self._sent.pop(key, None)
            self._desk.outbox.drop(key)

    async def _flush(self) -> None:
        try:
            while self._again:
                self._again = False
                for key in self._desk.outbox.waiting():
                    await self._send_return(key)
        except SalternError as error:
            log.debug("the outbox waits for the next connection: %s", error)

    async def _send_return(self, key: str) -> None:
        if key in self._sent:
            return
        entry = self._desk.outbox.get(key)
        if entry is None or entry.described().master not in ("", self._master):
            return
        if self._link is None:
            raise LinkClosed("the connection to the master ended")
        self._sent[key] = time.monotonic()
        if entry.size <= frames.CHUNK:
            self._link.send(frames.ReturnFrame(key, entry.head, entry.body(), 0, entry.size))
            await self._link.drain()
        else:
            await self._send_large(self._link, entry)

    async def _send_large(self, link: Link, entry: Entry) -> None:
        transfer, offset = next(self._transfers), 0
        for piece in entry.pieces(frames.CHUNK):
            link.send(frames.Chunk(transfer, offset, piece))
            offset += len(piece)
            await link.drain()
        link.send(frames.ReturnFrame(entry.key, entry.head, b"", transfer, entry.size))
