"""How one text is compared with a pattern; a pattern is read once."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import TypeAlias

from saltern.errors import TargetError

TextTest: TypeAlias = Callable[[str], bool]

_MAGIC = frozenset("*?[")


def is_plain(pattern: str) -> bool:
    """Whether a glob stands for itself alone."""
    return _MAGIC.isdisjoint(pattern)


def glob(pattern: str) -> TextTest:
    """The shell pattern language of `fnmatch.fnmatchcase`."""
    inner = pattern[:-1]
    if is_plain(pattern):
        return lambda text: text == pattern
    if pattern == "*":
        return lambda _text: True
    if pattern[-1] == "*" and is_plain(inner):
        return lambda text: text.startswith(inner)
    import fnmatch

    match = re.compile(fnmatch.translate(pattern)).match
    return lambda text: match(text) is not None


def regex(pattern: str) -> TextTest:
    """A regular expression that must fit from the start of the text; `TargetError` when it is none."""
    try:
        with warnings.catch_warnings():
            # What Python may read otherwise one day is no concern of the person who typed it.
            warnings.simplefilter("ignore", FutureWarning)
            match = re.compile(pattern).match
    except (re.error, RecursionError, OverflowError) as error:
        raise TargetError(f"{pattern!r} is not a regular expression: {error}") from error
    return lambda text: match(text) is not None


def exact(pattern: str) -> TextTest:
    return lambda text: text == pattern
