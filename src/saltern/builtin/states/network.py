"""Network interfaces, their routes and the settings of the network are as said in the files of the system."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts, SaltInvocationError
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def __virtual__() -> bool | tuple[bool, str]:
    return "ip.get_interface" in __salt__ or (False, "ip module could not be loaded")


def managed(name: str, enabled: bool = True, **kwargs: Any) -> dict[str, Any]:
    """An interface is configured, and runs when `enabled`; `noifupdown: True` leaves it as it runs.

    `type` is its kind (`eth`, `bond`, `bridge`, `slave`, `vlan`); other settings are `proto` (`dhcp`, `static`, ...),
    `ipaddr`, `netmask`, `gateway`, `dns` and so on, those of IPv6 with `ipv6` before them.
    """
    kind = str(kwargs.pop("type", "eth"))
    changes, will = {}, bool(__opts__["test"])
    try:
        old = __salt__["ip.get_interface"](name)
        new = __salt__["ip.build_interface"](name, kind, enabled, **kwargs, test=True)
        if old != new:
            changes["interface"] = _difference(old, new) if old else "Added network interface."
        comment = _said(f"Interface {name}", old, new, will)
        has_driver = kind == "bond" and "ip.build_bond" in __salt__
        bond = _bond(name, kwargs, changes, will) if has_driver else ""
        restart = kwargs.get("noifupdown") is not True and _status(name, enabled, changes)
        if will:
            return result_of(name, None if changes else True, bond or comment, changes)
        if "interface" in changes:
            __salt__["ip.build_interface"](name, kind, enabled, **kwargs, test=False)
        if bond:
            __salt__["ip.build_bond"](name, **kwargs, test=False)
        for verb in restart or ():
            __salt__[f"ip.{verb}"](name, kind)
    except (SaltInvocationError, CommandExecutionError, OSError) as error:
        return result_of(name, False, str(error))
    return result_of(name, True, bond or comment, changes)


def routes(name: str, **kwargs: Any) -> dict[str, Any]:
    """The routes of an interface are `routes`, mappings with `ipaddr`, `netmask`, `gateway`, and if wanted `name`."""
    try:
        old = __salt__["ip.get_routes"](name)
        new = __salt__["ip.build_routes"](name, **kwargs, test=True)
        if old == new:
            return result_of(name, True, f"Interface {name} routes are up to date.")
        told = _difference(old, new) if old else f"Added interface {name} routes."
        will = bool(__opts__["test"])
        comment = _said(f"Interface {name} routes", old, new, will, several=True)
        if will:
            return result_of(name, None, comment, {"network_routes": told})
        __salt__["ip.build_routes"](name, **kwargs, test=False)
    except (SaltInvocationError, CommandExecutionError, OSError) as error:
        return result_of(name, False, str(error))
    return result_of(name, True, comment, {"network_routes": told})


def system(name: str, **kwargs: Any) -> dict[str, Any]:
    """The settings of the whole network: `enabled`, `hostname`, `domain`; the name holds with `apply_hostname` at once.

    With `require_reboot` the network is not started anew.
    """
    try:
        old = __salt__["ip.get_network_settings"]()
        new = __salt__["ip.build_network_settings"](**kwargs, test=True)
        changes = {"network_settings": _difference(old, new)} if old != new else {}
        if not changes:
            return result_of(name, True, "Global network settings are up to date.")
        comment = _said("Global network settings", old, new, bool(__opts__["test"]), several=True)
        if __opts__["test"]:
            return result_of(name, None, comment, changes)
        __salt__["ip.build_network_settings"](**kwargs, test=False)
        if kwargs.get("apply_hostname") and kwargs.get("hostname"):
            __salt__["network.mod_hostname"](str(kwargs["hostname"]).partition(".")[0])
        __salt__["ip.apply_network_settings"](**kwargs)
    except (SaltInvocationError, CommandExecutionError, OSError) as error:
        return result_of(name, False, str(error))
    return result_of(name, True, comment, changes)


def _said(what: str, old: Sequence[str], new: Sequence[str], will: bool, *, several: bool = False) -> str:
    is_ = "are" if several else "is"
    if old == new:
        return f"{what} {is_} up to date."
    if not old:
        return f"{what} {is_} set to be added." if will else f"{what} added."
    return f"{what} {is_} set to be updated:\n{_difference(old, new)}" if will else f"{what} updated."


def _difference(old: Sequence[str], new: Sequence[str]) -> str:
    return "\n".join(difflib.unified_diff(list(old), list(new), lineterm=""))


def _bond(name: str, kwargs: dict[str, Any], changes: dict[str, Any], will: bool) -> str:
    """What there is to say of the file of the bond's driver when it changes."""
    old, new = __salt__["ip.get_bond"](name), __salt__["ip.build_bond"](name, **kwargs, test=True)
    if old == new:
        return ""
    changes["bond"] = _difference(old, new) if old else f"Added bond {name}."
    return _said(f"Bond interface {name}", old, new, will)


def _status(name: str, enabled: bool, changes: dict[str, Any]) -> Sequence[str]:
    """The functions that let the interface run as it is configured, or stop it; says so in changes."""
    runs = bool(__salt__["network.interfaces"]().get(name, {}).get("up"))
    if not enabled:
        if runs:
            changes["status"] = f"Interface {name} down"
        return ("down",) if runs else ()
    if not runs:
        changes["status"] = f"Interface {name} is up"
        return ("up",)
    if not changes:
        return ()
    changes["status"] = f"Interface {name} restart to validate"
    return ("down", "up")
