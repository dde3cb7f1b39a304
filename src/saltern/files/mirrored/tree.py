"""Mirrors as a tree of files."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from saltern.files.contract import FileInfo
from saltern.files.mirrored.mirror import Held, Mirror
from saltern.files.mirrored.source import Source
from saltern.files.paths import is_below, is_inside, parents
from saltern.files.upkeep import Kept, Upkeep
from saltern.plugin_api.mirror_folder import folder_name


class MirroredTree:
    """The union of sources; of two files with one path that of the earlier source is served.

    `name` is the back end's; the copies lie in `folder`. Looking up never touches the network.
    """

    def __init__(self, name: str, sources: Sequence[Source], folder: Path) -> None:
        self._mirrors = [Mirror(folder / folder_name(*one.identity), one) for one in sources]
        pairs = zip(sources, self._mirrors, strict=True)
        self._upkeep = Upkeep(name, [Kept(one.address, one.interval, mirror) for one, mirror in pairs])
        self._digests: dict[tuple[str, str], str] = {}

    # --- FileTree ---------------------------------------------------------------------------------------------------

    def envs(self) -> list[str]:
        return sorted({name for mirror in self._mirrors for name in mirror.envs()})

    def files(self, saltenv: str, prefix: str = "") -> list[str]:
        return sorted({path for mirror in self._mirrors for path in mirror.files(saltenv) if is_below(path, prefix)})

    def dirs(self, saltenv: str, prefix: str = "") -> list[str]:
        found = {parent for mirror in self._mirrors for path in mirror.files(saltenv) for parent in parents(path)}
        return sorted(path for path in found if is_below(path, prefix))

    def empty_dirs(self, saltenv: str, prefix: str = "") -> list[str]:
        """There are none: such sources know files alone."""
        return []

    def symlinks(self, saltenv: str, prefix: str = "") -> dict[str, str]:
        """There are none."""
        return {}

    def find(self, saltenv: str, path: str) -> FileInfo | None:
        found = self._held(saltenv, path)
        if found is None:
            return None
        return FileInfo(path=path, size=found[1].size, modified=found[1].modified)

    def hash(self, saltenv: str, path: str, algorithm: str = "sha256") -> str | None:
        found = self._held(saltenv, path)
        if found is None or algorithm == "sha256":
            return found and found[1].digest
        key = (found[1].digest, algorithm)
        if key not in self._digests:
            try:
                with found[0].place(found[1]).open("rb") as file:
                    self._digests[key] = hashlib.file_digest(file, algorithm).hexdigest()
            except FileNotFoundError:
                return None
        return self._digests[key]

    def read(self, saltenv: str, path: str, offset: int, size: int) -> bytes | None:
        found = self._held(saltenv, path)
        if found is None:
            return None
        try:
            with found[0].place(found[1]).open("rb") as file:
                file.seek(max(offset, 0))
                return file.read(size)
        except FileNotFoundError:  # it was cleared a moment ago
            return None

    def _held(self, saltenv: str, path: str) -> tuple[Mirror, Held] | None:
        if not is_inside(path):
            return None
        for mirror in self._mirrors:
            held = mirror.files(saltenv).get(path)
            if held is not None:
                return mirror, held
        return None

    # --- RemoteTree -------------------------------------------------------------------------------------------------

    def update(self, *, due: bool = False) -> bool:
        return self._upkeep.update(due=due)

    def lock(self, remote: str = "") -> list[str]:
        return self._upkeep.lock(remote)

    def unlock(self, remote: str = "") -> list[str]:
        return self._upkeep.unlock(remote)

    def clear(self) -> list[str]:
        return self._upkeep.clear()
