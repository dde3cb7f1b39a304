"""The lines around a place in a text, with a mark at the line that is meant."""

from __future__ import annotations

MARKER = "    <======================"
_AROUND = 5


def excerpt(text: str, line: int) -> str:
    """Five lines on each side of a line (counted from 1), between rules; empty when there is no such line."""
    lines = text.splitlines()
    if not 0 < line <= max(len(lines), 1):
        line = min(max(line, 1), max(len(lines), 1))
    first, last = max(line - 1 - _AROUND, 0), min(line + _AROUND, len(lines))
    shown = [*lines[first:last]] or [""]
    shown[line - 1 - first] += MARKER
    above = ["[...]"] if first else []
    below = ["[...]"] if last < len(lines) else []
    return "\n".join(["---", *above, *shown, *below, "---"])
