"""A tree of the files that minions pushed with `cp.push`: Salt's minionfs (behaviour FS-07)."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from saltern.files.contract import FileInfo
from saltern.files.paths import is_inside


class PushedTree:
    """Each minion is a directory of one environment, below `mountpoint`. `folder` holds `<minion>/files`.

    Links are not served: what a minion pushed must not lead to what the master has.
    """

    def __init__(
        self,
        folder: Path,
        saltenv: str = "base",
        mountpoint: str = "",
        whitelist: Sequence[str] = (),
        blacklist: Sequence[str] = (),
    ) -> None:
        self._folder = folder
        self._saltenv = saltenv
        self._mountpoint = mountpoint.removeprefix("salt://").strip("/")
        self._whitelist = whitelist
        self._blacklist = blacklist

    def envs(self) -> list[str]:
        return [self._saltenv]

    def files(self, saltenv: str, prefix: str = "") -> list[str]:
        return sorted(path for path, is_dir in self._all(saltenv, prefix) if not is_dir)

    def dirs(self, saltenv: str, prefix: str = "") -> list[str]:
        return sorted({path for path, is_dir in self._all(saltenv, prefix) if is_dir})

    def empty_dirs(self, saltenv: str, prefix: str = "") -> list[str]:
        files = self.files(saltenv, prefix)
        return [path for path in self.dirs(saltenv, prefix) if not any(one.startswith(f"{path}/") for one in files)]

    def symlinks(self, saltenv: str, prefix: str = "") -> dict[str, str]:
        return {}

    def find(self, saltenv: str, path: str) -> FileInfo | None:
        place = self._place(saltenv, path)
        if place is None:
            return None
        status = place.stat()
        return FileInfo(
            path=path,
            size=status.st_size,
            modified=status.st_mtime,
            mode=stat.S_IMODE(status.st_mode),
            place=str(place),
        )

    def hash(self, saltenv: str, path: str, algorithm: str = "sha256") -> str | None:
        place = self._place(saltenv, path)
        if place is None:
            return None
        with place.open("rb") as file:
            return hashlib.file_digest(file, algorithm).hexdigest()

    def read(self, saltenv: str, path: str, offset: int, size: int) -> bytes | None:
        place = self._place(saltenv, path)
        if place is None:
            return None
        with place.open("rb") as file:
            file.seek(max(offset, 0))
            return file.read(size)

    def _place(self, saltenv: str, path: str) -> Path | None:
        start = f"{self._mountpoint}/" if self._mountpoint else ""
        if saltenv != self._saltenv or not is_inside(path) or not path.startswith(start):
            return None
        minion, _, inner = path.removeprefix(start).partition("/")
        if not inner or not self._is_served(minion):
            return None
        place = self._folder / minion / "files"
        for part in inner.split("/"):
            place /= part
            if place.is_symlink():
                return None
        return place if place.is_file() else None

    def _all(self, saltenv: str, prefix: str) -> Iterator[tuple[str, bool]]:
        """Files and directories, as paths in the tree and whether it is a directory."""
        for minion in self._minions() if saltenv == self._saltenv else ():
            top = self._folder / minion / "files"
            for folder, folders, files in os.walk(top):
                inner = os.path.relpath(folder, top)
                here = self._path(minion, "" if inner == "." else inner)
                found = [
                    (here, True),
                    *((f"{here}/{one}", False) for one in files if not Path(folder, one).is_symlink()),
                ]
                folders[:] = [one for one in folders if not Path(folder, one).is_symlink()]
                yield from (one for one in found if not prefix or one[0].startswith(prefix.rstrip("/") + "/"))

    def _minions(self) -> list[str]:
        try:
            return sorted(one.name for one in os.scandir(self._folder) if self._is_served(one.name))
        except OSError:
            return []

    def _path(self, minion: str, inner: str) -> str:
        return "/".join(part for part in (self._mountpoint, minion, inner) if part)

    def _is_served(self, minion: str) -> bool:
        wanted = not self._whitelist or any(fnmatch.fnmatchcase(minion, one) for one in self._whitelist)
        return wanted and not any(fnmatch.fnmatchcase(minion, one) for one in self._blacklist)
