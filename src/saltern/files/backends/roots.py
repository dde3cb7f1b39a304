"""A tree of files from directories of this host: Salt's `file_roots` (behaviours FS-01 and FS-02)."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from saltern.errors import ConfigError
from saltern.files.contract import FileInfo
from saltern.files.paths import is_environment, is_inside

_ANY = "__env__"
_BLOCK = 1 << 20
_REMEMBERED = 50_000
_Key = tuple[str, str, int, int, int]
_Identity = tuple[int, int]


class RootsTree:
    """The union of the roots of an environment; of two files with one path the earlier root's is served.

    An environment without roots of its own uses those of `__env__`, its name put in for that word in their paths.
    With `follow_links` a link is followed wherever it leads (whoever may write in a root may serve any file); without,
    no linked directory is entered and a linked file counts only if it lies in the same root. With `ignore_links` there
    are no links at all. `ConfigError` for a regular expression that is none.
    """

    def __init__(
        self,
        roots: Mapping[str, Sequence[Path]],
        *,
        follow_links: bool = True,
        ignore_links: bool = False,
        ignore_globs: Sequence[str] = (),
        ignore_regexes: Sequence[str] = (),
    ) -> None:
        self._roots = roots
        self._follow = follow_links and not ignore_links
        self._ignore_links = ignore_links
        self._is_ignored = _ignoring(ignore_globs, ignore_regexes)
        self._digests: dict[_Key, str] = {}

    def envs(self) -> list[str]:
        return sorted(env for env in self._roots if env != _ANY)

    def files(self, saltenv: str, prefix: str = "") -> list[str]:
        return sorted(
            {path for root in self._roots_of(saltenv) for path, is_dir in self._below(root, prefix) if not is_dir}
        )

    def dirs(self, saltenv: str, prefix: str = "") -> list[str]:
        return sorted(
            {path for root in self._roots_of(saltenv) for path, is_dir in self._below(root, prefix) if is_dir}
        )

    def empty_dirs(self, saltenv: str, prefix: str = "") -> list[str]:
        return [path for path in self.dirs(saltenv, prefix) if not self._holds_anything(saltenv, path)]

    def symlinks(self, saltenv: str, prefix: str = "") -> dict[str, str]:
        found: dict[str, str] = {}
        if self._ignore_links:
            return found
        for root in self._roots_of(saltenv):
            for path, _ in self._below(root, prefix):
                if (root / path).is_symlink():
                    found.setdefault(path, str((root / path).readlink()))
        return found

    def find(self, saltenv: str, path: str) -> FileInfo | None:
        place = self._place_of(saltenv, path)
        if place is None:
            return None
        try:
            status = place.stat()
        except OSError:
            return None
        return FileInfo(
            path=path,
            size=status.st_size,
            modified=status.st_mtime,
            mode=stat.S_IMODE(status.st_mode),
            place=str(place),
        )

    def hash(self, saltenv: str, path: str, algorithm: str = "sha256") -> str | None:
        place = self._place_of(saltenv, path)
        return None if place is None else self._digest(place, algorithm)

    def read(self, saltenv: str, path: str, offset: int, size: int) -> bytes | None:
        place = self._place_of(saltenv, path)
        if place is None:
            return None
        try:
            with place.open("rb") as file:
                file.seek(max(offset, 0))
                return file.read(size)
        except OSError:
            return None

    def _roots_of(self, saltenv: str) -> list[Path]:
        if saltenv in self._roots and saltenv != _ANY:
            return [Path(root) for root in self._roots[saltenv]]
        if not is_environment(saltenv) or saltenv == _ANY:
            return []
        return [Path(str(root).replace(_ANY, saltenv)) for root in self._roots.get(_ANY, ())]

    def _holds_anything(self, saltenv: str, folder: str) -> bool:
        places = (root / folder for root in self._roots_of(saltenv))
        return any(place.is_dir() and next(place.iterdir(), None) is not None for place in places)

    def _place_of(self, saltenv: str, path: str) -> Path | None:
        """The file of the first root that has it."""
        if not is_inside(path) or self._is_ignored(path):
            return None
        return next((root / path for root in self._roots_of(saltenv) if self._is_served(root, root / path)), None)

    def _is_served(self, root: Path, place: Path) -> bool:
        try:
            if not stat.S_ISREG(place.stat().st_mode):
                return False
            return self._follow or self._may_lead_there(root, place)
        except OSError:
            return False

    def _may_lead_there(self, root: Path, place: Path) -> bool:
        """Without following: no linked directory on the way, and a linked file only within its root."""
        true_root = root.resolve()
        if place.parent.resolve() != true_root / place.parent.relative_to(root):
            return False
        return not place.is_symlink() or (not self._ignore_links and place.resolve().is_relative_to(true_root))

    def _below(self, root: Path, prefix: str) -> Iterator[tuple[str, bool]]:
        """Files and directories of one root below a prefix, as paths in the tree and whether it is a directory."""
        start = prefix.rstrip("/")
        if prefix and not is_inside(start):
            return
        if start and not self._follow and (root / start).resolve() != root.resolve() / start:
            return
        yield from self._walk(root, start, frozenset())

    def _walk(self, root: Path, folder: str, above: frozenset[_Identity]) -> Iterator[tuple[str, bool]]:
        """`above` are the directories on the way here: a link to one of them would be walked for ever."""
        try:
            entries = list(os.scandir(root / folder))
            here = above | {_identity(root / folder)}
        except OSError:
            return
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if self._is_ignored(path):
                continue
            if self._enters(entry, here):
                yield path, True
                yield from self._walk(root, path, here)
            elif self._is_served(root, root / path):
                yield path, False

    def _enters(self, entry: os.DirEntry[str], above: frozenset[_Identity]) -> bool:
        try:
            return entry.is_dir(follow_symlinks=self._follow) and _identity(Path(entry.path)) not in above
        except OSError:
            return False

    def _digest(self, place: Path, algorithm: str) -> str | None:
        """A digest, remembered until the file changes: many minions ask for the same files."""
        try:
            with place.open("rb") as file:
                status = os.fstat(file.fileno())
                key = (str(place), algorithm, status.st_mtime_ns, status.st_size, status.st_ino)
                if key not in self._digests:
                    if len(self._digests) >= _REMEMBERED:
                        self._digests.clear()
                    self._digests[key] = hashlib.file_digest(file, algorithm).hexdigest()
        except OSError:
            return None
        return self._digests[key]


def _identity(place: Path) -> _Identity:
    status = place.stat()
    return status.st_dev, status.st_ino


def _ignoring(globs: Sequence[str], regexes: Sequence[str]) -> Callable[[str], bool]:
    try:
        patterns = [re.compile(regex) for regex in regexes]
    except re.error as error:
        raise ConfigError(f"file_ignore_regex: {error}: {error.pattern!r}") from error
    return lambda path: any(fnmatch.fnmatch(path, one) for one in globs) or any(one.search(path) for one in patterns)
