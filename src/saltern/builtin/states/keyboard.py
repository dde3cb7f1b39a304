"""Keyboards have a layout."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def __virtual__() -> bool | tuple[bool, str]:
    return "keyboard.get_sys" in __salt__ or (False, "keyboard module could not be loaded")


def system(name: str) -> dict[str, Any]:
    """The console has a layout, now and at boot."""
    return _laid_out(name, "sys", "System", "system keyboard")


def xorg(name: str) -> dict[str, Any]:
    """X has a layout."""
    return _laid_out(name, "x", "XOrg", "XOrg")


def _laid_out(name: str, which: str, what: str, failing: str) -> dict[str, Any]:
    try:
        if __salt__[f"keyboard.get_{which}"]() == name:
            return result_of(name, True, f"{what} layout {name} already set")
        changes = {"layout": name}
        if __opts__["test"]:
            return result_of(name, None, f"{what} layout {name} needs to be set", changes)
        __salt__[f"keyboard.set_{which}"](name)
    except CommandExecutionError as error:
        return result_of(name, False, f"Failed to set {failing} layout: {error}")
    return result_of(name, True, f"Set {failing} layout {name}", changes)
