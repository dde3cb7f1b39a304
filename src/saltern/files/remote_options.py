"""How remotes stand in a configuration: URLs, or URLs with options of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saltern.errors import ConfigError


def with_options(entry: Any, place: str) -> tuple[str, dict[str, Any]]:
    """The URL of an entry and its options. `ConfigError` names `place` where it is neither form."""
    if isinstance(entry, str):
        return entry, {}
    if not isinstance(entry, Mapping) or len(entry) != 1:
        raise ConfigError(f"{place}: {entry!r} is neither a URL nor a URL with its options")
    ((url, options),) = entry.items()
    return str(url), merged(options)


def merged(options: Any) -> dict[str, Any]:
    """Options as a mapping, or as Salt's list of mappings with one key."""
    if isinstance(options, Mapping):
        return dict(options)
    return {key: value for one in options or () if isinstance(one, Mapping) for key, value in one.items()}
