"""Saltern's own options whose values are kept elsewhere: `sdb://profile/key` (behaviour CFG-06).

Those of plugins are looked up where plugins run, see `stored_options`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from saltern.assembly.stored_options import are_named
from saltern.config.common import CommonConfig
from saltern.errors import ConfigError

Config = TypeVar("Config", bound=CommonConfig)


def with_secrets(config: Config) -> Config:
    """The configuration with the values that its `sdb://` texts stand for, wherever in an option they are.

    `ConfigError` names the option whose value cannot be had: the text itself is no password.
    """
    own = (name for name in config.__struct_fields__ if name != "extra")
    named = {name: value for name in own if are_named(value := getattr(config, name))}
    if not named:
        return config
    from saltern.plugin_api import sdb
    from saltern.plugins.index import PluginIndex
    from saltern.plugins.scope import Scope
    from saltern.plugins.search import SearchPath
    from saltern.plugins.space import PluginSpace
    from saltern.salt_compat.opts import to_opts

    opts = to_opts(config)
    with PluginSpace(PluginIndex(SearchPath.of_opts(opts)), Scope(opts)) as space:
        drivers = space.table("sdb")

        def look_up(uri: str) -> Any:
            return sdb.get(uri, drivers, opts, strict=True)

        return msgspec.structs.replace(config, **{name: _looked_up(name, named[name], look_up) for name in named})


def _looked_up(name: str, value: Any, look_up: Callable[[str], Any]) -> Any:
    if isinstance(value, dict):
        return {key: _looked_up(f"{name}:{key}", one, look_up) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)([_looked_up(name, one, look_up) for one in value])
    if not are_named(value):
        return value
    try:
        found = look_up(value)
    except Exception as error:  # the boundary to a plugin
        raise _missing(name, value, str(error)) from error
    if found is None:
        raise _missing(name, value, "there is no such value")
    return found


def _missing(name: str, uri: str, why: str) -> ConfigError:
    return ConfigError(f"{name}: {uri}: {why}", hint="see the profile of that name")
