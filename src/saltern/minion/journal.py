"""What a minion knows of its jobs across restarts: the jids it has seen, and the jobs it took and has not ended.

`seen` is a text file, a jid a line, synced before a job is acknowledged: a job that is delivered again is not run
again. `proc/<jid>` holds a job from before its acknowledgement until its return is in the outbox: Salt's form, the
publication as a MessagePack dict with the `pid` that works on it.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import msgspec

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(dict[str, Any]).decode


class Journal:
    """The minion's memory of jobs. `remember` is how many jids are kept at least."""

    def __init__(self, directory: Path, remember: int = 10_000) -> None:
        self._seen_path = directory / "seen"
        self._proc = directory / "proc"
        self._remember = remember
        self._proc.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._seen = dict.fromkeys(self._read_seen())
        self._file = os.open(self._seen_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

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

    def take(self, jid: str, load: dict[str, Any]) -> None:
        """Write down a job that is about to be worked on."""
        write_whole(self._proc / jid, _encode(load))

    def taken(self) -> dict[str, dict[str, Any]]:
        """The jobs that were taken and have not ended, by jid."""
        names = [name for name in os.listdir(self._proc) if not name.startswith(".")]
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

    def close(self) -> None:
        os.close(self._file)

    def _read_seen(self) -> list[str]:
        try:
            lines = self._seen_path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        # What follows the last line end was torn off while it was written, and never acknowledged.
        return [line.decode("ascii", "replace") for line in lines[:-1]]

    def _forget_oldest(self) -> None:
        kept = list(self._seen)[-self._remember :]
        self._seen = dict.fromkeys(kept)
        write_whole(self._seen_path, "".join(f"{jid}\n" for jid in kept).encode())
        os.close(self._file)
        self._file = os.open(self._seen_path, os.O_WRONLY | os.O_APPEND)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old or the new content, never a part; durable when this returns."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        _write_all(descriptor, data)
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)
    part.rename(path)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
