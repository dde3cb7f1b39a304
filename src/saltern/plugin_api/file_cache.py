"""The minion's copies of files: of the master's tree, of other servers, and of its own (behaviour FS-03).

Below `cachedir` lie `files/<saltenv>/<path>`, `extrn_files/<saltenv>/<host>/<path>` and `localfiles/<path>`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple
from urllib.parse import urlsplit

from saltern.plugin_api.errors import CommandExecutionError, MinionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from saltern.plugin_api.types import FileClient

_ATTEMPTS = 3
"""How often a file is fetched that changes on the master while it is read."""


class TreePath(NamedTuple):
    """A file of the tree."""

    path: str
    saltenv: str


def tree_path(url: str, saltenv: str | None) -> TreePath:
    """The file that `salt://path[?saltenv=env]` names; the environment in it wins. `MinionError` for another URL."""
    scheme, mark, rest = url.partition("://")
    if not mark or scheme != "salt":
        raise MinionError(f"Unsupported path: {url}")
    path, _, query = rest.partition("?")
    named = [word.removeprefix("saltenv=") for word in query.split("&") if word.startswith("saltenv=")]
    # In Salt a leading bar stands for a path whose characters mean nothing special.
    return TreePath(path.removeprefix("|").lstrip("/"), named[0] if named else saltenv or "base")


class FileCache:
    """Copies of the files that `client` gives, in `cachedir`. What is asked for is brought, unless the copy is good."""

    def __init__(self, client: FileClient | None, cachedir: str | Path) -> None:
        self._client = client
        self._folder = Path(cachedir)

    @property
    def client(self) -> FileClient:
        """Where files come from; `MinionError` where there is nobody to ask."""
        if self._client is None:
            raise MinionError("This minion has no file client: it is not connected to a master.")
        return self._client

    def place_of(self, file: TreePath) -> Path:
        return self._folder / "files" / _plain(file.saltenv) / _plain(file.path)

    def outside(self, url: str, saltenv: str) -> Path:
        """The place of a file from another server. Its name holds the query, and no password."""
        parts = urlsplit(url)
        name = f"{parts.path.lstrip('/')}-{parts.query}" if parts.query else parts.path.lstrip("/")
        return self._folder / "extrn_files" / _plain(saltenv) / _plain(parts.netloc.rpartition("@")[2]) / _plain(name)

    def own(self, path: str) -> Path:
        """The place of a copy of one of this host's own files."""
        return self._folder / "localfiles" / _plain(path.lstrip("/"))

    def bring(self, file: TreePath) -> Path | None:
        """A copy of a file of the tree as it is now; None when there is no such file."""
        if not file.path or ".." in PurePosixPath(file.path).parts:
            return None
        place = self.place_of(file)
        for _ in range(_ATTEMPTS):
            digest = self.client.file_hash(file.saltenv, [file.path]).get(file.path)
            if digest is None:
                return None
            if digest_of(place) == digest or self._fetched(file, place, digest):
                return place
        raise CommandExecutionError(f"salt://{file.path} changes all the time: it could not be read whole.")

    def files_below(self, folder: TreePath) -> list[str]:
        prefix = folder.path.rstrip("/")
        return self.client.file_list(folder.saltenv, f"{prefix}/" if prefix else "")

    def kept(self, saltenv: str) -> list[str]:
        """All copies of an environment's files and of this host's own, sorted."""
        folders = (self._folder / "files" / _plain(saltenv), self._folder / "localfiles")
        return sorted(str(path) for folder in folders for path in folder.rglob("*") if path.is_file())

    def _fetched(self, file: TreePath, place: Path, digest: str) -> bool:
        """Whether what was read is what the digest says; else nothing has happened."""
        try:
            with replacing(place) as copy:
                found, offset = hashlib.sha256(), 0
                while piece := self.client.file_read(file.saltenv, file.path, offset):
                    copy.write(piece)
                    found.update(piece)
                    offset += len(piece)
                if found.hexdigest() != digest:
                    raise _Changed
        except _Changed:
            return False
        return True


class _Changed(Exception):
    """The file is another one than its digest said."""


@contextlib.contextmanager
def replacing(place: Path, mode: int | None = None) -> Iterator[IO[bytes]]:
    """A file to write into, which takes the place of another when it is whole; otherwise nothing has happened."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=place.parent, prefix=f".{place.name[:100]}.", delete=False) as file:
        try:
            yield file
            file.flush()
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            Path(file.name).replace(place)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def copied(source: Path, place: Path) -> None:
    """Put a copy of a file at a place: an existing file keeps its mode, a new one gets that of the umask."""
    mode = place.stat().st_mode & 0o7777 if place.is_file() else 0o666 & ~_umask()
    with replacing(place, mode) as copy, source.open("rb") as file:
        shutil.copyfileobj(file, copy)


def digest_of(place: Path, algorithm: str = "sha256") -> str:
    """The hex digest of a file; empty when there is none."""
    try:
        with place.open("rb") as file:
            return hashlib.file_digest(file, algorithm).hexdigest()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return ""


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _plain(path: str) -> str:
    """A path that stays below where it is put; `MinionError` for one that does not."""
    if path.startswith("/") or "\0" in path or ".." in PurePosixPath(path).parts:
        raise MinionError(f"The path {path!r} leads out of the directory of copies.")
    return path
