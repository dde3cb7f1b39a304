"""Programs under supervisord run, or do not.

`conf_file`, `bin_env` and `user` are those of the module `supervisord`. The name of a group ends with a colon.
"""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts

_STOPPED = ("STOPPED", "STOPPING", "EXITED", "FATAL", "BACKOFF", "UNKNOWN")
_HARMLESS = ("already active", "already started")


def running(
    name: str,
    restart: bool = False,
    update: bool = False,
    user: str | None = None,
    conf_file: str | None = None,
    bin_env: str | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """A program or group runs; one that supervisord does not know yet is taken up from its configuration.

    With `restart` one that runs is restarted; with `update` supervisord first does what its configuration says.
    """
    name = name.removesuffix("*") if name.endswith(":*") else name
    how = {"user": user, "conf_file": conf_file, "bin_env": bin_env}
    known = _known(name, how)
    kind = ("group" if name.endswith(":") else "service") if known else ""
    stopped = [one for one, state in known.items() if state in _STOPPED]
    if __opts__["test"]:
        return _foreseen(name, known, stopped, restart, update)
    done: list[str] = []
    if update:
        said = __salt__["supervisord.update"](**how)
        if _failed(said):
            return result_of(name, False, said)
        done += ["Updating supervisor"] if said else []
        known = _known(name, how)
        stopped = [one for one, state in known.items() if state in _STOPPED]
    elif not known:
        __salt__["supervisord.reread"](**how)
        said = __salt__["supervisord.add"](name, **how)
        done.append(f"Adding service: {name}")
        if _failed(said):
            return result_of(name, False, said)
        known = _known(name, how)
        stopped = [one for one, state in known.items() if state in _STOPPED]
    return _started(name, kind, known, stopped, restart and not done, done, how)


def dead(
    name: str, user: str | None = None, conf_file: str | None = None, bin_env: str | None = None, **kwargs: Any
) -> dict[str, Any]:
    """A program or group does not run."""
    how = {"user": user, "conf_file": conf_file, "bin_env": bin_env}
    known = _known(name, how)
    if known and all(state in _STOPPED for state in known.values()):
        return result_of(name, True, f"Service {name} is not running")
    comment = f"Stopping service: {name}"
    if __opts__["test"]:
        return result_of(name, None, f"Service {name} is set to be stopped", {name: comment})
    said = __salt__["supervisord.stop"](name, **how)
    if _failed(said):
        return result_of(name, False, said)
    return result_of(name, True, comment, {name: comment})


def mod_watch(
    name: str,
    restart: bool = True,
    update: bool = False,
    user: str | None = None,
    conf_file: str | None = None,
    bin_env: str | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Restart a program or group when what it watches has changed."""
    return running(name, restart=restart, update=update, user=user, conf_file=conf_file, bin_env=bin_env)


def _known(name: str, how: dict[str, Any]) -> dict[str, str]:
    """The states of a program, or of those of a group; empty when supervisord does not know it."""
    found = __salt__["supervisord.status"](**how)
    if name.endswith(":"):
        return {one: found[one]["state"] for one in found if one.startswith(name)}
    return {name: found[name]["state"]} if name in found else {}


def _foreseen(name: str, known: dict[str, str], stopped: list[str], restart: bool, update: bool) -> dict[str, Any]:
    group = name.endswith(":")
    what = f"All services in group '{name}'" if group else f"Service {name}"
    kind = " group" if group else " service"
    if not known:
        which = f"Group '{name}'" if group else f"Service '{name}'"
        did = "Updating supervisor" if update else f"Adding service: {name} Starting: {name}"
        return result_of(name, None, f"{which} will be added and started", {name: did})
    if stopped:
        whole = not group or len(stopped) == len(known)
        said = f"{what} will be started" if whole else f"The following services will be started: {' '.join(stopped)}"
        return result_of(name, None, said, {name: f"Starting{kind}: {name}"})
    if restart:
        return result_of(name, None, f"{what} will be restarted", {name: f"Restarting{kind}: {name}"})
    return result_of(name, True, f"{what} {'are' if group else 'is'} already running")


def _started(
    name: str, kind: str, known: dict[str, str], stopped: list[str], restart: bool, done: list[str], how: dict[str, Any]
) -> dict[str, Any]:
    kind = f" {kind}" if kind else ""
    if known and not stopped and not restart:
        comment = f"Not starting {'updated' if 'Updating supervisor' in done else 'already running'}{kind}: {name}"
        if "Updating supervisor" not in done and done:
            comment = f"Starting{kind}: {name}"
            done.append(comment)
        return result_of(name, True, comment, {name: " ".join(done)} if done else {})
    verb, function = ("Restarting", "restart") if restart and not stopped else ("Starting", "start")
    comment = f"{verb}{kind}: {name}"
    said = __salt__[f"supervisord.{function}"](name, **how)
    if _failed(said):
        return result_of(name, False, said)
    return result_of(name, True, comment, {name: " ".join([*done, comment])})


def _failed(said: str) -> bool:
    return "ERROR" in said and not any(text in said for text in _HARMLESS)
