"""Lists of rows as tables with lines around the cells; everything that holds them as headings."""

from __future__ import annotations

from textwrap import TextWrapper
from typing import Any

from saltern.builtin.colours import Palette
from saltern.plugin_api.indented import in_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from saltern.plugin_api import Opts

__virtualname__ = "table"

__opts__: Opts = {}

_WRAP = TextWrapper(
    50, expand_tabs=False, replace_whitespace=False, break_long_words=False, break_on_hyphens=False
).wrap
"""Cells break at spaces alone, as a path or a digest has to stay in one piece."""
_RULE = "-" * 10


def __virtual__() -> str:
    return __virtualname__


def output(data: Any, **_kwargs: Any) -> str:
    """Headings and tables. Rows are dicts of the same keys, lists of cells, or plain values."""
    palette = Palette(__opts__)
    lines = _under_headings(data, palette, 0) if isinstance(data, dict) else _found(data, palette, 4)
    return "\n".join(lines)


def _under_headings(data: dict[Any, Any], palette: Palette, indent: int) -> Iterator[str]:
    space = " " * indent
    for key in in_order(data):
        yield f"{space}{palette.paint('DARK_GRAY', palette.clean(str(key)))}:"
        yield f"{space}{palette.paint('DARK_GRAY', _RULE)}"
        yield from _found(data[key], palette, indent + 4)


def _found(value: Any, palette: Palette, indent: int) -> Iterator[str]:
    if isinstance(value, dict):
        yield from _under_headings(value, palette, indent)
    elif isinstance(value, list | tuple) and value:
        yield from _table(_rows(list(value)), palette, indent)


def _rows(items: list[Any]) -> list[list[str]]:
    """The cells as texts; the keys of the first dict, in words, are the first row."""
    if all(isinstance(item, dict) for item in items):
        keys = in_order(items[0])
        cells = [[_heading(key) for key in keys]]
        return cells + [[str(value) for _key, value in sorted(item.items(), key=_by_key)] for item in items]
    if all(isinstance(item, list | tuple) for item in items):
        return [[str(cell) for cell in item] for item in items]
    return [[str(item)] for item in items]


def _by_key(pair: tuple[Any, Any]) -> str:
    return str(pair[0])


def _heading(key: Any) -> str:
    return str(key).replace("_", " ").title()


def _table(rows: list[list[str]], palette: Palette, indent: int) -> Iterator[str]:
    wrapped = [[_cell_lines(palette.clean(cell)) for cell in row] for row in rows]
    columns = max(len(row) for row in wrapped)
    widths = [
        max((len(line) for row in wrapped if column < len(row) for line in row[column]), default=0)
        for column in range(columns)
    ]
    space = " " * indent
    rule = space + palette.paint("LIGHT_GRAY", "-" * (sum(widths) + 3 * columns + 1))
    yield rule
    for row in wrapped:
        for number in range(max(map(len, row), default=0)):
            cells = " | ".join(_line(row, column, number).center(widths[column]) for column in range(columns))
            yield space + palette.paint("WHITE", f"| {cells} |")
        yield rule


def _cell_lines(text: str) -> list[str]:
    return [part for line in text.splitlines() for part in (_WRAP(line) or [""])] or [""]


def _line(row: list[list[str]], column: int, number: int) -> str:
    return row[column][number] if column < len(row) and number < len(row[column]) else ""
