"""Returns that wait on the minion for the returners that they are to go to, in a folder for each returner.

A file is one return as MessagePack, named by its jid, so that names sort by time. What a returner will never take is
moved to `refused/`, with the reason beside it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, unquote

import msgspec

from saltern.minion.whole_files import MARK, new_file, sweep, sync_directory, write_whole

_REFUSED = "refused"
_REASON = ".reason"
_decode = msgspec.msgpack.Decoder(dict[str, Any]).decode


class ReturnQueue:
    """The directory of folders."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._waiting = directory / "waiting"
        self._refused = directory / _REFUSED

    def put(self, returner: str, key: str, write: Callable[[BinaryIO], object]) -> None:
        """Keep a return for a returner; durable when this returns."""
        folder = self._waiting / quote(returner, safe="")
        if not folder.exists():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_directory(self._waiting)
        with new_file(folder / key) as file:
            write(file)
        sync_directory(folder)

    def waiting(self) -> dict[str, list[str]]:
        """The keys that wait, oldest first, by returner."""
        found = {}
        for folder in _entries(self._waiting):
            keys = sorted(name for name in _entries(self._waiting / folder) if not name.startswith(MARK))
            if keys:
                found[unquote(folder)] = keys
        return found

    def get(self, returner: str, key: str) -> dict[str, Any]:
        return _decode(self._path(returner, key).read_bytes())

    def drop(self, returner: str, key: str) -> None:
        self._path(returner, key).unlink(missing_ok=True)

    def refuse(self, returner: str, key: str, reason: str) -> Path:
        """Put aside what a returner will not take; where it lies now."""
        folder = self._refused / quote(returner, safe="")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(folder / f"{key}{_REASON}", reason.encode(errors="replace"))
        self._path(returner, key).rename(folder / key)
        return folder / key

    def sweep(self) -> None:
        """Remove what killed processes left half written."""
        for folder in _entries(self._waiting):
            sweep(self._waiting / folder)

    def trim(self, keep_seconds: float, keep_bytes: int, now: float) -> list[str]:
        """Drop what waits or is refused for longer than `keep_seconds`, then the oldest beyond `keep_bytes`."""
        files = sorted(self._files(), key=lambda file: file[1].st_mtime)
        total = sum(status.st_size for _, status in files)
        dropped = []
        for path, status in files:
            if not (keep_seconds and now - status.st_mtime > keep_seconds) and not (keep_bytes and total > keep_bytes):
                continue
            path.unlink(missing_ok=True)
            total -= status.st_size
            if not path.name.endswith(_REASON):
                dropped.append(f"{unquote(path.parent.name)} {path.name}")
        return dropped

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        """What waits or is refused, but what another process delivers while this one looks."""
        for path in self.directory.glob("*/*/*"):
            if not path.name.startswith(MARK):
                with contextlib.suppress(FileNotFoundError):
                    yield path, path.stat()

    def _path(self, returner: str, key: str) -> Path:
        return self._waiting / quote(returner, safe="") / key


def _entries(directory: Path) -> list[str]:
    try:
        return os.listdir(directory)
    except FileNotFoundError:
        return []
