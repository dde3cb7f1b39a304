"""Data as JSON (behaviour OUT-04)."""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from saltern.plugin_api import Opts

__virtualname__ = "json"

__opts__: Opts = {}

_USUAL_INDENT = 4


def __virtual__() -> str:
    return __virtualname__


def output(data: Any, **_kwargs: Any) -> str:
    """One document; `output_indent` is the number of spaces, below 0 for one line, `pretty` for sorted keys."""
    indent = __opts__.get("output_indent", _USUAL_INDENT)
    if indent == "pretty":
        return _dumps(data, indent=_USUAL_INDENT, sort_keys=True)
    if isinstance(indent, str):
        indent = int(indent) if indent.lstrip("-").isdigit() else _USUAL_INDENT
    return _dumps(data, indent=None if indent is None or indent < 0 else int(indent))


def _dumps(data: Any, **layout: Any) -> str:
    try:
        return json.dumps(data, default=_plain, ensure_ascii=False, **layout)
    except (TypeError, ValueError):
        # Keys that JSON does not know, or data that contains itself.
        return json.dumps(_keyed(data, ()), default=_plain, ensure_ascii=False, **layout)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return sorted(value, key=str) if isinstance(value, set | frozenset) else str(value)


def _keyed(data: Any, above: tuple[int, ...]) -> Any:
    if id(data) in above:
        return "..."
    if isinstance(data, dict):
        return {_key(key): _keyed(value, (*above, id(data))) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_keyed(value, (*above, id(data))) for value in data]
    return data


def _key(key: Any) -> str:
    return str(_plain(key)) if not isinstance(key, str) else key
