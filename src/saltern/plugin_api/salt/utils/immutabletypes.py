"""Data that cannot be changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any


def freeze(obj: Any) -> Any:
    """A read-only view of a dictionary, a tuple of a list, a frozen set of a set; deep. Other values are themselves."""
    if isinstance(obj, Mapping):
        return MappingProxyType({key: freeze(value) for key, value in obj.items()})
    if isinstance(obj, Sequence) and not isinstance(obj, str | bytes):
        return tuple(freeze(item) for item in obj)
    return frozenset(obj) if isinstance(obj, set) else obj
