"""Encrypted devices are mapped, or are not."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def __virtual__() -> bool | tuple[bool, str]:
    return "cryptdev.active" in __salt__ or (False, "cryptdev module could not be loaded")


def mapped(
    name: str,
    device: str,
    keyfile: str | None = None,
    opts: Any = None,
    config: str = "/etc/crypttab",
    persist: bool = True,
    immediate: bool = False,
    match_on: Any = "name",
) -> dict[str, Any]:
    """A device is mapped: with `persist` by its entry in the file, at boot; with `immediate` now, by a key file."""
    changes: dict[str, Any] = {}
    try:
        if immediate and name not in __salt__["cryptdev.active"]():
            if not keyfile or keyfile in ("none", "-"):
                said = "Device cannot be mapped immediately without a keyfile"
                return result_of(name, False, said, {"cryptsetup": said})
            changes["cryptsetup"] = "Device mapped using cryptsetup"
            if not __opts__["test"] and not __salt__["cryptdev.open"](name, device, keyfile):
                said = "Device failed to map using cryptsetup"
                return result_of(name, False, said, {"cryptsetup": said})
        if persist:
            changes |= _persisted(name, device, keyfile, opts, config, match_on)
    except CommandExecutionError as error:
        return result_of(name, False, str(error), changes)
    return result_of(name, None if changes and __opts__["test"] else True, "", changes)


def unmapped(name: str, config: str = "/etc/crypttab", persist: bool = True, immediate: bool = False) -> dict[str, Any]:
    """A device is not mapped: with `persist` not at boot, with `immediate` not now."""
    changes: dict[str, Any] = {}
    try:
        if immediate and name in __salt__["cryptdev.active"]():
            changes["cryptsetup"] = "Device unmapped using cryptsetup"
            if not __opts__["test"] and not __salt__["cryptdev.close"](name):
                said = "Device failed to unmap using cryptsetup"
                return result_of(name, False, said, {"cryptsetup": said})
        if persist and name in __salt__["cryptdev.crypttab"](config):
            changes["crypttab"] = f"Entry removed from {config}"
            if not __opts__["test"]:
                __salt__["cryptdev.rm_crypttab"](name, config)
    except CommandExecutionError as error:
        return result_of(name, False, str(error), changes)
    return result_of(name, None if changes and __opts__["test"] else True, "", changes)


def _persisted(name: str, device: str, keyfile: str | None, opts: Any, config: str, match_on: Any) -> dict[str, str]:
    test = bool(__opts__["test"])
    done = __salt__["cryptdev.set_crypttab"](name, device, keyfile or "none", opts or "", config, test, match_on)
    said = {"new": f"Entry added in {config}", "change": f"Existing entry in {config} changed"}
    return {"crypttab": said[done]} if done in said else {}
