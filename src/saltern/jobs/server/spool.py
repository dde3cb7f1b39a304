"""Large bodies: in pieces to the server, and from there into files that can be read a piece at a time."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from saltern.model.job import Body

LARGE = 1 << 20
"""Bytes: larger bodies travel in pieces."""
PIECE = 4 << 20
_KEPT_SECONDS = 600.0
"""For how long a body that was read may be opened."""


def is_large(body: Body | None) -> bool:
    if body is None:
        return False
    return body.path.stat().st_size > LARGE if body.path is not None else len(body.data or b"") > LARGE


def content_of(body: Body) -> bytes:
    """A small body as bytes."""
    if body.path is not None:
        return body.path.read_bytes()
    return body.data or b""


async def pieces_of(body: Body) -> AsyncIterator[bytes]:
    """A body a piece at a time; a file is read in another thread."""
    if body.data is not None:
        for at in range(0, len(body.data), PIECE):
            yield body.data[at : at + PIECE]
        return
    assert body.path is not None
    with body.path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece


class Spool:
    """A directory of bodies that were read, each kept for some minutes; gone when the store closes."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._number = 0

    async def save(self, pieces: AsyncIterator[bytes]) -> Body:
        """Write pieces into a file of their own."""
        path = self._fresh()
        size = 0
        with path.open("wb") as file:
            async for piece in pieces:
                size += await asyncio.to_thread(file.write, piece)
        return Body(path=path, size=size)

    def close(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _fresh(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="saltern-bodies-"))
        for old in self._folder.iterdir():
            if old.stat().st_mtime < time.time() - _KEPT_SECONDS:
                old.unlink()
        self._number += 1
        return self._folder / str(self._number)
