"""Reads a plugin's names from its source, without importing it.

Most plugins answer to their file name or to a constant `__virtualname__`. A `__virtual__` that returns anything but
constants can answer to any name: such a file is marked `computed`, and is looked at when a name is found nowhere else.
"""

from __future__ import annotations

import re

# The line break in front makes the search jump from one `\n__` to the next.
_ASSIGNMENT = re.compile(
    r"\n(__virtualname__|__virtual_aliases__|__instant__)(?:\s*:[^=\n]+)?\s*=\s*(\([^)]*\)|\[[^\]]*\]|[^\n]*)"
)
_TOP_LEVEL = re.compile(r"\n[^\s#)]")
_ANSWER = re.compile(r"(?:\n|:)[ \t]+return[ \t]+([^\n]+)")
_TEXT = re.compile(r"""(?<![\w)])["']([^"'\\{]*)["']""")
_KNOWN_ANSWERS = ("True", "False", "(", "__virtualname__", "None")


class Described:
    """What a source says: its possible names, whether there may be others, and its instant functions."""

    __slots__ = ("computed", "instant", "names")

    def __init__(self, names: tuple[str, ...], *, computed: bool = False, instant: tuple[str, ...] = ()) -> None:
        self.names = names
        self.computed = computed
        self.instant = instant


def describe(stem: str, source: str) -> Described:
    """What a plugin's source says of its names. `stem` is the file's name without suffix."""
    names = [stem]
    computed = False
    assigned = _assignments(source)
    if "__virtualname__" in assigned:
        constants = _texts(assigned["__virtualname__"])
        names += constants
        computed = not constants
    for answer in _virtual_answers(source):
        constants = _texts(answer)
        names += constants
        computed = computed or (not constants and not answer.startswith(_KNOWN_ANSWERS))
    names += _texts(assigned.get("__virtual_aliases__", ""))
    return Described(
        tuple(dict.fromkeys(names)), computed=computed, instant=tuple(_texts(assigned.get("__instant__", "")))
    )


def _assignments(source: str) -> dict[str, str]:
    return {match[1]: match[2] for match in _ASSIGNMENT.finditer(f"\n{source}")}


def _virtual_answers(source: str) -> list[str]:
    """The expressions that `__virtual__` returns, each cut at its line's end."""
    source = f"\n{source}"
    start = source.find("\ndef __virtual__(")
    if start < 0:
        return ["computed"] if "\n__virtual__" in source else []
    end = _TOP_LEVEL.search(source, start + 1)
    return [match[1].strip() for match in _ANSWER.finditer(source, start + 1, end.start() if end else len(source))]


def _texts(expression: str) -> list[str]:
    """The constant texts of an expression that is one text or a list of texts; none of any other expression.

    `(False, "reason")` is no list of names.
    """
    if not expression.startswith(("'", '"', "(", "[")) or expression.startswith("(False"):
        return []
    if expression[0] in "'\"" and _more_than_text(expression):
        return []
    return _TEXT.findall(expression)


def _more_than_text(expression: str) -> bool:
    """Whether something follows the first text: an operator, a method, a condition."""
    rest = expression[1:].partition(expression[0])[2].partition("#")[0].strip()
    return bool(rest)
