"""Minions that gave no return, with what is said instead, in red."""

from __future__ import annotations

from saltern.builtin.colours import Palette
from saltern.plugin_api.indented import in_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from saltern.plugin_api import Opts

__opts__: Opts = {}


def output(data: Any, **_kwargs: Any) -> str:
    """Names and, below them, texts; other kinds of values are left out."""
    return "\n".join(_lines(data, Palette(__opts__), 0))


def _lines(data: Any, palette: Palette, indent: int) -> Iterator[str]:
    space = " " * indent
    if isinstance(data, str):
        for line in palette.clean(data).splitlines():
            yield palette.paint("RED", f"{space}{line}")
    elif isinstance(data, dict):
        for name in in_order(data):
            yield palette.paint("CYAN", space + palette.clean(str(name))) + ":"
            yield from _lines(data[name], palette, indent + 4)
