"""Jobs that start when files change are in the table of a user, or are not."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def __virtual__() -> bool | tuple[bool, str]:
    return "incron.list_tab" in __salt__ or (False, "incron module could not be loaded")


def present(name: str, path: str, mask: Any, cmd: str, user: str = "root") -> dict[str, Any]:
    """A job is in the table of a user: `cmd` runs when one of the events `mask` happens at `path`."""
    events = _events(mask)
    try:
        there = _masks(user, path, cmd)
        if set(events.split(",")) in there:
            return result_of(name, True, f"Incron {name} already present")
        verb = "updated" if any(one & set(events.split(",")) for one in there) else "added"
        if __opts__["test"]:
            return result_of(name, None, f"Incron {name} is set to be {verb}", {user: name})
        done = __salt__["incron.set_job"](user=user, path=path, mask=events, cmd=cmd)
    except CommandExecutionError as error:
        return result_of(name, False, str(error))
    if done not in ("new", "updated", "present"):
        return result_of(name, False, f"Incron {name} for user {user} failed to commit with error \n{done}")
    where = "" if done == "updated" else f" to {user}'s incrontab"
    return result_of(name, True, f"Incron {name} {verb}{where}", {user: name})


def absent(name: str, path: str, mask: Any, cmd: str, user: str = "root") -> dict[str, Any]:
    """A job is not in the table of a user."""
    events = _events(mask)
    try:
        if set(events.split(",")) not in _masks(user, path, cmd):
            gone = "is absent" if __opts__["test"] else "already absent"
            return result_of(name, True, f"Incron {name} {gone}")
        if __opts__["test"]:
            return result_of(name, None, f"Incron {name} is set to be removed", {user: name})
        done = __salt__["incron.rm_job"](user=user, path=path, mask=events, cmd=cmd)
    except CommandExecutionError as error:
        return result_of(name, False, str(error))
    if done not in ("removed", "absent"):
        return result_of(name, False, f"Incron {name} for user {user} failed to commit with error {done}")
    return result_of(name, True, f"Incron {name} removed from {user}'s crontab", {user: name})


def _events(mask: Any) -> str:
    return ",".join(str(one) for one in mask) if isinstance(mask, list | tuple) else str(mask)


def _masks(user: str, path: str, cmd: str) -> list[set[str]]:
    """The events of those jobs that have this path and command."""
    jobs = __salt__["incron.list_tab"](user)["crons"]
    return [set(one["mask"].split(",")) for one in jobs if (one["path"], one["cmd"]) == (path, cmd)]
