"""Taking over a history that Salt kept: the directory of its local_cache, or what a returner can read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from saltern.assembly.job_store import open_job_store
from saltern.assembly.own_returners import with_own_returners
from saltern.assembly.services import SERVICES
from saltern.config.master import MasterConfig, load_master_config
from saltern.errors import ConfigError, JobExists
from saltern.jobs.contract import JobStore
from saltern.model.jid import time_of
from saltern.model.job import Body, Change, Job, State, Verdict
from saltern.plugin_api.returner_history import ReturnerHistory
from saltern.plugins.encode import encode
from saltern.plugins.index import PluginIndex
from saltern.plugins.scope import Scope
from saltern.plugins.search import SearchPath
from saltern.plugins.space import PluginSpace
from saltern.salt_compat.opts import to_opts

_TOGETHER = 100
_NO_RETURN = "no return in the history that was taken over"


class Found(NamedTuple):
    """One job of the history: its load, whom it concerned, and `{minion: {"return", "retcode", ...}}`."""

    jid: str
    load: Mapping[str, Any]
    minions: list[str]
    returns: Mapping[str, Mapping[str, Any]]


class Imported(NamedTuple):
    jobs: int
    returns: int
    known: int
    """Jobs that were there already."""
    unreadable: int


class _Written(NamedTuple):
    """What became of one job: whether it was not there yet, and how many returns were written."""

    is_new: bool
    returns: int


def import_jobs(config_dir: str, source: str, told: Callable[[Imported], None] = lambda _: None) -> Imported:
    """Write the history at `source`, a directory or the name of a returner, into the configured job store.

    `told` hears of the progress. `StoreError` when a running master holds the store.
    """
    config = load_master_config(config_dir)
    if Path(source).is_dir():
        return asyncio.run(_import(config, _local_cache(Path(source)), told))
    with PluginSpace(*_plugins(config)) as space:
        history = ReturnerHistory(space.table("returners"), source)
        if not history.can_be_read():
            raise ConfigError(
                f"{source} is no directory, and no returner that can be read",
                hint="give the directory of Salt's local_cache (/var/cache/salt/master/jobs), or pgjsonb, mysql, ...",
            )
        return asyncio.run(_import(config, _of_returner(history), told))


def _plugins(config: MasterConfig) -> tuple[PluginIndex, Scope]:
    opts = with_own_returners(config, {**to_opts(config), "__role": "master"})
    return PluginIndex(SearchPath.of_opts(opts), str(config.cachedir)), Scope(opts, services=SERVICES)


async def _import(config: MasterConfig, history: Iterator[Found | None], told: Callable[[Imported], None]) -> Imported:
    store = await open_job_store(config)
    done = Imported(0, 0, 0, 0)
    try:
        while some := list(islice(history, _TOGETHER)):
            written = await asyncio.gather(*(_write(store, found) for found in some if found is not None))
            done = Imported(
                jobs=done.jobs + sum(one.is_new for one in written),
                returns=done.returns + sum(one.returns for one in written),
                known=done.known + sum(not one.is_new for one in written),
                unreadable=done.unreadable + some.count(None),
            )
            told(done)
    finally:
        await store.close()
    return done


async def _write(store: JobStore, found: Found) -> _Written:
    job = _job_of(found)
    minions = sorted({*found.minions, *found.returns})
    is_new = await _create(store, job, minions)
    if not is_new and not await _was_taken_over(store, job.jid):
        return _Written(is_new, 0)
    # Also of a job that is there: an earlier run may have ended before its returns were written.
    changes = [_change(job, minion, found.returns.get(minion)) for minion in minions]
    verdicts = await _in_portions(store, changes)
    stored = [change for change, verdict in zip(changes, verdicts, strict=True) if verdict is Verdict.STORED]
    return _Written(is_new, sum(change.minion in found.returns for change in stored))


async def _create(store: JobStore, job: Job, minions: list[str]) -> bool:
    """Whether the job was not there yet."""
    try:
        await store.create(job, minions)
    except JobExists:
        return False
    return True


async def _was_taken_over(store: JobStore, jid: str) -> bool:
    """Whether a job that is there came by an import; those of masters are theirs to look after."""
    summary = await store.job(jid)
    return summary is not None and not summary.job.master


async def _in_portions(store: JobStore, changes: list[Change], size: int = 1_000) -> list[Verdict]:
    portions = [changes[at : at + size] for at in range(0, len(changes), size)]
    return [verdict for some in await asyncio.gather(*map(store.record, portions)) for verdict in some]


def _job_of(found: Found) -> Job:
    load = found.load
    kwargs = load.get("kwargs") if isinstance(load.get("kwargs"), dict) else {}
    metadata = load.get("metadata") or (kwargs or {}).get("metadata")
    given = {
        "jid": found.jid,
        "fun": load.get("fun", ""),
        "arg": load.get("arg") or [],
        "tgt": load.get("tgt", ""),
        "tgt_type": load.get("tgt_type") or "glob",
        "user": load.get("user") or "",
        "ret": load.get("ret") or "",
        "kwargs": kwargs,
        "metadata": metadata if isinstance(metadata, dict) else None,
        # One that names no moment counts from now: it must not be the oldest of all, which goes first.
        "created": time_of(found.jid) or time.time(),
    }
    return msgspec.convert(given, Job, strict=False)


def _change(job: Job, minion: str, ret: Mapping[str, Any] | None) -> Change:
    if ret is None:
        return Change(jid=job.jid, minion=minion, state=State.EXPIRED, at=job.created, reason=_NO_RETURN)
    success = bool(ret.get("success", True))
    retcode = ret.get("retcode", 0 if success else 1)
    code = retcode if isinstance(retcode, int) else int(not success)
    data = encode(ret.get("return"))
    return Change(
        jid=job.jid,
        minion=minion,
        state=State.FAILED if code else State.RETURNED,
        at=job.created,
        retcode=code,
        success=success,
        out=str(ret.get("out") or ""),
        body=Body(data=data, size=len(data)),
    )


# --- sources ----------------------------------------------------------------------------------------------------------


def _local_cache(directory: Path) -> Iterator[Found | None]:
    """The jobs in Salt's layout (behaviour MJC-02); None for one that cannot be read."""
    for place in sorted(directory.glob("??/*")):
        if (place / "jid").is_file():
            try:
                yield _job_in(place)
            except (OSError, ValueError, msgspec.MsgspecError, AttributeError):
                yield None


def _job_in(place: Path) -> Found:
    minions: set[str] = set()
    for file in place.glob(".minions*.p"):
        minions.update(_unpacked(file))
    returns = {}
    for file in place.glob("*/return.p"):
        value = _unpacked(file)
        whole = value if isinstance(value, dict) and "return" in value else {"return": value}
        out = file.with_name("out.p")
        returns[file.parent.name] = {**whole, "out": _unpacked(out)} if out.exists() else whole
    load = _unpacked(place / ".load.p") if (place / ".load.p").exists() else {}
    return Found((place / "jid").read_text(encoding="utf-8").strip(), load, sorted(minions), returns)


def _unpacked(file: Path) -> Any:
    return msgspec.msgpack.decode(file.read_bytes(), strict=False)


def _of_returner(history: ReturnerHistory) -> Iterator[Found | None]:
    for jid in history.instances():
        load = history.load(jid)
        yield Found(jid, load, list(load.get("Minions") or ()), history.returns(jid))
