"""What a minion knows of its jobs across restarts: the jids it has seen, and the jobs it took and has not ended.

`seen` is a text file, a jid a line, synced before a job is acknowledged: a job that is delivered again is not run
again. `proc/<jid>` holds a job from before its acknowledgement until its return is in the outbox: Salt's form, the
publication as a MessagePack dict with the `pid` that works on it. Keys of our own are `__master__` (its id),
`__timeout__` (seconds, 0: none), `__own__` (nobody published it), `__quiet__` (no master is told of it) and `__began__`
(when the worker began, seconds since 1970).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from saltern.minion.whole_files import MARK, sweep, write_whole
from saltern.model.job import UNPUBLISHED

OWN, QUIET = "__own__", "__quiet__"
"""The keys of a job that the minion gave itself, and of one whose return goes to no master."""
OWN_JID = "__own_jid__"
"""The key of the jid that its return names, if it is not `UNPUBLISHED`."""
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(dict[str, Any]).decode


class TakenJobs:
    """The jobs that were taken and have not ended. Several processes use it: the link, and each job's worker."""

    def __init__(self, directory: Path) -> None:
        self._proc = directory / "proc"
        self._proc.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = directory / "proc.lock"

    def take(self, jid: str, load: dict[str, Any]) -> None:
        """Write down a job that is about to be worked on."""
        write_whole(self._proc / jid, _encode(load))

    def claim(self, jid: str, pid: int) -> dict[str, Any] | None:
        """A worker begins: what it is to do, or None when the job was ended before."""
        with self.alone():
            load = self.load(jid)
            if load is not None:
                self.take(jid, load | {"pid": pid, "__began__": time.time()})
            return load

    def taken(self) -> dict[str, dict[str, Any]]:
        """All of them, by jid."""
        names = [name for name in os.listdir(self._proc) if not name.startswith(MARK)]
        return {name: load for name in names if (load := self.load(name)) is not None}

    def load(self, jid: str) -> dict[str, Any] | None:
        try:
            return _decode((self._proc / jid).read_bytes())
        except FileNotFoundError:
            return None
        except msgspec.DecodeError:
            # A torn write of a minion that lost its power: the job was not acknowledged.
            self.end(jid)
            return None

    def end(self, jid: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            (self._proc / jid).unlink()

    def sweep(self) -> None:
        """Remove what killed processes left half written."""
        sweep(self._proc)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """No worker begins meanwhile: whoever ends a job that has no worker must know that it gets none."""
        with self._lock.open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


class Journal(TakenJobs):
    """The minion's memory of jobs. `remember` is how many jids are kept at least."""

    def __init__(self, directory: Path, remember: int = 10_000) -> None:
        super().__init__(directory)
        self._seen_path = directory / "seen"
        self._remember = remember
        lines = self._seen_path.read_bytes().split(b"\n") if self._seen_path.exists() else [b""]
        # What follows the last line end was torn off while it was written, and never acknowledged.
        *whole, torn = [line.decode("ascii", "replace") for line in lines]
        self._seen = dict.fromkeys(whole)
        self._file = os.open(self._seen_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        if torn:
            # Or the next jid would become one line with it, and be forgotten.
            os.write(self._file, b"\n")

    def has_seen(self, jid: str) -> bool:
        return jid in self._seen

    def see(self, jid: str) -> None:
        """Remember a jid; durable when this returns."""
        self._seen[jid] = None
        if len(self._seen) > 2 * self._remember:
            self._forget_oldest()
        else:
            os.write(self._file, jid.encode() + b"\n")
            os.fdatasync(self._file)

    def close(self) -> None:
        os.close(self._file)

    def _forget_oldest(self) -> None:
        kept = list(self._seen)[-self._remember :]
        self._seen = dict.fromkeys(kept)
        write_whole(self._seen_path, "".join(f"{jid}\n" for jid in kept).encode())
        os.close(self._file)
        self._file = os.open(self._seen_path, os.O_WRONLY | os.O_APPEND)


def jid_to_tell(load: Mapping[str, Any], jid: str) -> str:
    """The jid that the return of a job names: of one that nobody published, what the master is to make of it."""
    return str(load.get(OWN_JID, UNPUBLISHED)) if load.get(OWN) else jid


def name_of_own(load: Mapping[str, Any]) -> str:
    """A job of the minion's own, as the log calls it."""
    if load.get("schedule"):
        return f"the scheduled job {load['schedule']} ({load['fun']})"
    return f"{load['fun']} at the start of the minion"
