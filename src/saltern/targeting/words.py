"""One word of a compound expression: `G@os:Debian`, `I|@app|name|shop`, `web*` (behaviour TGT-03)."""

from __future__ import annotations

import msgspec

KINDS = {
    "G": "grain",
    "P": "grain_pcre",
    "I": "pillar",
    "J": "pillar_pcre",
    "L": "list",
    "N": "nodegroup",
    "S": "ipcidr",
    "E": "pcre",
    "R": "range",
    "T": "resource",
    "M": "managing_minion",
}
"""The letter before `@` and the kind of target that it means."""

_DELIMITED = frozenset("GPIJ")


class Word(msgspec.Struct, frozen=True):
    """A word and where it stands, counted from 1: the column of a text, or the number in a list of words."""

    text: str
    place: str

    def read(self) -> tuple[str, str, str]:
        """The kind of target, the pattern and the delimiter; a word without a known letter is a glob."""
        text = self.text
        letter = text[:1]
        if letter in _DELIMITED and text[2:3] == "@" and len(text) > 3:
            return KINDS[letter], text[3:], text[1]
        if letter in KINDS and text[1:2] == "@" and len(text) > 2:
            return KINDS[letter], text[2:], ":"
        return "glob", text, ":"


def words_of(expression: str | tuple[str, ...]) -> tuple[Word, ...]:
    """The words of a text, split at blanks, or of a list, each item of which is one."""
    if not isinstance(expression, str):
        return tuple(Word(text, f"word {number}") for number, text in enumerate(expression, 1))
    words, column = [], 0
    for text in expression.split():
        column = expression.index(text, column)
        words.append(Word(text, f"column {column + 1}"))
        column += len(text)
    return tuple(words)
