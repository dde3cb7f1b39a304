"""What came of rendering, and where in the source each part of it stands."""

from __future__ import annotations

from typing import Any, NamedTuple

from saltern.plugin_api.rendered import SourceText


class Place(NamedTuple):
    """A place in a source file; `column` is 0 where a template made the line."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return ":".join([self.file, *(str(number) for number in (self.line, self.column) if number)])


class Rendered:
    """The data that a text gave; what came out of the last renderer. Data is plain: places are kept apart."""

    __slots__ = ("_last_text", "data", "file")

    def __init__(self, data: Any, file: str, last_text: SourceText | None) -> None:
        self.data = data
        self.file = file
        self._last_text = last_text

    def place(self, *keys: Any) -> Place:
        """Where the key or list item stands that `keys` lead to from the top of the data.

        Where the way ends early, the last place on it; when nothing is known of it, the file alone (line 0).
        """
        if self._last_text is None or not keys:
            return Place(self.file, 0, 0)
        from saltern.plugin_api.yaml.places import position_of

        position = position_of(self._last_text.getvalue(), keys)
        if position is None:
            return Place(self.file, 0, 0)
        origin = self._last_text.origin(position.line)
        exact = origin == (self._last_text.file, position.line)
        return Place(origin.file, origin.line, position.column if exact else 0)
