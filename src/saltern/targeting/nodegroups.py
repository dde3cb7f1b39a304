"""Names for expressions: the `nodegroups` of the master's configuration (behaviour TGT-04).

A definition is a text or a list of words:

- with an operator, a letter (`G@...`) or a `*` in it, it is a compound expression;
- else, with one of ``? [ ] { } ( ) \\`` in it, a regular expression for minion ids, its words joined by blanks;
- else a list of minion ids.

`N@name` stands for the words of the definition. They are put in parentheses if the definition refers to other groups,
or is itself referred to by one; else, as with Salt, they are not: with ``o: a or b``, ``not N@o`` is ``not a or b``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from saltern.errors import TargetError
from saltern.targeting.compound import OPERATORS
from saltern.targeting.words import Word

Nodegroups: TypeAlias = Mapping[str, Any]

_REGEX = frozenset("?[]{}()\\")
_LONGEST_CHAIN = 50
_MOST_WORDS = 10_000


def expand(
    words: Iterable[Word], nodegroups: Nodegroups, within: tuple[str, ...] = (), *, strict: bool = True
) -> tuple[Word, ...]:
    """The words with every `N@name` replaced by what it stands for.

    `within` are the names whose definitions led here, outermost first. Unless `strict` a name that is not defined
    stands for no words at all, as with Salt.
    """
    expanded: list[Word] = []
    for word in words:
        name = _group(word)
        expanded += [word] if name is None else _members(name, word.place, nodegroups, within, strict)
        if name is not None and len(expanded) > _MOST_WORDS:
            raise TargetError(f"{word.place}: nodegroups make this more than {_MOST_WORDS} words long")
    return tuple(expanded)


def _members(name: str, place: str, nodegroups: Nodegroups, within: tuple[str, ...], strict: bool) -> tuple[Word, ...]:
    if name not in nodegroups and not strict:
        return ()
    try:
        texts = _definition(name, nodegroups, within)
    except TargetError as error:
        raise TargetError(f"{place}: {error.message}", hint=error.hint) from error
    words = [Word(text, f"{place}, in nodegroup {name}") for text in texts]
    members = expand(words, nodegroups, (*within, name), strict=strict)
    if not members:
        return ()
    if not within and all(_group(word) is None for word in words):
        return members
    return (Word("(", place), *members, Word(")", place))


def _group(word: Word) -> str | None:
    kind, name, _ = word.read()
    return name if kind == "nodegroup" else None


def _definition(name: str, nodegroups: Nodegroups, within: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a compound expression that say the same as the definition of a name."""
    if name not in nodegroups:
        raise TargetError(f"there is no nodegroup {name!r}", hint=_near(name, nodegroups))
    if name in within:
        raise TargetError(f"the nodegroup {name!r} refers to itself: {' -> '.join((*within, name))}")
    if len(within) >= _LONGEST_CHAIN:
        raise TargetError(f"nodegroups refer to each other more than {_LONGEST_CHAIN} deep: {within[0]} -> ...")
    words = _words(name, nodegroups[name])
    if not words:
        return ("(", ")")
    if any(word in OPERATORS or _lettered(word) or "*" in word for word in words):
        return words
    if any(not _REGEX.isdisjoint(word) for word in words):
        return (f"E@{' '.join(words)}",)
    return (f"L@{','.join(words)}",)


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
