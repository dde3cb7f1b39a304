"""Lines that import names from files of the tree: `import salt://a/b.sls`, `from salt://a/b.sls import x, y as z`."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import NamedTuple

_IMPORT = re.compile(r"\s*import\s+(salt://\S+)\s*$")
_FROM = re.compile(r"\s*from\s+(salt://\S+)\s+import\s+(.+?)\s*$")


class TreeImport(NamedTuple):
    """A file of the tree, and the names taken from it: its own to the one here. No names: the file as `module`."""

    url: str
    names: dict[str, str]

    @property
    def module(self) -> str:
        return PurePosixPath(self.url).stem


def split_imports(text: str) -> tuple[str, list[TreeImport]]:
    """The text with the lines that import from the tree left empty, and what they import."""
    imports: list[TreeImport] = []
    lines = []
    for line in text.split("\n"):
        found = _import_of(line)
        if found is not None:
            imports.append(found)
            line = ""
        lines.append(line)
    return "\n".join(lines), imports


def _import_of(line: str) -> TreeImport | None:
    if "salt://" not in line:
        return None
    whole = _IMPORT.match(line)
    if whole is not None:
        return TreeImport(whole[1], {})
    some = _FROM.match(line)
    return TreeImport(some[1], dict(_renamed(part) for part in some[2].split(","))) if some is not None else None


def _renamed(part: str) -> tuple[str, str]:
    words = part.split()
    return (words[0], words[2]) if len(words) == 3 and words[1] == "as" else (part.strip(), part.strip())
