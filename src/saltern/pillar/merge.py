"""Merging pillar data (behaviour PIL-04)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from saltern.plugin_api.nested import merged, merged_with_lists

Data = dict[str, Any]
Merge = Callable[[Mapping[str, Any], Mapping[str, Any]], Data]
"""The weaker, the stronger, and what becomes of them."""


def strategy(name: str, *, renderer: str = "", merge_lists: bool = False) -> Merge:
    """A strategy by its name; `smart`, the default, is `aggregate` behind the renderer yamlex and else `recurse`."""
    if name == "smart":
        name = "aggregate" if renderer.rpartition("|")[2] == "yamlex" else "recurse"
    if name == "overwrite":
        return lambda weaker, stronger: {**weaker, **stronger}
    if name == "list":
        return _as_lists
    if name == "aggregate":
        from saltern.pillar.aggregate import aggregated

        return aggregated
    return merged_with_lists if merge_lists and name != "none" else merged


def _as_lists(weaker: Mapping[str, Any], stronger: Mapping[str, Any]) -> Data:
    """Values that differ are kept side by side in a list."""
    result = dict(weaker)
    for key, value in stronger.items():
        old = result.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            result[key] = _as_lists(old, value)
        elif key in result:
            result[key] = [*(old if isinstance(old, list) else [old]), value]
        else:
            result[key] = value
    return result


def nested(data: Any, key: str) -> Data:
    """The data under a key of several steps: `a:b` gives `{a: {b: data}}`."""
    for step in reversed(key.split(":")):
        data = {step: data}
    return dict(data)
