"""Lists as lists and as sets: union and difference, flat lists, sums, order, and what itertools offers."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable
from typing import Any

_NULLS = (None, "None", "null")


def unique(values: Any) -> Any:
    """Each value once, in its order; what is hashable as a whole (a text, a tuple) becomes a set."""
    if isinstance(values, Hashable):
        whole: Any = values  # What cannot be gone through says so itself.
        return set(whole)
    found: list[Any] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


def union(one: Any, other: Any) -> Any:
    return set(one) | set(other) if _both_hashable(one, other) else unique(one + other)


def intersect(one: Any, other: Any) -> Any:
    return set(one) & set(other) if _both_hashable(one, other) else unique([item for item in one if item in other])


def difference(one: Any, other: Any) -> Any:
    return set(one) - set(other) if _both_hashable(one, other) else unique([item for item in one if item not in other])


def symmetric_difference(one: Any, other: Any) -> Any:
    if _both_hashable(one, other):
        return set(one) ^ set(other)
    common = intersect(one, other)
    return unique([item for item in union(one, other) if item not in common])


def _both_hashable(one: Any, other: Any) -> bool:
    return isinstance(one, Hashable) and isinstance(other, Hashable)


def flatten(values: Iterable[Any], levels: int | None = None, preserve_nulls: bool = False) -> list[Any]:
    """One list of the items of all inner lists, down to `levels`; without nulls, unless they are to be kept."""
    found: list[Any] = []
    for value in values:
        if isinstance(value, list | tuple | dict | set):
            if levels is None:
                found.extend(flatten(value, None, preserve_nulls))
            elif levels >= 1:
                found.extend(flatten(value, levels - 1, preserve_nulls))
            else:
                found.append(value)
        elif preserve_nulls or not (isinstance(value, str | None) and value in _NULLS):
            found.append(value)
    return found


def avg(values: Any) -> float:
    """The mean of the items, or a single number itself."""
    return float(values) if isinstance(values, Hashable) else sum(values) / float(len(values))  # type: ignore[arg-type]


def compare_lists(old: list[Any], new: list[Any]) -> dict[str, list[Any]]:
    """The items of one list that the other has not."""
    found = {
        "new": [item for item in new if item not in old],
        "old": [item for item in old if item not in new],
    }
    return {side: items for side, items in found.items() if items}


FILTERS = {
    "unique": unique,
    "union": union,
    "intersect": intersect,
    "difference": difference,
    "symmetric_difference": symmetric_difference,
    "flatten": flatten,
    "avg": avg,
    "min": min,
    "max": max,
    "compare_lists": compare_lists,
    "sorted_ignorecase": lambda values: sorted(values, key=lambda item: item.lower()),
    "combinations": itertools.combinations,
    "combinations_with_replacement": itertools.combinations_with_replacement,
    "compress": itertools.compress,
    "permutations": itertools.permutations,
    "product": itertools.product,
    "zip": zip,
    "zip_longest": itertools.zip_longest,
}
