"""A tree of files from git repositories: Salt's gitfs (behaviour FS-06). Looking up never touches the network."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from saltern.files.contract import FileInfo
from saltern.files.git.environments import RemoteEnvironments, Served
from saltern.files.git.remotes import Remote, place_in
from saltern.files.paths import is_below, is_inside, parents
from saltern.files.upkeep import Kept, Upkeep
from saltern.plugin_api.git.mirror import Mirror, TreeEntry
from saltern.plugin_api.git.urls import redacted

_MOST_LINKS = 10


class GitTree:
    """The union of the remotes; of two files with one path that of the earlier remote is served.

    Links to files of the same repository are followed. `folder` is where the mirrors lie.
    """

    def __init__(self, remotes: Sequence[Remote], folder: Path) -> None:
        self._remotes = [
            (one, RemoteEnvironments(one, Mirror(place_in(folder, one), one.url, one.login, one.refspecs, one.depth)))
            for one in remotes
        ]
        copies = [Kept(redacted(one.url), one.update_interval, here.mirror) for one, here in self._remotes]
        self._upkeep = Upkeep("gitfs", copies)
        self._digests: dict[tuple[str, str], str] = {}

    # --- FileTree ---------------------------------------------------------------------------------------------------

    def envs(self) -> list[str]:
        return sorted({name for _, one in self._remotes for name in one.names()})

    def files(self, saltenv: str, prefix: str = "") -> list[str]:
        return sorted({path for path in self._paths(saltenv, prefix) if self._entry(saltenv, path) is not None})

    def dirs(self, saltenv: str, prefix: str = "") -> list[str]:
        found: set[str] = set()
        for mirror, served in self._served(saltenv):
            paths = [_mounted(served, path) for path, one in _tree(mirror, served).items() if one.kind == "tree"]
            mounted = [served.mountpoint] if served.mountpoint and _tree(mirror, served) else []
            for path in [*paths, *mounted]:
                found |= {path, *parents(path)}
        return sorted(path for path in found if is_below(path, prefix))

    def empty_dirs(self, saltenv: str, prefix: str = "") -> list[str]:
        """Git keeps no empty directories."""
        return []

    def symlinks(self, saltenv: str, prefix: str = "") -> dict[str, str]:
        found: dict[str, str] = {}
        for mirror, served in self._served(saltenv):
            for path, entry in _tree(mirror, served).items():
                place = _mounted(served, path)
                if entry.kind == "link" and is_below(place, prefix):
                    found.setdefault(place, mirror.content(entry.object_id).decode("utf-8", "surrogateescape"))
        return dict(sorted(found.items()))

    def find(self, saltenv: str, path: str) -> FileInfo | None:
        found = self._entry(saltenv, path)
        if found is None:
            return None
        mode = 0o755 if found[1].executable else 0o644
        return FileInfo(path=path, size=found[1].size, modified=found[0].kept.fetched_at, mode=mode)

    def hash(self, saltenv: str, path: str, algorithm: str = "sha256") -> str | None:
        found = self._entry(saltenv, path)
        if found is None:
            return None
        key = (found[1].object_id, algorithm)
        if key not in self._digests:
            self._digests[key] = hashlib.new(algorithm, found[0].content(found[1].object_id)).hexdigest()
        return self._digests[key]

    def read(self, saltenv: str, path: str, offset: int, size: int) -> bytes | None:
        found = self._entry(saltenv, path)
        if found is None:
            return None
        return found[0].content(found[1].object_id)[max(offset, 0) : max(offset, 0) + size]

    # --- remotes ----------------------------------------------------------------------------------------------------

    def update(self, *, due: bool = False) -> bool:
        return self._upkeep.update(due=due)

    def lock(self, remote: str = "") -> list[str]:
        return self._upkeep.lock(remote)

    def unlock(self, remote: str = "") -> list[str]:
        return self._upkeep.unlock(remote)

    def clear(self) -> list[str]:
        return self._upkeep.clear()

    # --- what is served ---------------------------------------------------------------------------------------------

    def _served(self, saltenv: str) -> Iterator[tuple[Mirror, Served]]:
        for _, environments in self._remotes:
            served = environments.served(saltenv)
            if served is not None:
                yield environments.mirror, served

    def _paths(self, saltenv: str, prefix: str) -> Iterator[str]:
        for mirror, served in self._served(saltenv):
            for path, entry in _tree(mirror, served).items():
                place = _mounted(served, path)
                if entry.kind != "tree" and is_below(place, prefix):
                    yield place

    def _entry(self, saltenv: str, path: str) -> tuple[Mirror, TreeEntry] | None:
        if not is_inside(path):
            return None
        for mirror, served in self._served(saltenv):
            inner = _inner(served, path)
            entry = None if inner is None else _followed(mirror, _tree(mirror, served), inner)
            if entry is not None:
                return mirror, entry
        return None


def _tree(mirror: Mirror, served: Served) -> Mapping[str, TreeEntry]:
    return mirror.tree(served.commit, served.root)


def _followed(mirror: Mirror, tree: Mapping[str, TreeEntry], path: str) -> TreeEntry | None:
    """The file at a path, through links that stay within the tree."""
    for _ in range(_MOST_LINKS):
        entry = tree.get(path)
        if entry is None or entry.kind == "tree":
            return None
        if entry.kind == "blob":
            return entry
        target = mirror.content(entry.object_id).decode("utf-8", "surrogateescape")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    return None


def _mounted(served: Served, path: str) -> str:
    return f"{served.mountpoint}/{path}" if served.mountpoint else path


def _inner(served: Served, path: str) -> str | None:
    """The path in the repository's tree; None where it does not lie below the mountpoint."""
    if not served.mountpoint:
        return path
    return path.removeprefix(f"{served.mountpoint}/") if path.startswith(f"{served.mountpoint}/") else None
