"""Rows of text in columns."""

from __future__ import annotations

from saltern.cli.options import terminal_columns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_GAP = "  "
_WIDEST = 40
"""Characters of a cell that is not the last of its row; the last one gets what the line has left."""


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, width: int = 0) -> str:
    """A heading line and the rows; cells too long for their column are cut, and say so by an ellipsis.

    Only for an eye on a terminal (or a given `width`): what goes into a file or a pipe is whole.
    """
    cells = [[_flat(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(headings, *cells, strict=True)]
    if width := width or terminal_columns():
        widths = [min(wide, _WIDEST) for wide in widths]
        widths[-1] = max(width - sum(widths[:-1]) - len(_GAP) * (len(widths) - 1), len(headings[-1]))
    return "\n".join(_line(row, widths) for row in (headings, *cells))


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return _GAP.join(_cut(cell, width).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _cut(cell: str, width: int) -> str:
    return cell if len(cell) <= width else cell[: max(width - 1, 0)] + "…"


def _flat(cell: str) -> str:
    return " ".join(cell.split())
