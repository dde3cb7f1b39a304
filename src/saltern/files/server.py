"""The file server: its back ends by name, as one tree, and what keeps remote ones up to date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from saltern.errors import ArgumentError
from saltern.files.contract import FileTree
from saltern.files.union import UnionTree

_OTHER_NAMES = {"file_roots": "roots", "git": "gitfs", "minion": "minionfs", "s3": "s3fs", "http": "httpfs"}


@runtime_checkable
class RemoteTree(Protocol):
    """A tree that has its files from elsewhere."""

    def update(self, *, due: bool = False) -> bool:
        """Fetch what is new, with `due` only where it is time; whether anything has changed."""

    def lock(self, remote: str = "") -> list[str]:
        """Keep sources whose address holds a text from being fetched; those that were not locked before."""

    def unlock(self, remote: str = "") -> list[str]:
        """Let sources be fetched again; those that were locked."""

    def clear(self) -> list[str]:
        """Remove what is kept; what was removed."""


class FileServer:
    """`backends` in the order of their rank."""

    def __init__(self, backends: Mapping[str, FileTree]) -> None:
        self._backends = backends
        trees = list(backends.values())
        self.tree: FileTree = trees[0] if len(trees) == 1 else UnionTree(trees)

    def names(self, backend: str | Sequence[str] | None = None) -> list[str]:
        """The back ends that are meant: all for None, those named, or with `-name` all but those."""
        words = backend.split(",") if isinstance(backend, str) else list(backend or ())
        asked = [canonical(word.strip()) for word in words if word.strip()]
        wrong = [name for name in asked if name.lstrip("-") not in self._backends]
        if wrong:
            there = ", ".join(self._backends)
            raise ArgumentError(f"there is no file server back end {wrong[0].lstrip('-')}; there are: {there}")
        unwanted = {name[1:] for name in asked if name.startswith("-")}
        wanted = [name for name in asked if not name.startswith("-")] or list(self._backends)
        return [name for name in self._backends if name in wanted and name not in unwanted]

    def of(self, backend: str | Sequence[str] | None = None) -> Mapping[str, FileTree]:
        """The trees of the back ends that are meant."""
        return {name: self._backends[name] for name in self.names(backend)}

    def remote(self, backend: str | Sequence[str] | None = None) -> Mapping[str, RemoteTree]:
        """Those of them that have their files from elsewhere."""
        return {name: tree for name, tree in self.of(backend).items() if isinstance(tree, RemoteTree)}

    def update(self, backend: str | Sequence[str] | None = None, *, due: bool = False) -> list[str]:
        """Bring back ends up to date; the names of those that changed."""
        return [name for name, tree in self.remote(backend).items() if tree.update(due=due)]


def canonical(name: str) -> str:
    """The one name of a back end that may be called by several."""
    sign, bare = ("-", name[1:]) if name.startswith("-") else ("", name)
    return sign + _OTHER_NAMES.get(bare, bare)
