"""Merging data whose dictionaries and lists say themselves how: the key or first item `__` names a strategy.

`merge-last` is what is done unless another one is named: the new data wins, and lists grow at their end. With
`merge-first` the old data wins, and lists grow at their start; `remove` takes away what the new data names, and
`overwrite` replaces the old data.
"""

from __future__ import annotations

from typing import Any

STRATEGIES = ("overwrite", "merge-first", "merge-last", "remove")


class UnknownStrategy(Exception):
    """Data names a strategy that there is not."""


def merged(old: dict[Any, Any], new: dict[Any, Any]) -> dict[Any, Any]:
    """The old dictionary with the new one merged into it; neither is changed."""
    new = dict(new)
    strategy = _known(new.pop("__", "merge-last"))
    if strategy == "overwrite":
        return {key: cleaned(value) for key, value in new.items()}
    if strategy == "remove":
        return {key: value for key, value in old.items() if key not in new}
    result = dict(old)
    for key, value in new.items():
        if key not in old:
            result[key] = cleaned(value)
        elif strategy == "merge-first":
            result[key] = _merged_value(cleaned(value), old[key])
        else:
            result[key] = _merged_value(old[key], value)
    return result


def cleaned(value: Any) -> Any:
    """The value without the names of strategies."""
    if isinstance(value, dict):
        return {key: cleaned(one) for key, one in value.items() if key != "__"}
    if isinstance(value, list):
        return _strategy_and_items(value)[1]
    return value


def _merged_value(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        return merged(old, new)
    if isinstance(old, list) and isinstance(new, list):
        return _merged_list(old, new)
    return cleaned(new)


def _merged_list(old: list[Any], new: list[Any]) -> list[Any]:
    strategy, items = _strategy_and_items(new)
    if strategy == "overwrite":
        return items
    if strategy == "remove":
        return [item for item in old if item not in items]
    return [*items, *old] if strategy == "merge-first" else [*old, *items]


def _strategy_and_items(value: list[Any]) -> tuple[str, list[Any]]:
    first = value[0] if value else None
    if isinstance(first, dict) and set(first) == {"__"}:
        return _known(first["__"]), value[1:]
    return "merge-last", list(value)


def _known(strategy: Any) -> str:
    if strategy not in STRATEGIES:
        raise UnknownStrategy(f'Unknown strategy "{strategy}", should be one of {STRATEGIES}')
    return str(strategy)
