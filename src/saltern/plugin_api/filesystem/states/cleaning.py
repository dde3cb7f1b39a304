"""`clean`: what lies in a directory that no state put there."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterable
from typing import Any

Kept = frozenset[str]
"""The paths that states put somewhere."""


def kept_by(low: dict[str, Any], lowstate: Iterable[dict[str, Any]]) -> Kept:
    """The paths of the file states that a state requires, and of those that require it."""
    wanted = {name for key in ("require", "require_in", "watch", "watch_in") for name in _names(low.get(key))}
    kept = set()
    for chunk in lowstate:
        names = {str(chunk.get("name")), str(chunk.get("__id__"))}
        asked = names & wanted or _requires(chunk, low)
        if chunk.get("state") == "file" and asked:
            kept.add(os.path.normpath(os.path.expanduser(str(chunk["name"]))))
    return frozenset(kept)


def matched(path: str, patterns: Any) -> bool:
    """Whether a path matches one of several patterns: globs, or regular expressions behind `E@`."""
    for pattern in [patterns] if isinstance(patterns, str) else patterns or ():
        text = str(pattern)
        if text.startswith("E@"):
            if re.search(text[2:], path):
                return True
        elif fnmatch.fnmatch(path, text):
            return True
    return False


def removable(root: str, kept: Kept, exclude: Any, *, whole: bool = False) -> list[str]:
    """What `clean` takes away below a directory; with `whole` a directory stands for all that is in it."""
    found: list[str] = []
    for directory, names, files in os.walk(root):
        links = [name for name in names if os.path.islink(os.path.join(directory, name))]
        names[:] = [name for name in names if name not in links]
        for name in [*files, *links]:
            path = os.path.join(directory, name)
            if not _stays(path, root, kept, exclude):
                found.append(path)
        for name in list(names):
            path = os.path.join(directory, name)
            if matched(os.path.relpath(path, root), exclude):
                names.remove(name)
            elif not _holds_kept(path, root, kept, exclude):
                found.append(path)
                if whole:
                    names.remove(name)
    return found


def _stays(path: str, root: str, kept: Kept, exclude: Any) -> bool:
    return path in kept or matched(os.path.relpath(path, root), exclude)


def _holds_kept(path: str, root: str, kept: Kept, exclude: Any) -> bool:
    """Whether a directory is kept, or has anything to be kept below it."""
    if path in kept or any(one.startswith(f"{path}/") for one in kept):
        return True
    return any(
        matched(os.path.relpath(os.path.join(directory, name), root), exclude)
        for directory, names, files in (os.walk(path) if exclude else ())
        for name in (*names, *files)
    )


def _names(requisites: Any) -> set[str]:
    names: set[str] = set()
    for entry in requisites or ():
        if isinstance(entry, dict):
            names |= {str(value) for value in entry.values()}
        else:
            names.add(str(entry))
    return names


def _requires(chunk: dict[str, Any], low: dict[str, Any]) -> bool:
    """Whether another state requires this one, as `require_in` is turned into."""
    own = {str(low.get("name")), str(low.get("__id__"))}
    return bool(own & _names(chunk.get("require_in")))
