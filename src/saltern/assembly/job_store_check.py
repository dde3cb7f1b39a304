"""Trying out a configured job store from end to end, with a job of its own that leaves no trace."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import statistics
import time
from collections.abc import Awaitable
from typing import Any, TypeVar

from saltern.assembly.job_store import open_job_store, server_address
from saltern.config.master import MasterConfig, load_master_config
from saltern.errors import SalternError, StoreError
from saltern.jobs.backends.sqlite import SqliteJobStore
from saltern.jobs.contract import JobStore
from saltern.model.job import Body, Change, Job, JobQuery, OutcomeQuery, Retention, State, Verdict

T = TypeVar("T")

_MINIONS = 1000
_ROUNDS = 20
_CREATED = 1.0
"""When the probe claims to have been made: before every job, so that dropping it drops nothing else."""

Row = dict[str, Any]
"""`step`, `ok`, `milliseconds` and `detail`."""


def check_job_store(config_dir: str) -> list[Row]:
    """The steps that were tried, up to the first that failed."""
    return asyncio.run(_Check(load_master_config(config_dir)).run())


class _Check:
    def __init__(self, config: MasterConfig) -> None:
        self._config = config
        self._rows: list[Row] = []
        # Below every jid of a clock, so that it is never the latest.
        self._jid = f"0000{time.time_ns() % 10**16:016d}"

    async def run(self) -> list[Row]:
        with contextlib.suppress(_StepFailed):
            await self._run()
        return self._rows

    async def _run(self) -> None:
        store, beside = await self._step("connect, tables and permissions", self._open())
        try:
            if beside:
                await self._look(store)
            else:
                await self._probe(store)
        finally:
            await store.close()

    async def _open(self) -> tuple[tuple[JobStore, bool], str]:
        config = self._config
        if config.job_store != "sqlite":
            return (await open_job_store(config), False), str(server_address(config))
        directory = config.cachedir / "jobs"
        try:
            return (await open_job_store(config), False), f"sqlite: {directory}, {_room(config)}"
        except StoreError:
            if not directory.is_dir():
                raise
            # A running master has the files; who reads beside it disturbs nobody.
            store = await asyncio.to_thread(SqliteJobStore, directory, read_only=True)
            return (store, True), f"sqlite: {directory}, written by the running master, {_room(config)}"

    async def _look(self, store: JobStore) -> None:
        await self._step("read", self._list(store))

    async def _probe(self, store: JobStore) -> None:
        minions = [f"probe-{number}" for number in range(_MINIONS)]
        job = Job(jid=self._jid, fun="saltern.check", tgt="probe", user="check", created=_CREATED)
        await self._step(f"write a job of {_MINIONS} minions", _told(store.create(job, minions)))
        try:
            await self._step("write a return", self._write_one_by_one(store, minions[:_ROUNDS]))
            await self._step(f"write {_MINIONS - _ROUNDS} returns at once", self._write(store, minions[_ROUNDS:]))
            await self._step("read a return", self._read(store, minions))
            await self._step("list jobs", self._list(store))
        finally:
            await self._step("delete", self._delete(store))

    async def _write(self, store: JobStore, minions: list[str]) -> tuple[None, str]:
        began = time.monotonic()
        verdicts = await store.record([self._return(minion) for minion in minions])
        if set(verdicts) != {Verdict.STORED}:
            raise StoreError(f"what was written was answered by {', '.join(sorted(set(verdicts)))}")
        return None, f"{len(minions) / (time.monotonic() - began):.0f} returns/s in one connection"

    async def _write_one_by_one(self, store: JobStore, minions: list[str]) -> tuple[None, str]:
        times = [await _timed(store.record([self._return(minion)])) for minion in minions]
        return None, _latency(times)

    async def _read(self, store: JobStore, minions: list[str]) -> tuple[None, str]:
        times = [await _timed(store.body(self._jid, minion)) for minion in minions[:_ROUNDS]]
        body = await store.body(self._jid, minions[0])
        found = await store.outcomes(OutcomeQuery(jid=self._jid, limit=2 * _MINIONS))
        if body is None or body.data != _BODY or len(found) != _MINIONS:
            raise StoreError("what was read is not what was written")
        return None, _latency(times)

    async def _list(self, store: JobStore) -> tuple[None, str]:
        times = [await _timed(store.jobs(JobQuery(limit=100))) for _ in range(_ROUNDS)]
        return None, f"the newest 100, {_latency(times)}"

    async def _delete(self, store: JobStore) -> tuple[None, str]:
        await store.expire(Retention(seconds=int(time.time() - _CREATED - 60)), time.time())
        if await store.job(self._jid) is not None:
            raise StoreError("the probe is still there")
        return None, ""

    def _return(self, minion: str) -> Change:
        body = Body(data=_BODY, size=len(_BODY))
        return Change(
            jid=self._jid, minion=minion, state=State.RETURNED, at=time.time(), retcode=0, success=True, body=body
        )

    async def _step(self, name: str, work: Awaitable[tuple[T, str]]) -> T:
        began = time.monotonic()
        try:
            result, detail = await work
        except SalternError as error:
            hint = f" ({error.hint})" if error.hint else ""
            self._add(name, began, ok=False, detail=f"{error}{hint}")
            raise _StepFailed from error
        self._add(name, began, ok=True, detail=detail)
        return result

    def _add(self, name: str, began: float, *, ok: bool, detail: str) -> None:
        milliseconds = round((time.monotonic() - began) * 1000, 1)
        self._rows.append({"step": name, "ok": ok, "milliseconds": milliseconds, "detail": detail})


class _StepFailed(Exception):
    """What comes behind it cannot be tried."""


_BODY = b"\xaasaltern OK"


async def _told(work: Awaitable[None]) -> tuple[None, str]:
    await work
    return None, ""


async def _timed(work: Awaitable[Any]) -> float:
    began = time.monotonic()
    await work
    return (time.monotonic() - began) * 1000


def _latency(times: list[float]) -> str:
    return f"median {statistics.median(times):.1f} ms, slowest {max(times):.1f} ms"


def _room(config: MasterConfig) -> str:
    path = config.cachedir if config.cachedir.exists() else config.cachedir.parent
    return f"{shutil.disk_usage(path).free >> 20} MiB free"
