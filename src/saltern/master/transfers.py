"""Bodies that come in chunks: written to files as they arrive, so that memory stays flat whatever their size."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from saltern.errors import ProtocolError
from saltern.model.job import Body
from saltern.transport.frames import Chunk

log = logging.getLogger(__name__)

_AT_ONCE = 4
"""Transfers that one connection may have open."""


class Transfers:
    """The open transfers of one connection."""

    def __init__(self, directory: Path, name: str, most_bytes: int) -> None:
        self._directory = directory
        self._name = name
        self._most_bytes = most_bytes
        self._open: dict[int, tuple[int, Path, int]] = {}
        self._failed: set[int] = set()

    def add(self, chunk: Chunk) -> None:
        """Take a chunk; `ProtocolError` when it does not continue its transfer or is too much."""
        if chunk.transfer in self._failed:
            return
        descriptor, path, size = self._open.get(chunk.transfer) or self._start(chunk)
        if chunk.offset != size:
            raise ProtocolError(f"chunk at {chunk.offset} of a transfer that has {size} bytes")
        if size + len(chunk.data) > self._most_bytes:
            raise ProtocolError(f"a return of more than max_return_size ({self._most_bytes} bytes)")
        try:
            _write_all(descriptor, chunk.data)
        except OSError as error:
            log.error("a large return cannot be written to %s: %s", self._directory, error.strerror)
            self._give_up(chunk.transfer)
            return
        self._open[chunk.transfer] = (descriptor, path, size + len(chunk.data))

    def finish(self, transfer: int, size: int) -> Body | None:
        """The whole body as a file; None when there was no space for it; `ProtocolError` when bytes are missing."""
        if transfer in self._failed:
            self._failed.discard(transfer)
            return None
        found = self._open.pop(transfer, None)
        if found is None:
            raise ProtocolError(f"no transfer {transfer} is open")
        descriptor, path, arrived = found
        os.close(descriptor)  # the store makes it durable
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

    def _give_up(self, transfer: int) -> None:
        """Throw away what came; the rest of this transfer is ignored, and the minion keeps its return."""
        descriptor, path, _ = self._open.pop(transfer)
        os.close(descriptor)
        path.unlink(missing_ok=True)
        self._failed.add(transfer)

    def _start(self, chunk: Chunk) -> tuple[int, Path, int]:
        if len(self._open) + len(self._failed) >= _AT_ONCE:
            raise ProtocolError(f"more than {_AT_ONCE} transfers at once")
        path = self._directory / f"{self._name}-{chunk.transfer}"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._open[chunk.transfer] = (descriptor, path, 0)
        return descriptor, path, 0


def _write_all(descriptor: int, data: bytes) -> None:
    """A disk that fills up takes a part, and says so only at the next write."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
