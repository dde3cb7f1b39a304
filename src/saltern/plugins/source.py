"""Reads a plugin's names from its source, without importing it.

Most plugins answer to their file name or to a constant `__virtualname__`. A `__virtual__` that returns anything but
constants can answer to any name: such a file is marked `computed`, and is looked at when a name is found nowhere else.
"""

from __future__ import annotations

import functools

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re


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


_KNOWN_ANSWERS = ("True", "False", "(False", "(", "__virtualname__", "None")


@functools.cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Compiled on first use: a process that finds its index on disk needs none of them."""
    import re

    assignment = re.compile(
        r"^(__virtualname__|__virtual_aliases__|__instant__)(?:\s*:[^=\n]+)?\s*=\s*"
        r"(\([^)]*\)|\[[^\]]*\]|[^\n]*)",
        re.MULTILINE,
    )
    virtual = re.compile(r"^(?:async\s+)?def __virtual__\(.*?(?=^[^\s#)]|\Z)", re.MULTILINE | re.DOTALL)
    answer = re.compile(r"(?:^|:)[ \t]+return[ \t]+([^\n]+)", re.MULTILINE)
    text = re.compile(r"""(?<![\w)])["']([^"'\\{]*)["']""")
    return assignment, virtual, answer, text


def _assignments(source: str) -> dict[str, str]:
    if "__virtual" not in source and "__instant__" not in source:
        return {}
    return {match[1]: match[2] for match in _patterns()[0].finditer(source)}


def _virtual_answers(source: str) -> list[str]:
    """The expressions that `__virtual__` returns, each cut at its line's end."""
    if "def __virtual__" not in source:
        return ["computed"] if "\n__virtual__" in source else []
    body = _patterns()[1].search(source)
    if body is None:
        return []
    return [match[1].strip() for match in _patterns()[2].finditer(body[0])]


def _texts(expression: str) -> list[str]:
    """The constant texts of an expression that is one text or a list of texts; none of any other expression.

    `(False, "reason")` is no list of names.
    """
    if not expression.startswith(("'", '"', "(", "[")) or expression.startswith("(False"):
        return []
    if expression[0] in "'\"" and _more_than_text(expression):
        return []
    return _patterns()[3].findall(expression)


def _more_than_text(expression: str) -> bool:
    """Whether something follows the first text: an operator, a method, a condition."""
    rest = expression[1:].partition(expression[0])[2].partition("#")[0].strip()
    return bool(rest)
