"""Volumes of Docker as states."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts

__opts__: Opts
__salt__: Functions


def __virtual__() -> bool | tuple[bool, str]:
    if "docker.version" in __salt__:
        return True
    return False, "The Python package docker is not installed"


def present(name: str, driver: str | None = None, driver_opts: Any = None, force: bool = False) -> dict[str, Any]:
    """Have a volume. One of another driver is an error, and with `force` replaced, with all that it holds."""
    if isinstance(driver_opts, list):
        driver_opts = {key: value for one in driver_opts for key, value in one.items()}
    try:
        found = _volume(name)
        other = found is not None and driver is not None and found["Driver"] != driver
        if found is not None and not other:
            return _result(name, True, f"Volume '{name}' already exists.")
        if other and not force:
            said = (
                f"Driver for existing volume '{name}' ('{found['Driver'] if found else ''}') does not match specified"
            )
            return _result(name, False, f"{said} driver ('{driver}') and force is False")
        if __opts__["test"]:
            return _result(name, None, f"The volume '{name}' will be {'replaced' if other else 'created'}")
        changes: dict[str, Any] = {}
        if other:
            changes["removed"] = __salt__["docker.remove_volume"](name)
        changes["created"] = __salt__["docker.create_volume"](name, driver=driver, driver_opts=driver_opts)
    except CommandExecutionError as error:
        return _result(name, False, f"Failed to create volume '{name}': {error}")
    return _result(name, True, "", changes)


def absent(name: str, driver: str | None = None) -> dict[str, Any]:
    """Not have a volume."""
    try:
        if _volume(name) is None:
            return _result(name, True, f"Volume '{name}' already absent")
        if __opts__["test"]:
            return _result(name, None, f"The volume '{name}' will be removed", {"removed": True})
        changes = {"removed": __salt__["docker.remove_volume"](name)}
    except CommandExecutionError as error:
        return _result(name, False, f"Failed to remove volume '{name}': {error}")
    return _result(name, True, "", changes)


def _volume(name: str) -> dict[str, Any] | None:
    found = __salt__["docker.volumes"](filters={"name": name}).get("Volumes") or ()
    return next((one for one in found if one["Name"] == name), None)


def _result(name: str, result: bool | None, comment: str, changes: Any = None) -> dict[str, Any]:
    return {"name": name, "changes": changes or {}, "result": result, "comment": comment}
