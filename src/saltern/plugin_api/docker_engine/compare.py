"""What differs between two containers, as the engine tells of them."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

_OWN = {"Hostname", "Image", "ContainerIDFile", "HostnamePath"}
"""Fields that belong to one container alone, or are compared otherwise."""


def containers(old: Mapping[str, Any], new: Mapping[str, Any], ignore: Set[str] = frozenset()) -> dict[str, Any]:
    """By section and field the old value and the new one. Empty values of every kind are alike."""
    found: dict[str, Any] = {}
    for section in ("Config", "HostConfig"):
        before, after = old.get(section) or {}, new.get(section) or {}
        for name in sorted({*before, *after} - _OWN - ignore):
            one, other = _plain(before.get(name)), _plain(after.get(name))
            if one != other:
                found.setdefault(section, {})[name] = {"old": before.get(name), "new": after.get(name)}
    if old.get("Image") != new.get("Image"):
        found["image"] = {"old": old.get("Image"), "new": new.get("Image")}
    return found


def _plain(value: Any) -> Any:
    if not value:
        return None
    if isinstance(value, list):
        return sorted(map(repr, value))
    return value
