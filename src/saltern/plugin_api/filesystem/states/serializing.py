"""`file.serialize`: data in a file, and what differs between data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saltern.plugin_api.nested import merged

_ABSENT = "<_null_>"
_DEFAULTS: dict[str, dict[str, Any]] = {
    "yaml": {"default_flow_style": False},
    "json": {"indent": 2, "separators": (",", ": "), "sort_keys": True},
}


def options_of(given: Any, serializer: str = "") -> dict[str, Any]:
    """The options of a serializer from a dictionary or a list of them, over those that it has in this state."""
    options = dict(_DEFAULTS.get(serializer, {}))
    for part in given if isinstance(given, list) else [given or {}]:
        options.update(part)
    if serializer == "json" and options.get("indent") is None:
        options["separators"] = (", ", ": ")
    return options


def unordered(value: Any) -> Any:
    """The data of an SLS file as plain dictionaries, which serializers sort: a state has lost their order in Salt."""
    if isinstance(value, Mapping):
        return {key: unordered(one) for key, one in value.items()}
    return [unordered(one) for one in value] if isinstance(value, list) else value


def merged_data(existing: Any, data: Any) -> Any:
    """The data over what is there, where both are dictionaries."""
    return merged(existing, data) if isinstance(existing, Mapping) and isinstance(data, Mapping) else data


def data_difference(old: Any, new: Any) -> dict[str, Any]:
    """What differs between two dictionaries, by key."""
    found: dict[str, Any] = {}
    for key in dict.fromkeys([*old, *new]):
        before, after = old.get(key, _ABSENT), new.get(key, _ABSENT)
        if before == after:
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            found[key] = data_difference(before, after)
        else:
            found[key] = {"old": before, "new": after}
    return found
