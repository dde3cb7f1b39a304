"""Several trees as one: of two files with one path that of the earlier tree counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from saltern.files.contract import FileInfo, FileTree


class UnionTree:
    """A `FileTree` over trees in the order of their rank."""

    def __init__(self, trees: Sequence[FileTree]) -> None:
        self._trees = trees

    def envs(self) -> list[str]:
        return _sorted(tree.envs() for tree in self._trees)

    def files(self, saltenv: str, prefix: str = "") -> list[str]:
        return _sorted(tree.files(saltenv, prefix) for tree in self._trees)

    def dirs(self, saltenv: str, prefix: str = "") -> list[str]:
        return _sorted(tree.dirs(saltenv, prefix) for tree in self._trees)

    def empty_dirs(self, saltenv: str, prefix: str = "") -> list[str]:
        empty = _sorted(tree.empty_dirs(saltenv, prefix) for tree in self._trees)
        full = {path.rpartition("/")[0] for path in self.files(saltenv, prefix)} if empty else set()
        return [path for path in empty if path not in full]

    def symlinks(self, saltenv: str, prefix: str = "") -> dict[str, str]:
        found: dict[str, str] = {}
        for tree in self._trees:
            for path, target in tree.symlinks(saltenv, prefix).items():
                found.setdefault(path, target)
        return dict(sorted(found.items()))

    def find(self, saltenv: str, path: str) -> FileInfo | None:
        return next((found for tree in self._trees if (found := tree.find(saltenv, path)) is not None), None)

    def hash(self, saltenv: str, path: str, algorithm: str = "sha256") -> str | None:
        return next((found for tree in self._trees if (found := tree.hash(saltenv, path, algorithm)) is not None), None)

    def read(self, saltenv: str, path: str, offset: int, size: int) -> bytes | None:
        return next(
            (found for tree in self._trees if (found := tree.read(saltenv, path, offset, size)) is not None), None
        )


def _sorted(lists: Iterable[list[str]]) -> list[str]:
    return sorted({one for found in lists for one in found})
