"""Data as an indented tree, the default outputter (behaviour OUT-03)."""

from __future__ import annotations

from saltern.builtin.colours import Palette
from saltern.plugin_api.indented import tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from saltern.plugin_api import Opts

__opts__: Opts = {}

_RULE = "-" * 10


def output(data: Any, nested_indent: int = 0, _retcode: int = 0, **_kwargs: Any) -> str:
    """A tree with two levels of words: names in cyan (red when the return code is not 0) and values."""
    indent = nested_indent or int(__opts__.get("nested_indent") or 0)
    return tree(data, Palette(__opts__), indent=indent, failed=bool(_retcode))
