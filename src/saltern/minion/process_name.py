"""The name of a job's process, which `ps` shows and by which a later life of the minion knows it."""

from __future__ import annotations

from pathlib import Path


def worker_name(jid: str) -> str:
    """The process name of a job's worker: 15 bytes is all that Linux keeps."""
    return "job" + jid[8:20]


def take_name(name: str) -> None:
    """Give this process a name."""
    Path("/proc/self/comm").write_text(name)
