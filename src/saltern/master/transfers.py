"""Bodies that come in chunks: written to files as they arrive, so that memory stays flat whatever their size."""

from __future__ import annotations

import os
from pathlib import Path

from saltern.errors import ProtocolError, StoreFull
from saltern.model.job import Body
from saltern.transport.frames import Chunk

_AT_ONCE = 4
"""Transfers that one connection may have open."""


class Transfers:
    """The open transfers of one connection."""

    def __init__(self, directory: Path, name: str, most_bytes: int) -> None:
        self._directory = directory
        self._name = name
        self._most_bytes = most_bytes
        self._open: dict[int, tuple[int, Path, int]] = {}

    def add(self, chunk: Chunk) -> None:
        """Take a chunk; `ProtocolError` when it does not continue its transfer or is too much."""
        descriptor, path, size = self._open.get(chunk.transfer) or self._start(chunk)
        if chunk.offset != size:
            raise ProtocolError(f"chunk at {chunk.offset} of a transfer that has {size} bytes")
        if size + len(chunk.data) > self._most_bytes:
            raise ProtocolError(f"a return of more than max_return_size ({self._most_bytes} bytes)")
        try:
            os.write(descriptor, chunk.data)
        except OSError as error:
            raise StoreFull(f"no space for a large return in {self._directory}: {error.strerror}") from error
        self._open[chunk.transfer] = (descriptor, path, size + len(chunk.data))

    def finish(self, transfer: int, size: int) -> Body:
        """The whole body as a file; `ProtocolError` when bytes are missing."""
        found = self._open.pop(transfer, None)
        if found is None:
            raise ProtocolError(f"no transfer {transfer} is open")
        descriptor, path, arrived = found
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if arrived != size:
            path.unlink()
            raise ProtocolError(f"a body of {size} bytes came with {arrived}")
        return Body(path=path, size=size)

    def close(self) -> None:
        """Throw away what is not whole."""
        for descriptor, path, _ in self._open.values():
            os.close(descriptor)
            path.unlink(missing_ok=True)
        self._open.clear()

    def _start(self, chunk: Chunk) -> tuple[int, Path, int]:
        if len(self._open) >= _AT_ONCE:
            raise ProtocolError(f"more than {_AT_ONCE} transfers at once")
        path = self._directory / f"{self._name}-{chunk.transfer}"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        return descriptor, path, 0
