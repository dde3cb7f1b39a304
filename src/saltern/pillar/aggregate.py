"""The strategy `aggregate`: only what is tagged `!aggregate` is merged in depth (renderer yamlex)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def aggregated(weaker: Mapping[str, Any], stronger: Mapping[str, Any]) -> dict[str, Any]:
    """What is tagged on both sides is joined: mappings by key, lists end to end; all else is replaced."""
    result = dict(weaker)
    for key, value in stronger.items():
        result[key] = _joined(result[key], value) if key in result else value
    return result


def _joined(old: Any, new: Any) -> Any:
    if not (_is_tagged(old) and _is_tagged(new)):
        return new
    tagged: Any = type(new)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return tagged(aggregated(old, new))
    if isinstance(old, list) and isinstance(new, list):
        return tagged([*old, *(one for one in new if one not in old)])
    return new


def _is_tagged(value: Any) -> bool:
    """The renderer marks its values by classes of its own."""
    return bool(getattr(type(value), "aggregates", False))
