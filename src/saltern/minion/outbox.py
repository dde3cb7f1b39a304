"""The outbox: returns on disk until a master says that they are stored.

One file a return, named by its jid: a 4-byte big-endian length, that many bytes of head (`model.job.Return`), then the
body (the value as MessagePack). What is in the directory is whole (see `whole_files`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from saltern.minion.whole_files import MARK, new_file, sweep, sync_directory
from saltern.model.job import Return

_LENGTH = 4
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Return).decode


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A return that waits. The body is the file from `offset` on, `size` bytes."""

    key: str
    path: Path
    head: bytes
    offset: int
    size: int

    def described(self) -> Return:
        return _decode(self.head)

    def pieces(self, length: int) -> Iterator[bytes]:
        """The body in pieces of `length` bytes."""
        with self.path.open("rb") as file:
            file.seek(self.offset)
            while piece := file.read(length):
                yield piece

    def body(self) -> bytes:
        with self.path.open("rb") as file:
            file.seek(self.offset)
            return file.read()


class Outbox:
    """The directory of waiting returns."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, key: str, given: Return, write_body: Callable[[BinaryIO], object]) -> None:
        """Keep a return; durable when this returns. `write_body` writes the value as MessagePack."""
        path = self._directory / key
        head = _encode(given)
        with new_file(path) as file:
            file.write(len(head).to_bytes(_LENGTH, "big") + head)
            write_body(file)
        # From here on it may be sent, stored and dropped at any time.
        sync_directory(self._directory)

    def waiting(self) -> list[str]:
        """The keys that wait, oldest first (a jid is a time)."""
        return sorted(name for name in os.listdir(self._directory) if not name.startswith(MARK))

    def get(self, key: str) -> Entry | None:
        path = self._directory / key
        try:
            with path.open("rb") as file:
                head = file.read(int.from_bytes(file.read(_LENGTH), "big"))
                size = os.fstat(file.fileno()).st_size
        except FileNotFoundError:
            return None
        offset = _LENGTH + len(head)
        return Entry(key=key, path=path, head=head, offset=offset, size=size - offset)

    def drop(self, key: str) -> None:
        (self._directory / key).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what killed processes left half written."""
        sweep(self._directory)

    def changed(self) -> int:
        """When something was last put in or taken out (nanoseconds; good only to compare)."""
        return self._directory.stat().st_mtime_ns

    def trim(self, keep_seconds: float, keep_bytes: int, now: float) -> list[str]:
        """Drop what no master took for `keep_seconds`, then the oldest beyond `keep_bytes` (0: no bound)."""
        files = [(key, (self._directory / key).stat()) for key in self.waiting()]
        total = sum(stat.st_size for _, stat in files)
        dropped = []
        for key, stat in files:
            too_old = keep_seconds and now - stat.st_mtime > keep_seconds
            if not too_old and not (keep_bytes and total > keep_bytes):
                continue
            self.drop(key)
            dropped.append(key)
            total -= stat.st_size
        return dropped
