"""Bodies that come in chunks: written to files as they arrive, so that memory stays flat whatever their size."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from saltern.errors import FrameTooLarge, ProtocolError, SalternError, StoreFull
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
        self._given_up: dict[int, SalternError] = {}

    def add(self, chunk: Chunk) -> None:
        """Take a chunk; `ProtocolError` when it does not continue its transfer."""
        if chunk.transfer in self._given_up:
            return
        try:
            descriptor, path, size = self._open.get(chunk.transfer) or self._start(chunk)
            if chunk.offset != size:
                raise ProtocolError(f"chunk at {chunk.offset} of a transfer that has {size} bytes")
            if size + len(chunk.data) > self._most_bytes:
                self._give_up(chunk.transfer, FrameTooLarge(f"a return of more than {self._most_bytes} bytes"))
                return
            _write_all(descriptor, chunk.data)
        except OSError as error:
            self._give_up(chunk.transfer, StoreFull(f"no large returns in {self._directory}: {error.strerror}"))
        else:
            self._open[chunk.transfer] = (descriptor, path, size + len(chunk.data))

    def finish(self, transfer: int, size: int) -> Body:
        """The whole body as a file.

        `FrameTooLarge` when it is not taken for its size, `StoreFull` when there is no space for it now, another
        `ProtocolError` when bytes are missing.
        """
        if transfer in self._given_up:
            raise self._given_up.pop(transfer)
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
        for transfer in list(self._open):
            self._throw_away(transfer)

    def _start(self, chunk: Chunk) -> tuple[int, Path, int]:
        if len(self._open) + len(self._given_up) >= _AT_ONCE:
            raise ProtocolError(f"more than {_AT_ONCE} transfers at once")
        path = self._directory / f"{self._name}-{chunk.transfer}"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._open[chunk.transfer] = (descriptor, path, 0)
        return self._open[chunk.transfer]

    def _give_up(self, transfer: int, error: SalternError) -> None:
        """The rest of this transfer is ignored; why, its end will hear."""
        log.error("%s", error)
        self._throw_away(transfer)
        self._given_up[transfer] = error

    def _throw_away(self, transfer: int) -> None:
        if (found := self._open.pop(transfer, None)) is not None:
            descriptor, path, _ = found
            os.close(descriptor)
            path.unlink(missing_ok=True)


def _write_all(descriptor: int, data: bytes) -> None:
    """A disk that fills up takes a part, and says so only at the next write."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
