"""Runner and wheel functions: called on the master, each in a thread, each a job of the record."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec

from saltern.access.caller import Caller
from saltern.client.contract import Call
from saltern.errors import ArgumentError, FunctionNotFound, UserError
from saltern.events import tags
from saltern.events.bus import EventBus, stamp_of
from saltern.jobs.contract import JobStore
from saltern.model.jid import JidClock, is_jid
from saltern.model.job import Body, Change, Job, State
from saltern.plugin_api.jid_event import JidEvent

log = logging.getLogger(__name__)

Answer = dict[str, Any]
_encode = msgspec.msgpack.Encoder().encode


class MasterResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a function on the master gave. `body` is the encoded value."""

    value: Any
    success: bool
    out: str
    body: bytes


Names = dict[str, Any]
"""What a function is told of its call: `__jid__`, `__tag__`, `__user__`, `__jid_event__`."""
CallFunction = Callable[[str, str, list[Any], dict[str, Any], Names], MasterResult]
"""(kind, function, arguments, keyword arguments, names) -> result; blocking. `FunctionNotFound` says why it is not
there."""
Report = Callable[[Answer], object]


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

    async def call(self, caller: Caller, request: Call, jid: str) -> AsyncIterator[Answer]:
        """The items and the end of a `client.contract.Call`. The call goes on when nobody reads them any more."""
        pieces: asyncio.Queue[Answer | None] = asyncio.Queue()
        report = pieces.put_nowait if request.progress and not request.background else None
        task = asyncio.get_running_loop().create_task(self._call(jid, caller.user, request, report))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: pieces.put_nowait(None))
        if request.background:
            task.add_done_callback(_report_fault)
            yield {"kind": "end", "jid": jid}
            return
        try:
            while (piece := await pieces.get()) is not None:
                yield {"kind": "item", "progress": piece}
        except BaseException:
            task.add_done_callback(_report_fault)
            raise
        yield {"kind": "end", **task.result()}

    async def call_own(self, request: Call, user: str, *, keep: bool) -> Answer:
        """The end of a call that the master makes of itself; `keep`: as a job, if calls are kept at all."""
        return await self._call(self.jid_of(request), user, request, None, keep=keep)

    async def _call(self, jid: str, user: str, request: Call, report: Report | None, *, keep: bool = True) -> Answer:
        start = {"fun": f"{request.client}.{request.fun}", "fun_args": _args(request), "jid": jid, "user": user}
        new, ret = (tags.run_new, tags.run_ret) if request.client == "runner" else (tags.wheel_new, tags.wheel_ret)
        self._bus.fire(new(jid), start)
        kind = "runners" if request.client == "runner" else "wheel"
        self._running.begin(start)
        names = self._names(new(jid).removesuffix("/new"), start, report)
        try:
            result = await self._in_thread(kind, request.fun, request.arg, request.kwarg, names)
        finally:
            self._running.end(start)
        self._bus.fire(ret(jid), start | {"return": result.value, "success": result.success})
        if self._record and keep:
            await self._keep(start, result)
        return {"jid": jid, "return": msgspec.Raw(result.body), "success": result.success, "out": result.out}

    async def _in_thread(self, *call: Any) -> MasterResult:
        """A thread for each call: one that waits for others, as an orchestration does, must not keep them waiting.

        None of them keeps the master from ending.
        """
        loop = asyncio.get_running_loop()
        given: asyncio.Future[MasterResult] = loop.create_future()

        def run() -> None:
            result: MasterResult | None = None
            fault: BaseException | None = None
            try:
                result = self._function(*call)
            except BaseException as error:  # it is raised where the call is waited for
                fault = error
            with contextlib.suppress(RuntimeError):  # the master has ended
                loop.call_soon_threadsafe(_settle, given, result, fault)

        threading.Thread(target=run, name=f"{call[0]} {call[1]}", daemon=True).start()
        return await given

    def _names(self, tag: str, start: Answer, report: Report | None) -> Names:
        loop = asyncio.get_running_loop()

        def fire(suffix: str, data: Answer) -> None:
            loop.call_soon_threadsafe(self._progress, f"{tag}/{suffix}", suffix, data, report)

        def show(text: str) -> None:
            if report is not None:
                loop.call_soon_threadsafe(report, {"text": text})

        told = JidEvent(fire, show)
        return {"__jid__": start["jid"], "__tag__": tag, "__user__": start["user"], "__jid_event__": told}

    def _progress(self, tag: str, suffix: str, data: Answer, report: Report | None) -> None:
        """What a function tells while it runs: an event, and for the command that waits a piece of its answer."""
        try:
            self._bus.fire(tag, data)
        except ArgumentError as error:
            log.warning("an event of a runner was dropped: %s", error)
            return
        if report is not None:
            report({"suffix": suffix, "event": {**data, "_stamp": stamp_of(time.time())}})

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


def _settle(given: asyncio.Future[MasterResult], result: MasterResult | None, fault: BaseException | None) -> None:
    if given.done():
        return
    if result is not None:
        given.set_result(result)
    elif fault is not None:
        given.set_exception(fault)


def _report_fault(task: asyncio.Task[Answer]) -> None:
    """Of a call that nobody waits for, a fault of ours goes to the log; that there is no such function, to nobody."""
    if not task.cancelled() and (error := task.exception()) and not isinstance(error, FunctionNotFound):
        task.get_loop().call_exception_handler({"message": "a function in the background failed", "exception": error})


def _args(request: Call) -> list[Any]:
    return [*request.arg, {**request.kwarg, "__kwarg__": True}] if request.kwarg else list(request.arg)
