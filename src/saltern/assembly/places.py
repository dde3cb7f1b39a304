"""Where the parts of a minion keep what is theirs."""

from __future__ import annotations

from pathlib import Path

from saltern.config.minion import MinionConfig
from saltern.minion.limits import JobLimits
from saltern.minion.worker import WorkerPlaces


def places(config: MinionConfig) -> WorkerPlaces:
    """Where a minion keeps its journal, its outbox and its grains."""
    return WorkerPlaces(
        id=config.id,
        directory=config.cachedir,
        outbox=config.cachedir / "outbox",
        returns=config.cachedir / "returns",
        grains=config.cachedir / "grains.msgpack",
        beacons=config.cachedir / "beacons.msgpack",
        limits=JobLimits(memory=config.job_memory, open_files=config.job_open_files, niceness=config.job_niceness),
        kept=config.cachedir / "minion_jobs" if config.cache_jobs else None,
    )


def callers_socket(config: MinionConfig) -> Path:
    """The socket at which `saltern call` finds the running minion."""
    return config.sock_dir / "minion.sock"
