"""Texts on their way through renderers, which know what they are called and from which line each line comes."""

from __future__ import annotations

import io
from bisect import bisect_right
from typing import Any, NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Origin(NamedTuple):
    """A line of a file, counted from 1."""

    file: str
    line: int


class SourceText(io.StringIO):
    """The text of a file. `file` is what errors call it, `path` where it stands in the file tree; empty: nowhere."""

    def __init__(self, text: str, *, file: str = "", path: str = "") -> None:
        # Not to be told of `newline` is to have every `\r\n` turned into `\n`.
        super().__init__(text, newline="")
        self.file = file
        self.path = path

    def as_written(self) -> str:
        """The text of the file itself, before any renderer."""
        return self.getvalue()

    def origin(self, line: int) -> Origin:
        """The place that a line of this text comes from, as far as it is known."""
        return Origin(self.file, line)


class RenderedText(SourceText):
    """What a template made of a text: pieces of output, and the line of the template that made each of them.

    `source_of` gives the text of a template by the name that its origins have, `shown` what errors call it.
    """

    def __init__(
        self,
        pieces: Sequence[str],
        origins: Sequence[Origin],
        source_of: Callable[[str], str | None],
        shown: Callable[[str], str],
        **named: str,
    ) -> None:
        super().__init__("".join(pieces), **named)
        self._pieces = pieces
        self._origins = origins
        self._source_of = source_of
        self._shown = shown

    def as_written(self) -> str:
        return self._source_of(self.path or self.file) or self.getvalue()

    def origin(self, line: int) -> Origin:
        # Looked up when something went wrong and not before: rendering pays only for one number a piece.
        if not self._pieces:
            return super().origin(line)
        starts, number = [], 1
        for piece in self._pieces:
            starts.append(number)
            number += piece.count("\n")
        index = max(bisect_right(starts, line) - 1, 0)
        while index > 0 and starts[index] == line and self._fills(index - 1, starts[index - 1], line):
            index -= 1
        found = self._within(index, line - starts[index])
        return Origin(self._shown(found.file), found.line)

    def _fills(self, index: int, start: int, line: int) -> bool:
        """Whether a piece holds words of a line that other pieces go on with."""
        words = self._pieces[index].split("\n")[line - start : line - start + 1]
        return bool(words and words[0].strip())

    def _within(self, index: int, offset: int) -> Origin:
        """A piece that is literal text of the template goes on from line to line; a value is all of one line."""
        origin = self._origins[index]
        source = (self._source_of(origin.file) or "").splitlines()
        lines = self._pieces[index].split("\n")
        number = origin.line + offset
        if offset < len(lines) and 0 < number <= len(source) and lines[offset].strip() in source[number - 1]:
            return Origin(origin.file, number)
        return origin


def text_of(data: Any) -> str:
    """The text that a stage was handed: a text, bytes, or a stream."""
    content = data.read() if hasattr(data, "read") else data
    return content.decode("utf-8") if isinstance(content, bytes) else str(content)
