"""Files that minions send (`cp.push`, behaviour FS-05): each minion has a directory of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from saltern.errors import ArgumentError, PermissionRefused, StoreError
from saltern.files.paths import is_inside


class _Push(msgspec.Struct, frozen=True):
    path: str
    data: bytes
    offset: int = 0
    last: bool = True


class Uploads:
    """Keeps files in `<directory>/<minion>/files/<path>`. With `allowed` off nothing is taken.

    A file comes in pieces, in order; it takes its place when the last one is there. `max_bytes` bounds each file.
    """

    def __init__(self, directory: Path, *, allowed: bool, max_bytes: int) -> None:
        self._directory = directory
        self._allowed = allowed
        self._max_bytes = max_bytes

    def push(self, minion: str, args: Mapping[str, Any]) -> bool:
        """Take one piece; the verb `file_push`. True, or an error that says why not."""
        try:
            piece = msgspec.convert(args, _Push)
        except msgspec.ValidationError as error:
            raise ArgumentError(f"file_push: {error}") from error
        if not self._allowed:
            raise PermissionRefused("This master takes no files from minions.", hint="file_recv: True lets it.")
        if not is_inside(piece.path):
            raise ArgumentError(f"file_push: {piece.path!r} is no path of a file below the minion's directory")
        if piece.offset < 0 or piece.offset + len(piece.data) > self._max_bytes:
            raise PermissionRefused(
                f"{piece.path} is larger than {self._max_bytes >> 20} MiB.", hint="file_recv_max_size sets the bound."
            )
        try:
            self._write(self._directory / minion / "files" / piece.path, piece)
        except OSError as error:
            raise StoreError(f"{piece.path} of {minion} cannot be kept: {error}") from error
        return True

    def _write(self, place: Path, piece: _Push) -> None:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = place.with_name(f".{place.name}.part")
        with part.open("wb" if piece.offset == 0 else "ab") as file:
            if file.tell() != piece.offset:
                raise ArgumentError(f"file_push: a piece of {piece.path} is missing before byte {piece.offset}")
            file.write(piece.data)
        if piece.last:
            part.replace(place)
