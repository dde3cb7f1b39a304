"""Quotas of a file system hold, or do not."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def __virtual__() -> bool | tuple[bool, str]:
    return "quota.report" in __salt__ or (False, "the module quota is not available")


def mode(name: str, mode: bool | str, quotatype: str) -> dict[str, Any]:
    """The quotas of the file system `name` for `user` or `group` are on or off."""
    wanted = {True: "on", False: "off"}[mode] if isinstance(mode, bool) else str(mode)
    if wanted not in ("on", "off") or quotatype not in ("user", "group"):
        return result_of(name, False, "mode has to be on or off, and quotatype user or group")
    found = __salt__["quota.get_mode"](name).get(name)
    if not isinstance(found, dict):
        return result_of(name, False, f"{name} has no quotas: it is not mounted with an option for them")
    if found.get(quotatype) == wanted:
        return result_of(name, True, f"Quota for {name} already set to {wanted}")
    changes = {"quota": name}
    if __opts__["test"]:
        return result_of(name, None, f"Quota for {name} needs to be set to {wanted}", changes)
    try:
        __salt__[f"quota.{wanted}"](name, quotatype)
    except CommandExecutionError as error:
        return result_of(name, False, f"Failed to set quota for {name} to {wanted}: {error}")
    return result_of(name, True, f"Set quota for {name} to {wanted}", changes)
