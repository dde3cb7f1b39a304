"""Parameters of the kernel."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.linux import sysctl_conf
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def __virtual__() -> bool | tuple[bool, str]:
    return "sysctl.show" in __salt__ or (False, "there is no module for the parameters of this kernel")


def present(name: str, value: Any, config: str | None = None) -> dict[str, Any]:
    """A parameter has a value, in the running kernel and in the file that is read at boot."""
    if not isinstance(value, str | int | float):
        return result_of(name, False, f"Failed to set {name}: the value must be a text or a number")
    config = config or __salt__["sysctl.default_config"]()
    if __opts__["test"]:
        return _foreseen(name, value, config)
    try:
        status = __salt__["sysctl.persist"](name, value, config)
    except CommandExecutionError as error:
        return result_of(name, False, f"Failed to set {name} to {value}: {error}")
    if status == "Already set":
        return result_of(name, True, f"Sysctl value {name} = {value} is already set")
    return result_of(name, True, f"Updated sysctl value {name} = {value}", {name: value})


def _foreseen(name: str, value: Any, config: str) -> dict[str, Any]:
    configured = dict(__salt__["sysctl.show"](config_file=config) or {})
    key = next((one for one in configured if sysctl_conf.dotted(one) == sysctl_conf.dotted(name)), None)
    runs = sysctl_conf.same(sysctl_conf.running(name), value)
    if key is None:
        if not runs:
            return result_of(name, None, f"Sysctl option {name} set to be changed to {value}")
        said = "Sysctl value is currently set on the running system but not in a config file."
        return result_of(name, None, f"{said} Sysctl option {name} set to be changed to {value} in config file.")
    if runs and sysctl_conf.same(configured[key], value):
        return result_of(name, True, f"Sysctl value {name} = {value} is already set")
    return result_of(name, None, f"Sysctl option {name} would be changed to {value}")
