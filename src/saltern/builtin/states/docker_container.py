"""Containers of Docker as states."""

from __future__ import annotations

import secrets
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts, SaltInvocationError

__opts__: Opts
__salt__: Functions


def __virtual__() -> bool | tuple[bool, str]:
    if "docker.version" in __salt__:
        return True
    return False, "The Python package docker is not installed"


def running(
    name: str,
    image: str | None = None,
    skip_translate: Any = None,
    ignore_collisions: bool = False,
    validate_ip_addrs: bool = True,
    force: bool = False,
    watch_action: str = "force",
    start: bool = True,
    shutdown_timeout: int | None = None,
    client_timeout: int = 60,
    networks: Any = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Have a container of this image and these options that runs, or with `start: False` is made.

    One that differs is replaced. To see that, a container is made beside it and removed again, in test mode too. An
    image that is not there is pulled. `force` replaces the container in any case.
    """
    if not image:
        return _result(name, False, "The 'image' argument is required")
    wanted = {key: value for key, value in kwargs.items() if not key.startswith("__")}
    changes: dict[str, Any] = {}
    try:
        there = __salt__["docker.exists"](name)
        if not __salt__["docker.resolve_image_id"](image):
            if __opts__["test"]:
                return _result(name, None, f"Image '{image}' would be pulled and the container '{name}' created")
            changes["image"] = __salt__["docker.pull"](image)
        differing = _differing(name, image, wanted) if there else {}
        replace = there and (force or bool(differing))
        if replace or not there:
            changes["container"] = differing if there else {"added": name}
        stopped = there and not replace and start and __salt__["docker.state"](name) != "running"
        if stopped:
            changes["state"] = {"old": __salt__["docker.state"](name), "new": "running"}
        missing = _unconnected(name, networks, there=there and not replace)
        if missing:
            changes["networks"] = {"added": missing}
        if not changes:
            return _result(name, True, f"Container '{name}' is already configured as specified")
        comment = _comment(name, there=there, replace=replace, stopped=stopped)
        if __opts__["test"]:
            return _result(name, None, comment.format("would be"), changes)
        _bring_about(name, image, wanted, replace=replace, there=there, start=start, timeout=shutdown_timeout)
        for network in missing:
            __salt__["docker.connect_container_to_network"](name, network)
    except (CommandExecutionError, SaltInvocationError) as error:
        return _result(name, False, str(error), changes)
    return _result(name, True, comment.format("was"), changes)


def stopped(
    name: str | None = None,
    containers: list[str] | None = None,
    shutdown_timeout: int | None = None,
    unpause: bool = False,
    error_on_absent: bool = True,
    **kwargs: Any,
) -> dict[str, Any]:
    """Have containers (`name`, or `containers`) that do not run."""
    wanted = containers or [str(name)]
    label = str(name)
    try:
        absent = [one for one in wanted if not __salt__["docker.exists"](one)]
        if absent and error_on_absent:
            return _result(label, False, f"The following container(s) are absent: {', '.join(absent)}")
        states = {one: __salt__["docker.state"](one) for one in wanted if one not in absent}
        paused = [one for one, now in states.items() if now == "paused"]
        if paused and not unpause:
            said = f"The following container(s) are paused, set unpause to True to stop them: {', '.join(paused)}"
            return _result(label, False, said)
        to_stop = [one for one, now in states.items() if now != "stopped"]
        if not to_stop:
            several = "One or more containers are" if len(wanted) > 1 else f"Container '{wanted[0]}' is"
            return _result(
                label, True, f"{several} already stopped" if not absent else f"Container '{label}' is absent"
            )
        if __opts__["test"]:
            changes = {one: {"old": states[one], "new": "stopped"} for one in to_stop}
            return _result(label, None, f"The following containers will be stopped: {', '.join(to_stop)}", changes)
        changes = {one: __salt__["docker.stop"](one, shutdown_timeout)["state"] for one in to_stop}
    except (CommandExecutionError, SaltInvocationError) as error:
        return _result(label, False, str(error))
    return _result(label, True, f"The following containers were stopped: {', '.join(to_stop)}", changes)


def absent(name: str, force: bool = False) -> dict[str, Any]:
    """Not have a container; one that runs is removed only with `force`."""
    try:
        if not __salt__["docker.exists"](name):
            return _result(name, True, f"Container '{name}' does not exist")
        now = __salt__["docker.state"](name)
        if now != "stopped" and not force:
            return _result(name, False, f"Container is {now}, set force to True to forcibly remove it")
        changes = {"removed": [__salt__["docker.inspect_container"](name)["Id"]]}
        if __opts__["test"]:
            return _result(name, None, f"Container '{name}' will be removed", changes)
        __salt__["docker.rm"](name, force=force)
    except (CommandExecutionError, SaltInvocationError) as error:
        return _result(name, False, str(error))
    return _result(name, True, f"{'Forcibly removed' if force else 'Removed'} container '{name}'", changes)


def _differing(name: str, image: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """What a container made anew would have otherwise."""
    trial = f"{name}-{secrets.token_hex(4)}"
    __salt__["docker.create"](image, name=trial, **wanted)
    try:
        found: dict[str, Any] = __salt__["docker.compare_containers"](name, trial)
    finally:
        __salt__["docker.rm"](trial, force=True)
    return found


def _unconnected(name: str, networks: Any, *, there: bool) -> list[str]:
    wanted = [next(iter(one)) if isinstance(one, dict) else str(one) for one in networks or ()]
    if not there:
        return wanted
    have = __salt__["docker.inspect_container"](name).get("NetworkSettings", {}).get("Networks") or {}
    return [one for one in wanted if one not in have]


def _comment(name: str, *, there: bool, replace: bool, stopped: bool) -> str:
    if replace:
        return f"Container '{name}' {{}} replaced"
    if not there:
        return f"Container '{name}' {{}} created"
    return f"Container '{name}' {{}} started" if stopped else f"Container '{name}' {{}} connected"


def _bring_about(
    name: str, image: str, wanted: dict[str, Any], *, replace: bool, there: bool, start: bool, timeout: int | None
) -> None:
    if replace:
        __salt__["docker.rm"](name, stop=True, timeout=timeout, force=True)
    if replace or not there:
        __salt__["docker.create"](image, name=name, **wanted)
    if start and __salt__["docker.state"](name) != "running":
        done = __salt__["docker.start"](name)
        if not done["result"]:
            raise CommandExecutionError(f"Container '{name}' was not started: {done.get('comment', '')}")


def _result(name: str, result: bool | None, comment: str, changes: Any = None) -> dict[str, Any]:
    return {"name": name, "changes": changes or {}, "result": result, "comment": comment}
