"""A tree of files in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from saltern.files.contract import FileInfo
from saltern.files.paths import is_below, parents


class MemoryTree:
    """Files by environment and path, without links and empty directories. The mapping may change under the tree."""

    def __init__(self, files: Mapping[str, Mapping[str, bytes]]) -> None:
        self._files = files

    def envs(self) -> list[str]:
        return sorted(self._files)

    def files(self, saltenv: str, prefix: str = "") -> list[str]:
        return sorted(path for path in self._files.get(saltenv, {}) if is_below(path, prefix))

    def dirs(self, saltenv: str, prefix: str = "") -> list[str]:
        found = {parent for path in self._files.get(saltenv, {}) for parent in parents(path)}
        return sorted(path for path in found if is_below(path, prefix))

    def empty_dirs(self, saltenv: str, prefix: str = "") -> list[str]:
        return []

    def symlinks(self, saltenv: str, prefix: str = "") -> dict[str, str]:
        return {}

    def find(self, saltenv: str, path: str) -> FileInfo | None:
        content = self._files.get(saltenv, {}).get(path)
        return None if content is None else FileInfo(path=path, size=len(content))

    def hash(self, saltenv: str, path: str, algorithm: str = "sha256") -> str | None:
        content = self._files.get(saltenv, {}).get(path)
        return None if content is None else hashlib.new(algorithm, content).hexdigest()

    def read(self, saltenv: str, path: str, offset: int, size: int) -> bytes | None:
        content = self._files.get(saltenv, {}).get(path)
        return None if content is None else content[max(offset, 0) : max(offset, 0) + size]
