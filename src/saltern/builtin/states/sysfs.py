"""Attributes of the kernel's objects below /sys have values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def __virtual__() -> bool | tuple[bool, str]:
    return "sysfs.attr" in __salt__ or (False, "sysfs module could not be loaded")


def present(name: str, value: Any, config: Any = None) -> dict[str, Any]:
    """An attribute has a value; for one that shows all choices (`always [madvise] never`) the chosen one counts.

    `value` may be a mapping of attributes below `name` to values. The value holds until the next boot.
    """
    wanted = {f"{name}/{key}": one for key, one in value.items()} if isinstance(value, Mapping) else {name: value}
    changes: dict[str, Any] = {}
    for key, one in wanted.items():
        now = __salt__["sysfs.attr"](key)
        if now is False:
            return result_of(name, False, f"SysFS attribute {key} doesn't exist.")
        if not _has(now, one):
            changes[key] = one
    if not changes:
        return result_of(name, True, f"SysFS attribute {name} is already set.")
    if __opts__["test"]:
        return result_of(name, None, f"SysFS attribute {name} set to be changed.", changes)
    for key, one in changes.items():
        if not __salt__["sysfs.attr"](key, one):
            return result_of(name, False, f"Failed to set {key} to {one}")
    return result_of(name, True, f"Updated SysFS attribute {name} to {value}", changes)


def _has(now: Any, wanted: Any) -> bool:
    chosen = re.search(r"\[(\S+)\]", str(now))
    return str(wanted) == (chosen[1] if chosen else str(now))
