"""The configuration of logrotate(8)."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts

__func_alias__ = {"set_": "set"}


def set_(
    name: str, key: str, value: Any, setting: Any = None, conf_file: str = "/etc/logrotate.conf"
) -> dict[str, Any]:
    """A word has a value, or a word (`value`) in the block of a path its `setting`."""
    if setting is None:
        old, new = __salt__["logrotate.get"](key=key, conf_file=conf_file), value
        what = f"command '{key}'"
    else:
        old, new = __salt__["logrotate.get"](key=key, value=value, conf_file=conf_file), setting
        what = f"block '{key}' command '{value}'"
    begun = f"{what[0].upper()}{what[1:]}"
    if str(old) == str(new):
        return result_of(name, True, f"{begun} already has value: {new}")
    changes = {"old": old, "new": new}
    if __opts__["test"]:
        return result_of(name, None, f"{begun} will be set to value: {new}", changes)
    if __salt__["logrotate.set"](key=key, value=value, setting=setting, conf_file=conf_file):
        return result_of(name, True, f"Set {what} value: {new}", changes)
    return result_of(name, False, f"Failed to set {what} value: {new}")
