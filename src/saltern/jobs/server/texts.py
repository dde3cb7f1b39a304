"""Texts as columns of a database hold them: some know no NUL, and globs become LIKE."""

from __future__ import annotations

import re

_ESCAPE = "\x01"


def to_column(text: str) -> str:
    """A text without NUL that sorts as the given one does: NUL becomes 01 01, and 01 becomes 01 02."""
    if "\0" not in text and _ESCAPE not in text:
        return text
    return text.replace(_ESCAPE, "\x01\x02").replace("\0", "\x01\x01")


def from_column(column: str) -> str:
    if _ESCAPE not in column:
        return column
    return column.replace("\x01\x01", "\0").replace("\x01\x02", _ESCAPE)


def to_like(pattern: str) -> str:
    """A pattern of `fnmatch` for LIKE with the escape character `!`; it fits whatever the pattern fits, and more.

    Any one character and sets become `%`: some columns count bytes, and escaped ones are two characters.
    """
    pieces = re.split(r"(\[!?\]?[^\]]*\]|[*?])", pattern)
    return "".join(
        "%" if place % 2 else re.sub(r"([!%_])", r"!\1", to_column(piece)) for place, piece in enumerate(pieces)
    )
