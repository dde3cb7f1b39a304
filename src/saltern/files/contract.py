"""What a tree of files must do. Its definition is the suite in `tests/contracts/test_file_tree.py`."""

from __future__ import annotations

from typing import Protocol

import msgspec


class FileInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A regular file of a tree. `modified` is seconds since 1970, `mode` the permission bits.

    `place` is where it lies on this host; empty for a tree that has no such place.
    """

    path: str
    size: int
    modified: float = 0.0
    mode: int = 0o644
    place: str = ""


class FileTree(Protocol):
    """Files for minions, in environments. Paths are relative to the tree's root and use `/`.

    A path that leads out of the tree (absolute, `..`, NUL), an unknown environment and a file that does not exist are
    all the same: there is no such file. The calls are synchronous and read the disk.
    """

    def envs(self) -> list[str]:
        """The names of the environments, sorted."""

    def files(self, saltenv: str, prefix: str = "") -> list[str]:
        """The paths of all files below a directory (empty: the whole tree), sorted."""

    def dirs(self, saltenv: str, prefix: str = "") -> list[str]:
        """The paths of all directories below a directory, sorted, without the tree's root."""

    def empty_dirs(self, saltenv: str, prefix: str = "") -> list[str]:
        """The paths of those directories that hold nothing, sorted."""

    def symlinks(self, saltenv: str, prefix: str = "") -> dict[str, str]:
        """The links below a directory, to files and to directories, each with what it says."""

    def find(self, saltenv: str, path: str) -> FileInfo | None:
        """What is known of a file, or None."""

    def hash(self, saltenv: str, path: str, algorithm: str = "sha256") -> str | None:
        """The hex digest of a file's content, or None."""

    def read(self, saltenv: str, path: str, offset: int, size: int) -> bytes | None:
        """At most `size` bytes from `offset` on, empty at the end of the file; None where there is no file."""
