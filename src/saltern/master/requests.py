"""What a minion may ask of its master: a registry of verbs. What is not in it cannot be called."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from saltern.errors import ArgumentError, LinkClosed, NotFound, SalternError
from saltern.events import tags
from saltern.events.bus import EventBus
from saltern.transport.contract import Link
from saltern.transport.frames import EventFrame, Reply, Request

log = logging.getLogger(__name__)

Verb = Callable[[Mapping[str, Any]], Any]
"""Takes the arguments as a mapping, checks them, gives a plain value."""
_encode = msgspec.msgpack.Encoder().encode


class MinionRequests:
    """Serves requests of minions, off the event loop: verbs read the disk."""

    def __init__(self, verbs: Mapping[str, Verb], bus: EventBus) -> None:
        self._verbs = verbs
        self._bus = bus
        self._tasks: set[asyncio.Task[None]] = set()

    def serve(self, link: Link, minion: str, request: Request) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(link, minion, request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def event(self, minion: str, frame: EventFrame) -> None:
        """A minion fires an event; what it may not claim to be is dropped."""
        problem = tags.problem_of_minion_tag(frame.tag, minion)
        if problem:
            log.warning("an event of %s was dropped: %s", minion, problem)
            return
        try:
            data = msgspec.msgpack.decode(frame.data, type=dict[str, Any])
        except msgspec.DecodeError as error:
            log.warning("an event of %s was dropped: %s", minion, error)
            return
        event = {"cmd": "_minion_event", "id": minion, "pretag": None, "tag": frame.tag, "data": data}
        self._bus.fire(frame.tag, event)

    async def _serve(self, link: Link, minion: str, request: Request) -> None:
        try:
            value = await self._call(request)
            reply = Reply(request.number, ok=True, body=_encode(value))
        except SalternError as error:
            reply = Reply(request.number, ok=False, body=_encode(error.to_data()))
        try:
            link.send(reply)
        except LinkClosed:
            log.debug("minion %s left before its %s was answered", minion, request.verb)

    async def _call(self, request: Request) -> Any:
        verb = self._verbs.get(request.verb)
        if verb is None:
            raise NotFound(f"a minion cannot ask for {request.verb!r}")
        try:
            args = msgspec.msgpack.decode(request.args, type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise ArgumentError(f"{request.verb}: {error}") from error
        return await asyncio.to_thread(verb, args)
