"""Which exports a master has: what its configuration names."""

from __future__ import annotations

from pathlib import Path

from saltern.assembly.export_processes import ReturnerProcess
from saltern.config.master import MasterConfig
from saltern.errors import SalternError
from saltern.events.contract import EventLog
from saltern.export.contract import Feed
from saltern.export.exporter import Exporter, ExportOptions
from saltern.export.ledger import ExportLedger
from saltern.jobs.contract import JobStore
from saltern.master.event_feed import EventChoice, EventFeed
from saltern.master.exports import Exports
from saltern.master.job_feed import JobFeed
from saltern.salt_compat.returner_calls import JOB_CACHE_FUNCTIONS

_OWN_CACHES = ("", "local_cache", "salt_cache")
"""Values of `master_job_cache` that mean the master's own store."""


def has_job_export(config: MasterConfig) -> bool:
    """Whether returns go to a store elsewhere too."""
    return config.master_job_cache not in _OWN_CACHES


async def open_exports(config: MasterConfig, store: JobStore, events: EventLog) -> Exports:
    """Start what the configuration names; `ConfigError` for a returner that cannot do what is asked of it."""
    exporters: dict[str, Exporter] = {}
    wake = None
    if has_job_export(config):
        name = config.master_job_cache
        target = ReturnerProcess(config, name)
        await _checked(target, JOB_CACHE_FUNCTIONS, "master_job_cache")
        feed = JobFeed(store, config.id)
        wake = feed.wake
        exporters[name] = _exporter(config, name, feed, target)
    for name in _event_returners(config):
        target = ReturnerProcess(config, name)
        await _checked(target, ("event_return",), "event_return")
        feed_of_events = EventFeed(events, _choice(config))
        exporters[f"events-{name}"] = _exporter(config, f"events-{name}", feed_of_events, target, events.last())
    exports = Exports(exporters, wake)
    exports.start()
    return exports


async def _checked(target: ReturnerProcess, functions: tuple[str, ...], option: str) -> None:
    try:
        await target.check(functions, option)
    except SalternError:
        await target.close()
        raise


def _exporter(config: MasterConfig, name: str, feed: Feed, target: ReturnerProcess, start: int = 0) -> Exporter:
    ledger = ExportLedger(_ledger_path(config, name), start)
    options = ExportOptions(name=name, most_bytes=config.export_queue_bytes)
    return Exporter(feed, target, ledger, options)


def _ledger_path(config: MasterConfig, name: str) -> Path:
    return config.cachedir / "exports" / f"{name.replace('/', '_')}.db"


def _event_returners(config: MasterConfig) -> list[str]:
    given = config.event_return
    names = given.split(",") if isinstance(given, str) else given
    return list(dict.fromkeys(name.strip() for name in names if name.strip()))


def _choice(config: MasterConfig) -> EventChoice:
    return EventChoice(
        whitelist=tuple(config.event_return_whitelist),
        blacklist=tuple(config.event_return_blacklist),
        queue=config.event_return_queue,
        seconds=config.event_return_queue_max_seconds,
    )
