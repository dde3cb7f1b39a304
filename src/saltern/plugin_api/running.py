"""The jobs that run on this minion: a record each in `<cachedir>/proc/<jid>` (behaviour JOB-10).

A record is a MessagePack dictionary: the job as it was published, and `pid`, the process that runs it.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

from saltern.model.secrets import masked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def running_jobs(cachedir: str) -> list[dict[str, Any]]:
    """The records of the jobs that run, oldest first, without secrets. A record whose process is gone is left out."""
    found = [_read(path) for path in _records(cachedir)]
    return [_shown(record) for record in found if record is not None and _is_alive(record["pid"])]


def _shown(record: dict[str, Any]) -> dict[str, Any]:
    """What the job's returners need to log in is for them alone."""
    kwargs = record.get("ret_kwargs")
    return {**record, "ret_kwargs": masked(kwargs)} if isinstance(kwargs, dict) else record


def signal_job(record: dict[str, Any], number: int) -> bool:
    """Send a signal to the process group of a job, which is its process and all that it started; whether it was there.

    A process that leads no group of its own gets the signal alone.
    """
    pid = record["pid"]
    try:
        if os.getpgid(pid) == pid:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def signal_number(name: int | str) -> int:
    """The number of a signal given by number or name (`15`, `TERM`, `SIGTERM`); `ValueError` for anything else."""
    if isinstance(name, int) or str(name).isdecimal():
        return int(signal.Signals(int(name))) if int(name) else 0
    text = str(name).upper()
    try:
        return int(signal.Signals[text if text.startswith("SIG") else f"SIG{text}"])
    except KeyError:
        raise ValueError(f"{name!r} is no signal") from None


def _records(cachedir: str) -> list[Path]:
    try:
        return sorted(path for path in Path(cachedir, "proc").iterdir() if not path.name.startswith("."))
    except FileNotFoundError:
        return []


def _read(path: Path) -> dict[str, Any] | None:
    """A record; None for one that is removed, half written or damaged at this moment."""
    import msgspec

    try:
        record = msgspec.msgpack.decode(path.read_bytes(), type=dict)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    pid = record.get("pid")
    return record if isinstance(pid, int) and pid > 1 else None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
