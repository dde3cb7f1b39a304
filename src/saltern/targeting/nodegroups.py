"""Names for expressions: the `nodegroups` of the master's configuration (behaviour TGT-04).

A definition is a text or a list of words:

- with an operator, a letter (`G@...`) or a `*` in it, it is a compound expression;
- else, with one of ``? [ ] { } ( ) \\`` in it, a regular expression for minion ids, its words joined by blanks;
- else a list of minion ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from saltern.errors import TargetError
from saltern.model.target import Target
from saltern.targeting.compound import OPERATORS

Nodegroups: TypeAlias = Mapping[str, Any]

_REGEX = frozenset("?[]{}()\\")
_LONGEST_CHAIN = 50


def definition(name: str, nodegroups: Nodegroups, within: tuple[str, ...] = ()) -> Target:
    """What a name stands for. `within` are the names whose definitions led here, outermost first."""
    if name not in nodegroups:
        raise TargetError(f"there is no nodegroup {name!r}", hint=_near(name, nodegroups))
    if name in within:
        raise TargetError(f"the nodegroup {name!r} refers to itself: {' -> '.join((*within, name))}")
    if len(within) >= _LONGEST_CHAIN:
        raise TargetError(f"nodegroups refer to each other more than {_LONGEST_CHAIN} deep: {within[0]} -> ...")
    words = _words(name, nodegroups[name])
    if any(word in OPERATORS or _lettered(word) or "*" in word for word in words):
        return Target(expr=words, kind="compound")
    if any(not _REGEX.isdisjoint(word) for word in words):
        return Target(expr=" ".join(words), kind="pcre")
    return Target(expr=tuple(name for word in words for name in word.split(",")), kind="list")


def _words(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(value.split())
    if isinstance(value, list | tuple) and all(isinstance(word, str) for word in value):
        return tuple(value)
    raise TargetError(
        f"the nodegroup {name!r} is neither a text nor a list of texts", hint="mend `nodegroups` in the configuration"
    )


def _lettered(word: str) -> bool:
    return word[1:2] == "@" and "A" <= word[0] <= "Z"


def _near(name: str, nodegroups: Nodegroups) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, [str(known) for known in nodegroups], 1)
    return f"did you mean {near[0]}?" if near else ""
