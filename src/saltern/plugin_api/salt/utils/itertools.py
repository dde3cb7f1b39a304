"""Going through texts and files piece by piece."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator
from typing import IO


def split(orig: str, sep: str | None = None) -> Iterator[str]:
    """The parts of a text as `str.split` makes them."""
    yield from orig.split(sep)


def read_file(fh_: IO[str], chunk_size: int = 1048576) -> Iterator[str]:
    """A file in pieces; it is closed at the end."""
    try:
        while piece := fh_.read(chunk_size):
            yield piece
    finally:
        fh_.close()


def fnmatch_multiple(candidates: Iterable[str], pattern: str) -> str | None:
    """The first of the candidates that a glob fits."""
    return next((one for one in candidates if fnmatch.fnmatch(one, pattern)), None)
