"""Mail aliases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def present(name: str, target: str | Sequence[str]) -> dict[str, Any]:
    """An alias has these targets and no others."""
    shown = target if isinstance(target, str) else ", ".join(target)
    if __salt__["aliases.has_target"](name, target):
        return result_of(name, True, f"Alias {name} already present")
    if __opts__["test"]:
        return result_of(name, None, f"Alias {name} -> {shown} is set to be added")
    if __salt__["aliases.set_target"](name, target):
        return result_of(name, True, f"Set email alias {name} -> {shown}", {"alias": name})
    return result_of(name, False, f"Failed to set alias {name} -> {shown}")


def absent(name: str) -> dict[str, Any]:
    """There is no such alias."""
    if name not in __salt__["aliases.list_aliases"]():
        return result_of(name, True, f"Alias {name} already absent")
    if __opts__["test"]:
        return result_of(name, None, f"Alias {name} is set to be removed")
    if __salt__["aliases.rm_alias"](name):
        return result_of(name, True, f"Removed alias {name}", {"alias": name})
    return result_of(name, False, f"Failed to remove alias {name}")
