"""Options whose values stand in another store: `sdb://<profile>/<key>` in the place of a value (behaviour CFG-06)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from saltern.plugin_api import sdb
from saltern.plugins.space import PluginSpace

log = logging.getLogger(__name__)


def are_named(value: Any) -> bool:
    """Whether a value, or one within it, is such a URI."""
    if isinstance(value, str):
        return value.startswith("sdb://")
    if isinstance(value, Mapping):
        return any(are_named(one) for one in value.values())
    return isinstance(value, list | tuple) and any(are_named(one) for one in value)


def looked_up(opts: dict[str, Any], space: PluginSpace) -> dict[str, Any]:
    """The options with the values of the stores. What a store does not tell stays as it is, and is logged."""
    drivers = space.table("sdb")
    return {name: _value(value, opts, drivers) if are_named(value) else value for name, value in opts.items()}


def _value(value: Any, opts: dict[str, Any], drivers: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _value(one, opts, drivers) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_value(one, opts, drivers) for one in value]
    if not are_named(value):
        return value
    try:
        return sdb.get(value, drivers, opts)
    except Exception as error:  # a driver's fault keeps no job from running
        log.error("The option %s cannot be looked up: %s", value, error)
        return value
