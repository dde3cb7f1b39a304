"""The operator's verbs: one short function for each request of `client.contract`."""

from __future__ import annotations

import asyncio
import fnmatch
import os
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from saltern.access.caller import Caller, require_trusted
from saltern.client import contract
from saltern.errors import JobNotFound, NotFound, UserError
from saltern.events import tags
from saltern.events.bus import EventBus
from saltern.fleet.registry import Fleet
from saltern.jobs.contract import JobStore
from saltern.keys.contract import KeyState
from saltern.keys.ring import KeyRing
from saltern.keys.tokens import TokenStore
from saltern.master.batches import Batches
from saltern.master.delivery import Delivery
from saltern.master.enrolment import Enrolment
from saltern.master.following import Following
from saltern.master.publishing import Publishing, target_of
from saltern.master.runners import MasterFunctions
from saltern.model.job import JobQuery, OutcomeQuery
from saltern.pki.fingerprints import show
from saltern.version import VERSION

Answer = dict[str, Any]
_LOOK = 0.05
_LOOKS_FOR_MINIONS = 40
"""Two seconds in all: a minion that has not come by then has a trouble of its own."""
T = TypeVar("T")
Answers = AsyncGenerator[Answer, None]


class VerbServices(msgspec.Struct, frozen=True, kw_only=True):
    """What the verbs work on."""

    master: str
    store: JobStore
    delivery: Delivery
    batches: Batches
    publishing: Publishing
    following: Following
    ring: KeyRing
    tokens: TokenStore
    enrolment: Enrolment
    fleet: Fleet
    bus: EventBus
    functions: MasterFunctions
    authority_fingerprint: str


class OperatorVerbs:
    """Callable as `master.operator.Verbs`. Only the publishing of jobs is open to users whom `publisher_acl` names."""

    def __init__(self, services: VerbServices) -> None:
        self._do = services
        self._work: set[asyncio.Future[list[Answer]]] = set()

    async def __call__(self, caller: Caller, request: contract.AnyRequest) -> Answers:
        answers = _VERBS[type(request)](self, caller, request)
        if isinstance(request, _STREAMS):
            async for answer in answers:
                yield answer
            return
        # What was begun is carried through, also when the caller is gone before it is done.
        work = asyncio.ensure_future(_all_of(answers))
        self._work.add(work)
        work.add_done_callback(self._done)
        for answer in await asyncio.shield(work):
            yield answer

    def _done(self, work: asyncio.Future[list[Answer]]) -> None:
        self._work.discard(work)
        if not work.cancelled():
            work.exception()  # told to the caller, if there still is one

    # --- jobs ---------------------------------------------------------------------------------------------------

    async def _ping(self, caller: Caller, request: contract.Ping) -> Answers:
        yield _end(
            master=self._do.master,
            version=VERSION,
            pid=os.getpid(),
            ready=True,
            connected=self._do.fleet.connected_count,
        )

    async def _publish(self, caller: Caller, request: contract.Publish) -> Answers:
        yield await self._do.publishing.publish(caller, request)

    async def _resolve(self, caller: Caller, request: contract.Resolve) -> Answers:
        require_trusted(caller, "look at minions")
        found = self._do.publishing.resolve(target_of(request))
        away = [minion for minion in found.minions if not self._do.fleet.is_connected(minion)]
        yield _end(minions=found.minions, missing=found.missing, away=away)

    async def _follow(self, caller: Caller, request: contract.Follow) -> Answers:
        await self._own_or_trusted(caller, request.jid)
        async for answer in self._do.following.follow(request):
            yield answer

    async def _body(self, caller: Caller, request: contract.ReadBody) -> Answers:
        await self._own_or_trusted(caller, request.jid)
        async for answer in self._do.following.body(request):
            yield answer

    async def _job(self, caller: Caller, request: contract.ShowJob) -> Answers:
        await self._own_or_trusted(caller, request.jid)
        summary = await self._do.store.job(request.jid)
        if summary is None:
            raise JobNotFound(f"no job {request.jid} in the job cache", hint="saltern jobs list shows what is there")
        yield _end(job=msgspec.to_builtins(summary.job), counts=summary.counts)

    async def _jobs(self, caller: Caller, request: contract.ListJobs) -> Answers:
        query = _read(request.query, JobQuery)
        if not caller.trusted:
            query = msgspec.structs.replace(query, users=(caller.user,))
        found = await self._do.store.jobs(query)
        yield _end(jobs=[{"job": msgspec.to_builtins(each.job), "counts": each.counts} for each in found])

    async def _outcomes(self, caller: Caller, request: contract.ListOutcomes) -> Answers:
        query = _read(request.query, OutcomeQuery)
        await self._own_or_trusted(caller, query.jid)
        yield _end(outcomes=msgspec.to_builtins(await self._do.store.outcomes(query)))

    async def _cancel(self, caller: Caller, request: contract.CancelJobs) -> Answers:
        if not request.jid and not request.minions:
            raise UserError("nothing to cancel: name a jid, minions, or both")
        await self._own_or_trusted(caller, request.jid)
        if request.jid and await self._do.store.job(request.jid) is None:
            raise JobNotFound(f"no job {request.jid} in the job cache")
        told = await self._do.delivery.cancel(request.jid, request.minions, caller.user)
        yield _end(cancelled=[list(pair) for pair in told])

    async def _batch(self, caller: Caller, request: contract.ControlBatch) -> Answers:
        await self._own_or_trusted(caller, request.jid)
        batches = self._do.batches
        if request.action == "pause":
            status: Answer | None = await batches.pause(request.jid, caller.user)
        elif request.action == "resume":
            status = await batches.resume(request.jid)
        elif request.action == "stop":
            status = await batches.stop(request.jid, caller.user, kill=request.kill)
        elif request.action == "status":
            status = await batches.status(request.jid)
        else:
            raise UserError(f"a batch can be shown, paused, resumed or stopped, not {request.action!r}")
        if status is None:
            raise NotFound(f"job {request.jid} is no batch")
        yield _end(batch=status)

    # --- keys ---------------------------------------------------------------------------------------------------

    async def _keys(self, caller: Caller, request: contract.Keys) -> Answers:
        require_trusted(caller, "manage keys")
        states = [KeyState(state) for state in request.states]
        if request.action in _LOOKS:
            keys = _by_name(_LOOKS[request.action](self._do.ring, request.match, states))
            if request.action == "finger" and not request.match:
                keys["local"] = {"master": show(self._do.authority_fingerprint)}
            yield _end(keys=keys)
            return
        if request.action not in _DECISIONS:
            raise UserError(f"keys can be {', '.join([*_LOOKS, *_DECISIONS])}, not {request.action!r}")
        change = _DECISIONS[request.action](self._do.ring, request.match, states)
        for data in change.events:
            self._do.bus.fire(tags.KEY, data)
        await self._see_connected(await self._do.enrolment.decided())
        for minion in change.keys.get(KeyState.ACCEPTED, []) if request.action == "delete" else []:
            await self._do.fleet.forget(minion)
        yield _end(keys=_by_name(change.keys))

    async def _see_connected(self, minions: Sequence[str]) -> None:
        """Give minions that were let in the moment that they need: the next command is likely to be for them."""
        for _ in range(_LOOKS_FOR_MINIONS):
            if all(self._do.fleet.is_connected(minion) for minion in minions):
                return
            await asyncio.sleep(_LOOK)

    async def _token(self, caller: Caller, request: contract.MakeToken) -> Answers:
        require_trusted(caller, "make join tokens")
        now = time.time()
        token = self._do.tokens.make(request.minion, request.seconds, request.uses, self._do.authority_fingerprint, now)
        yield _end(token=token, expires=now + request.seconds)

    # --- events, functions, fleet -------------------------------------------------------------------------------

    async def _events(self, caller: Caller, request: contract.FollowEvents) -> Answers:
        require_trusted(caller, "read events")
        after = None if request.after < 0 else request.after
        left = request.count
        async for event in self._do.bus.follow(request.match, after):
            yield {"kind": "item", "seq": event.seq, "tag": event.tag, "stamp": event.stamp, "data": event.data}
            left -= 1
            if left == 0:
                break
        yield _end()

    async def _send_event(self, caller: Caller, request: contract.SendEvent) -> Answers:
        require_trusted(caller, "send events")
        yield _end(seq=self._do.bus.fire(request.tag, {**request.data, "user": caller.user}))

    async def _call(self, caller: Caller, request: contract.Call) -> Answers:
        require_trusted(caller, f"call {request.client} functions")
        yield {"kind": "end", **await self._do.functions.call(caller.user, request)}

    async def _fleet(self, caller: Caller, request: contract.Fleet) -> Answers:
        require_trusted(caller, "look at minions")
        matches = request.match or ["*"]
        rows = self._do.fleet.rows()
        chosen = {name: row for name, row in rows.items() if any(fnmatch.fnmatchcase(name, glob) for glob in matches)}
        yield _end(minions=chosen)

    async def _own_or_trusted(self, caller: Caller, jid: str) -> None:
        """A user who is not trusted sees and ends only what he started himself."""
        if caller.trusted:
            return
        summary = await self._do.store.job(jid) if jid else None
        if summary is None or summary.job.user != caller.user:
            require_trusted(caller, "look at other users' jobs")


async def _all_of(answers: Answers) -> list[Answer]:
    return [answer async for answer in answers]


def _end(**fields: Any) -> Answer:
    return {"kind": "end", **fields}


def _by_name(keys: Mapping[KeyState, Any]) -> dict[str, Any]:
    return {state.value: found for state, found in keys.items()}


def _read(fields: dict[str, Any], kind: type[T]) -> T:
    try:
        return msgspec.convert(fields, kind, strict=False)
    except msgspec.ValidationError as error:
        raise UserError(f"this query cannot be read: {error}") from error


_LOOKS: dict[str, Callable[..., Mapping[KeyState, Any]]] = {
    "list": KeyRing.list,
    "print": KeyRing.print,
    "finger": KeyRing.finger,
}
_DECISIONS = {"accept": KeyRing.accept, "reject": KeyRing.reject, "delete": KeyRing.delete}

_STREAMS = (contract.Follow, contract.ReadBody, contract.FollowEvents)
"""Requests that only look, for as long as somebody wants to see."""

_Verb = Callable[[OperatorVerbs, Caller, Any], Answers]
_VERBS: dict[type[msgspec.Struct], _Verb] = {
    contract.Ping: OperatorVerbs._ping,
    contract.Resolve: OperatorVerbs._resolve,
    contract.Publish: OperatorVerbs._publish,
    contract.Follow: OperatorVerbs._follow,
    contract.ReadBody: OperatorVerbs._body,
    contract.ShowJob: OperatorVerbs._job,
    contract.ListJobs: OperatorVerbs._jobs,
    contract.ListOutcomes: OperatorVerbs._outcomes,
    contract.CancelJobs: OperatorVerbs._cancel,
    contract.ControlBatch: OperatorVerbs._batch,
    contract.Keys: OperatorVerbs._keys,
    contract.MakeToken: OperatorVerbs._token,
    contract.FollowEvents: OperatorVerbs._events,
    contract.SendEvent: OperatorVerbs._send_event,
    contract.Call: OperatorVerbs._call,
    contract.Fleet: OperatorVerbs._fleet,
}
