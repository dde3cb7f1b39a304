"""The time zone of the system."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts, SaltInvocationError
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def __virtual__() -> bool | tuple[bool, str]:
    return "timezone.get_zone" in __salt__ or (False, "there is no module for the time zone of this system")


def system(name: str, utc: bool = True) -> dict[str, Any]:
    """The system has this time zone, and its hardware clock is kept in UTC; without `utc` the clock is left alone."""
    try:
        same_zone = __salt__["timezone.zone_compare"](name)
    except (SaltInvocationError, CommandExecutionError) as error:
        said = f"Unable to compare desired timezone '{name}' to system timezone: {error}"
        return result_of(name, False, said)
    same_clock = not utc or __salt__["timezone.get_hwclock"]() != "localtime"
    if same_zone and same_clock:
        said = f"Timezone {name} already set"
        return result_of(name, True, f"{said}, UTC already set to UTC" if utc else said)
    if __opts__["test"]:
        needed = [] if same_zone else [f"Timezone {name} needs to be set"]
        needed += [] if same_clock else ["UTC needs to be set to True"]
        return result_of(name, None, ", ".join(needed))
    return _changed(name, same_zone, same_clock)


def _changed(name: str, same_zone: bool, same_clock: bool) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    said: list[str] = []
    result = True
    if not same_zone:
        if __salt__["timezone.set_zone"](name):
            changes["timezone"] = name
            said.append(f"Set timezone {name}")
        else:
            result = False
            said.append("Failed to set timezone")
    if not same_clock:
        if __salt__["timezone.set_hwclock"]("UTC"):
            changes["utc"] = True
            said.append("Set UTC to True")
        else:
            result = False
            said.append("Failed to set UTC to True")
    return result_of(name, result, ", ".join(said), changes)
