"""What an archive holds, by names: tar in all of Python's compressions, and zip."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import PurePosixPath
from typing import NamedTuple

_TAR = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tbz2", ".tar.xz", ".txz", ".tar.lzma", ".tlz")


class Names(NamedTuple):
    """Directories end in `/`; those that files lie in are among them, whether the archive says so or not."""

    dirs: list[str]
    files: list[str]
    links: list[str]

    def all(self) -> list[str]:
        return sorted([*self.dirs, *self.files, *self.links])

    def verbose(self) -> dict[str, list[str]]:
        parts = {"dirs": self.dirs, "files": self.files, "links": self.links}
        tops = {f"top_level_{kind}": [name for name in names if _depth(name) == 1] for kind, names in parts.items()}
        return {**{kind: sorted(names) for kind, names in parts.items()}, **{k: sorted(v) for k, v in tops.items()}}

    def stripped(self, count: int) -> Names:
        """The names without their first `count` components; what is shorter is gone."""
        return Names(*(sorted({_stripped(name, count) for name in names} - {""}) for names in self))


def guess_format(name: str) -> str:
    """`tar`, `zip` or `rar` by the end of a file's name, or an empty text."""
    lower = name.lower()
    if lower.endswith(_TAR):
        return "tar"
    return next((kind for kind in ("zip", "rar") if lower.endswith(f".{kind}")), "")


def tar_names(path: str) -> Names:
    with tarfile.open(path) as archive:
        members = archive.getmembers()
    return _with_parents(
        [f"{member.name.rstrip('/')}/" for member in members if member.isdir()],
        [member.name for member in members if not member.isdir() and not member.issym() and not member.islnk()],
        [member.name for member in members if member.issym() or member.islnk()],
    )


def zip_names(path: str) -> Names:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return _with_parents(
        [one for one in names if one.endswith("/")], [one for one in names if not one.endswith("/")], []
    )


def _with_parents(dirs: list[str], files: list[str], links: list[str]) -> Names:
    parents = {f"{name.rpartition('/')[0]}/" for name in (*files, *links) if "/" in name}
    return Names(sorted({*dirs, *parents}), sorted(set(files)), sorted(set(links)))


def _depth(name: str) -> int:
    return len(PurePosixPath(name).parts)


def _stripped(name: str, count: int) -> str:
    rest = "/".join(PurePosixPath(name).parts[count:])
    return f"{rest}/" if rest and name.endswith("/") else rest
