"""Which tags a follower wants: Salt's `event_match_type`, behaviour EVT-01."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable

from saltern.errors import ArgumentError

_FIRST_SPECIAL = re.compile(r"[*?\[]")


def tag_matcher(pattern: str, kind: str = "fnmatch") -> Callable[[str], bool]:
    """A predicate on tags. `kind`: `startswith`, `endswith`, `find`, `regex` (from the start) or `fnmatch`."""
    match kind:
        case "startswith":
            return lambda tag: tag.startswith(pattern)
        case "endswith":
            return lambda tag: tag.endswith(pattern)
        case "find":
            return lambda tag: pattern in tag
        case "fnmatch":
            return _compiled(fnmatch.translate(pattern))
        case "regex":
            return _compiled(pattern)
    raise ArgumentError(f"{kind!r} is no way to match tags.", hint="startswith, endswith, find, regex or fnmatch")


def fixed_prefix(pattern: str, kind: str = "fnmatch") -> str:
    """What every matching tag starts with; may be empty."""
    if kind == "startswith":
        return pattern
    if kind == "fnmatch":
        return _FIRST_SPECIAL.split(pattern, maxsplit=1)[0]
    return ""


def _compiled(expression: str) -> Callable[[str], bool]:
    try:
        search = re.compile(expression).match
    except re.error as error:
        raise ArgumentError(f"{expression!r} is no regular expression: {error}.") from error
    return lambda tag: search(tag) is not None
