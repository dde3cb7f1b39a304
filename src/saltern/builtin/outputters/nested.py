"""Data as an indented tree, the default outputter (behaviour OUT-03)."""

from __future__ import annotations

from saltern.builtin.colours import Palette

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from saltern.plugin_api import Opts

__opts__: Opts = {}

_RULE = "-" * 10


def output(data: Any, nested_indent: int = 0, _retcode: int = 0, **_kwargs: Any) -> str:
    """A tree with two levels of words: names in cyan (red when the return code is not 0) and values."""
    return tree(data, Palette(__opts__), indent=nested_indent, failed=bool(_retcode))


def tree(data: Any, palette: Palette, *, indent: int = 0, failed: bool = False) -> str:
    """The tree of data with every line indented by that many columns."""
    lines: list[str] = []
    _Tree(palette, "RED" if failed else "CYAN", lines).add(data, indent)
    return "\n".join(lines)


class _Tree:
    def __init__(self, palette: Palette, name_colour: str, lines: list[str]) -> None:
        self._lines = lines
        self._clean = palette.clean
        self._end = palette.end
        self._name = palette.start(name_colour)
        self._text = palette.start("GREEN")
        self._plain = palette.start("LIGHT_YELLOW")

    def add(self, value: Any, indent: int, mark: str = "") -> None:
        """Add a value; `mark` is `- ` in front of an item of a list."""
        if isinstance(value, str):
            self._add_text(value, indent, mark)
        elif isinstance(value, dict):
            self._add_dict(value, indent)
        elif isinstance(value, list | tuple | set | frozenset):
            self._add_items(value, indent)
        elif isinstance(value, bytes):
            self._add_text(value.decode("utf-8", "backslashreplace"), indent, mark)
        else:
            self._lines.append(f"{' ' * indent}{self._plain}{mark}{value}{self._end}")

    def _add_text(self, text: str, indent: int, mark: str) -> None:
        space, start, end = " " * indent, self._text, self._end
        for line in self._clean(text).splitlines():
            self._lines.append(f"{space}{start}{mark}{line}{end}")
            mark = " " * len(mark)

    def _add_dict(self, value: dict[Any, Any], indent: int) -> None:
        space, start, end = " " * indent, self._name, self._end
        if indent:
            self._lines.append(f"{space}{start}{_RULE}{end}")
        for key in in_order(value):
            self._lines.append(f"{space}{start}{self._clean(str(key))}{end}:")
            self.add(value[key], indent + 4)

    def _add_items(self, value: Any, indent: int) -> None:
        for item in value:
            if isinstance(item, dict | list | tuple | set | frozenset):
                self._lines.append(f"{' ' * indent}{self._text}|_{self._end}")
                self.add(item, indent + 2)
            else:
                self.add(item, indent, "- ")


def in_order(value: dict[Any, Any]) -> list[Any]:
    """Keys in the order of their texts where they have no order of their own."""
    try:
        return sorted(value)
    except TypeError:
        return sorted(value, key=str)
