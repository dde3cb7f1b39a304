"""Networks of Docker as states."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts

__opts__: Opts
__salt__: Functions


def __virtual__() -> bool | tuple[bool, str]:
    if "docker.version" in __salt__:
        return True
    return False, "The Python package docker is not installed"


def present(
    name: str,
    driver: str = "bridge",
    driver_opts: Any = None,
    internal: bool = False,
    labels: Any = None,
    containers: list[str] | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Have a network, and these containers connected to it. A network of another driver is an error."""
    try:
        found = [one for one in __salt__["docker.networks"](names=name) if one["Name"] == name]
        if found and found[0].get("Driver") != driver:
            said = f"Network '{name}' has the driver {found[0].get('Driver')}; remove it to have one of {driver}"
            return _result(name, False, said)
        connected = {one["Name"] for one in (found[0].get("Containers") or {}).values()} if found else set()
        missing = [one for one in containers or () if one not in connected]
        changes: dict[str, Any] = {} if found else {"created": True}
        if missing:
            changes["connected"] = missing
        if not changes:
            return _result(name, True, f"Network '{name}' already exists, and is configured as specified")
        if __opts__["test"]:
            return _result(name, None, f"Network '{name}' will be {'updated' if found else 'created'}", changes)
        if not found:
            __salt__["docker.create_network"](
                name, driver=driver, driver_opts=driver_opts, internal=internal, labels=labels
            )
        for one in missing:
            __salt__["docker.connect_container_to_network"](one, name)
    except CommandExecutionError as error:
        return _result(name, False, str(error))
    return _result(name, True, f"Network '{name}' {'updated' if found else 'created'}", changes)


def absent(name: str) -> dict[str, Any]:
    """Not have a network; containers that are connected to it are disconnected."""
    try:
        found = [one for one in __salt__["docker.networks"](names=name) if one["Name"] == name]
        if not found:
            return _result(name, True, f"Network '{name}' already absent")
        connected = [one["Name"] for one in (__salt__["docker.inspect_network"](name).get("Containers") or {}).values()]
        changes: dict[str, Any] = {"removed": True, **({"disconnected": connected} if connected else {})}
        if __opts__["test"]:
            return _result(name, None, f"Network '{name}' will be removed", changes)
        for one in connected:
            __salt__["docker.disconnect_container_from_network"](one, name)
        __salt__["docker.remove_network"](name)
    except CommandExecutionError as error:
        return _result(name, False, f"Failed to remove network '{name}': {error}")
    return _result(name, True, f"Removed network '{name}'", changes)


def _result(name: str, result: bool | None, comment: str, changes: Any = None) -> dict[str, Any]:
    return {"name": name, "changes": changes or {}, "result": result, "comment": comment}
