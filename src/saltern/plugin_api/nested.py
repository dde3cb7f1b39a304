"""Values inside nested data: look one up by a path such as `site:room:rack`, merge one tree over another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_MISSING = object()


def traverse(data: Any, path: str, default: Any = None, delimiter: str = ":") -> Any:
    """The value at `path`, or `default`.

    A step is a key of a dict (as text, then as a number), the position in a list, or a key that one of the dicts in a
    list has.
    """
    for step in str(path).split(delimiter):
        data = _step(data, step)
        if data is _MISSING:
            return default
    return data


def merged(weaker: Mapping[Any, Any], stronger: Mapping[Any, Any]) -> dict[Any, Any]:
    """A new dict in which `stronger` wins; dicts that both have are merged, any other value is replaced."""
    result = dict(weaker)
    for key, value in stronger.items():
        both = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
        result[key] = merged(result[key], value) if both else value
    return result


def _step(data: Any, step: str) -> Any:
    if isinstance(data, Mapping):
        if step in data:
            return data[step]
        number = _number(step)
        return data[number] if number is not None and number in data else _MISSING
    if isinstance(data, list):
        return _step_into_list(data, step)
    return _MISSING


def _step_into_list(data: list[Any], step: str) -> Any:
    number = _number(step)
    if number is not None and -len(data) <= number < len(data):
        return data[number]
    return next((item[step] for item in data if isinstance(item, Mapping) and step in item), _MISSING)


def _number(step: str) -> int | None:
    try:
        return int(step)
    except ValueError:
        return None


def merged_with_lists(weaker: Mapping[Any, Any], stronger: Mapping[Any, Any]) -> dict[Any, Any]:
    """As `merged`, but of two lists the stronger one's items stand behind the weaker one's."""
    result = dict(weaker)
    for key, value in stronger.items():
        old = result.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            result[key] = merged_with_lists(old, value)
        elif isinstance(old, list) and isinstance(value, list):
            result[key] = [*old, *(one for one in value if one not in old)]
        else:
            result[key] = value
    return result
