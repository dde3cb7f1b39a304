"""Patterns of names as Salt's functions take them: a glob, or a regular expression behind `E@`."""

from __future__ import annotations

import fnmatch
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def chooser(include: str | None, exclude: str | None) -> Callable[[str], bool]:
    """Whether a name fits the first pattern, if there is one, and not the second."""
    wanted = (lambda _: True) if include is None else _matcher(include)
    refused = (lambda _: False) if exclude is None else _matcher(exclude)
    return lambda name: wanted(name) and not refused(name)


def _matcher(pattern: str) -> Callable[[str], bool]:
    if pattern.startswith("E@"):
        expression = re.compile(pattern[2:])
        return lambda name: expression.search(name) is not None
    return lambda name: fnmatch.fnmatch(name, pattern)
