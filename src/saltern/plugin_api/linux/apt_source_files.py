"""The source lists of apt on this machine: found, added, changed and removed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from saltern.plugin_api.linux import apt_sources
from saltern.plugin_api.linux.apt_sources import Source
from saltern.plugin_api.whole_file import write_whole

MAIN_FILE = "/etc/apt/sources.list"
PARTS = "/etc/apt/sources.list.d"


def sources() -> Iterator[tuple[str, Source]]:
    """Every source with its file."""
    for path in _files():
        yield from ((path, piece) for piece in _read(path) if isinstance(piece, Source))


def find(wanted: Source) -> tuple[str, Source] | None:
    """The source that covers what `wanted` names, that with its very components if there are several."""
    found = [(path, source) for path, source in sources() if source.is_of(wanted)]
    same = [pair for pair in found if pair[1].comps == wanted.comps]
    return next(iter(same or found), None)


def add(path: str, source: Source) -> None:
    """Put a source at the end of a file, which is made where there is none."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    _write(path, [*_read(path), source])


def replace(path: str, old: Source, new: Source | None) -> bool:
    """Put `new` in the place of a source, or take it away. False when no source was left and the file was removed.

    Only a file of the directory of parts is removed.
    """
    pieces = [new if piece == old else piece for piece in _read(path)]
    left = [piece for piece in pieces if piece is not None]
    if str(Path(path).parent) == PARTS and not any(isinstance(piece, Source) for piece in left):
        Path(path).unlink()
        return False
    _write(path, left)
    return True


def _files() -> list[str]:
    parts = sorted(path for path in Path(PARTS).glob("*") if path.suffix in (".list", ".sources"))
    return [str(path) for path in (Path(MAIN_FILE), *parts) if path.is_file()]


def _read(path: str) -> apt_sources.Pieces:
    try:
        return apt_sources.parse(path, Path(path).read_text(encoding="utf-8", errors="surrogateescape"))
    except FileNotFoundError:
        return []


def _write(path: str, pieces: apt_sources.Pieces) -> None:
    write_whole(path, os.fsencode(apt_sources.render(path, pieces)))
