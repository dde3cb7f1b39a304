"""Runner and wheel functions: called on the master, each in a thread, each a job of the record."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from typing import Any

import msgspec

from saltern.access.caller import Caller
from saltern.client.contract import Call
from saltern.errors import FunctionNotFound, UserError
from saltern.events import tags
from saltern.events.bus import EventBus, stamp_of
from saltern.jobs.contract import JobStore
from saltern.model.jid import JidClock, is_jid
from saltern.model.job import Body, Change, Job, State

Answer = dict[str, Any]
_encode = msgspec.msgpack.Encoder().encode


class MasterResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a function on the master gave. `body` is the encoded value."""

    value: Any
    success: bool
    out: str
    body: bytes


CallFunction = Callable[[str, str, list[Any], dict[str, Any]], MasterResult]
"""(kind, function, arguments, keyword arguments) -> result; blocking. `FunctionNotFound` says why it is not there."""


class RunningCalls:
    """The calls that run on the master now."""

    def __init__(self) -> None:
        self._calls: dict[str, Answer] = {}

    def all(self) -> list[Answer]:
        return list(self._calls.values())

    def begin(self, call: Answer) -> None:
        self._calls[call["jid"]] = call

    def end(self, call: Answer) -> None:
        self._calls.pop(call["jid"], None)


class MasterFunctions:
    """Answers `Call`. With `record` every call is kept in the job cache, as Salt does with `runner_returns`."""

    def __init__(
        self,
        call: CallFunction,
        store: JobStore,
        bus: EventBus,
        clock: JidClock,
        running: RunningCalls,
        *,
        record: bool = True,
    ) -> None:
        self._function = call
        self._store = store
        self._bus = bus
        self._clock = clock
        self._running = running
        self._record = record
        self._minion = f"{socket.gethostname()}_master"
        self._tasks: set[asyncio.Task[Answer]] = set()

    def jid_of(self, request: Call) -> str:
        """The jid that a call will have."""
        if request.jid and not is_jid(request.jid):
            raise UserError(f"{request.jid!r} is no job id", hint="a jid has twenty digits: YYYYMMDDhhmmssffffff (UTC)")
        return request.jid or self._clock.next()

    async def call(self, caller: Caller, request: Call, jid: str) -> Answer:
        """See `client.contract.Call`."""
        if not request.background:
            return await self._call(jid, caller.user, request)
        task = asyncio.get_running_loop().create_task(self._call(jid, caller.user, request))
        self._tasks.add(task)
        task.add_done_callback(self._background_done)
        return {"jid": jid}

    async def _call(self, jid: str, user: str, request: Call) -> Answer:
        start = {"fun": f"{request.client}.{request.fun}", "fun_args": _args(request), "jid": jid, "user": user}
        new, ret = (tags.run_new, tags.run_ret) if request.client == "runner" else (tags.wheel_new, tags.wheel_ret)
        self._bus.fire(new(jid), start)
        kind = "runners" if request.client == "runner" else "wheel"
        self._running.begin(start)
        try:
            result = await asyncio.to_thread(self._function, kind, request.fun, request.arg, request.kwarg)
        finally:
            self._running.end(start)
        self._bus.fire(ret(jid), start | {"return": result.value, "success": result.success})
        if self._record:
            await self._keep(start, result)
        return {"jid": jid, "return": msgspec.Raw(result.body), "success": result.success, "out": result.out}

    async def _keep(self, start: Answer, result: MasterResult) -> None:
        """A call is a job of the pseudo-minion `<host>_master`, its return the whole event (behaviour MJC-05b)."""
        now = time.time()
        jid = start["jid"]
        job = Job(
            jid=jid, fun=start["fun"], arg=start["fun_args"], tgt=self._minion, tgt_type="glob", user=start["user"],
            created=now,
        )  # fmt: skip
        await self._store.create(job, [self._minion])
        state = State.RETURNED if result.success else State.FAILED
        event = {"return": msgspec.Raw(result.body), "success": result.success, "_stamp": stamp_of(now)}
        data = _encode(start | event)
        body = Body(data=data, size=len(data))
        change = Change(
            jid=jid, minion=self._minion, state=state, at=now, retcode=0 if result.success else 1,
            success=result.success, out=result.out, body=body,
        )  # fmt: skip
        await self._store.record([change])

    def _background_done(self, task: asyncio.Task[Answer]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) and not isinstance(error, FunctionNotFound):
            asyncio.get_running_loop().call_exception_handler(
                {"message": "a function in the background failed", "exception": error}
            )


def _args(request: Call) -> list[Any]:
    return [*request.arg, {**request.kwarg, "__kwarg__": True}] if request.kwarg else list(request.arg)
