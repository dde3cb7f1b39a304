"""Lists of keys, as `saltern key -L` shows them (behaviour KEY-06)."""

from __future__ import annotations

from saltern.builtin.colours import Palette
from saltern.plugin_api.indented import in_order, tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from saltern.plugin_api import Opts

__opts__: Opts = {}

_SECTIONS = {
    "local": ("Local Keys:", "MAGENTA"),
    "minions": ("Accepted Keys:", "GREEN"),
    "minions_denied": ("Denied Keys:", "MAGENTA"),
    "minions_pre": ("Unaccepted Keys:", "RED"),
    "minions_rejected": ("Rejected Keys:", "BLUE"),
}
"""The lists in the order in which they are shown, with heading and colour."""


def output(data: Any, **_kwargs: Any) -> str:
    """The ids, or ids with fingerprints, under the heading of their list; other data as a tree."""
    palette = Palette(__opts__)
    if not isinstance(data, dict) or not all(_is_list(name, ids) for name, ids in data.items()):
        return tree(data, palette)
    lines: list[str] = []
    for name, (heading, colour) in _SECTIONS.items():
        if name in data:
            lines.append(palette.paint(f"LIGHT_{colour}", heading))
            lines += [palette.paint(colour, palette.clean(line)) for line in _lines(data[name])]
    return "\n".join(lines)


def _is_list(name: Any, ids: Any) -> bool:
    return name in _SECTIONS and isinstance(ids, dict | list | tuple)


def _lines(ids: Any) -> list[str]:
    if isinstance(ids, dict):
        return [f"{name}:  {ids[name]}" for name in in_order(ids)]
    return sorted(str(name) for name in ids)
