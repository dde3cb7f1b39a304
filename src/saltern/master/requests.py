"""What a minion may ask of its master: a registry of verbs. What is not in it cannot be called."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from saltern.errors import ArgumentError, Conflict, LinkClosed, NotFound, SalternError
from saltern.events import tags
from saltern.events.bus import EventBus
from saltern.master.complaints import Complaints
from saltern.transport.contract import Link
from saltern.transport.frames import CHUNK, EventFrame, Reply, Request

log = logging.getLogger(__name__)

Verb = Callable[[str, Mapping[str, Any]], Any]
"""Takes the id of the minion that asks, which its certificate vouches for, and the arguments as a mapping; checks them,
gives a plain value. It runs in a thread, or is a coroutine function and runs on the event loop."""
_AT_ONCE = 2
"""Requests of one connection that are worked on at a time."""
_WAITING = 1_000
"""Requests of one connection that wait; a minion has one for each job at most."""
_THREADS = 8
_encode = msgspec.msgpack.Encoder().encode


class _Asker:
    """What one connection has asked. Few requests are worked on at a time, so that nobody takes all threads."""

    def __init__(self) -> None:
        self.turn = asyncio.Semaphore(_AT_ONCE)
        self.tasks: set[asyncio.Task[None]] = set()


class MinionRequests:
    """Serves requests of minions. Most verbs read the disk, and so run off the event loop."""

    def __init__(self, verbs: Mapping[str, Verb], bus: EventBus) -> None:
        self._verbs = verbs
        self._bus = bus
        self._complaints = Complaints(log)
        self._askers: dict[Link, _Asker] = {}
        # Its own threads: whatever else leaves the event loop does not wait behind minions.
        self._threads = ThreadPoolExecutor(_THREADS, "saltern-requests")

    def serve(self, link: Link, minion: str, request: Request) -> None:
        asker = self._askers.setdefault(link, _Asker())
        if len(asker.tasks) >= _WAITING:
            _answer(link, minion, request, Conflict(f"{_WAITING} requests of this minion wait already"))
            return
        task = asyncio.get_running_loop().create_task(self._serve(asker.turn, link, minion, request))
        asker.tasks.add(task)
        task.add_done_callback(asker.tasks.discard)

    def gone(self, link: Link) -> None:
        """A connection ended: nobody waits for these answers."""
        if (asker := self._askers.pop(link, None)) is not None:
            for task in asker.tasks:
                task.cancel()

    def event(self, minion: str, frame: EventFrame) -> None:
        """A minion fires an event; what it may not claim to be is dropped."""
        problem = tags.problem_of_minion_tag(frame.tag, minion)
        if problem:
            self._complaints.about(minion, "its event was dropped", problem)
            return
        try:
            data = msgspec.msgpack.decode(frame.data, type=dict[str, Any])
            self._bus.fire(frame.tag, _event(minion, frame.tag, data))
        except (msgspec.DecodeError, RecursionError, ArgumentError) as error:
            self._complaints.about(minion, "its event was dropped", str(error))

    async def _serve(self, turn: asyncio.Semaphore, link: Link, minion: str, request: Request) -> None:
        async with turn:
            try:
                answer = await self._call(minion, request)
            except SalternError as error:
                answer = error
            except Exception as error:  # the boundary: the one who asked must not wait for ever
                log.exception("the request %s of %s failed", request.verb, minion)
                answer = SalternError(f"{request.verb} failed: {type(error).__name__}")
        _answer(link, minion, request, answer)

    async def _call(self, minion: str, request: Request) -> Any:
        verb = self._verbs.get(request.verb)
        if verb is None:
            raise NotFound(f"a minion cannot ask for {request.verb!r}")
        try:
            args = msgspec.msgpack.decode(request.args, type=dict[str, Any])
        except (msgspec.DecodeError, RecursionError) as error:
            raise ArgumentError(f"{request.verb}: {error}") from error
        if inspect.iscoroutinefunction(verb):
            return await verb(minion, args)
        return await asyncio.get_running_loop().run_in_executor(self._threads, verb, minion, args)


def _event(minion: str, tag: str, data: dict[str, Any]) -> dict[str, Any]:
    """What an event of a minion says on the master: who fired it, and what it was given (behaviours EVT-04, BEA-03)."""
    if tag.startswith(tags.beacons_of(minion)):
        return {**data, "id": minion}
    return {"cmd": "_minion_event", "id": minion, "pretag": None, "tag": tag, "data": data}


def for_any_minion(verbs: Mapping[str, Callable[[Mapping[str, Any]], Any]]) -> dict[str, Verb]:
    """Verbs that answer every minion alike."""
    return {name: _for_any(verb) for name, verb in verbs.items()}


def _for_any(verb: Callable[[Mapping[str, Any]], Any]) -> Verb:
    return lambda _, args: verb(args)


def _answer(link: Link, minion: str, request: Request, answer: Any) -> None:
    failed = isinstance(answer, SalternError)
    body = _encode(answer.to_data() if failed else answer)
    try:
        while len(body) > CHUNK:
            link.send(Reply(request.number, ok=not failed, body=body[:CHUNK], more=True))
            body = body[CHUNK:]
        link.send(Reply(request.number, ok=not failed, body=body))
    except LinkClosed:
        log.debug("minion %s left before its %s was answered", minion, request.verb)
