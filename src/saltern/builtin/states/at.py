"""Commands that run once, later (at(1))."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def __virtual__() -> bool | tuple[bool, str]:
    return "at.at" in __salt__ or (False, "at is not installed")


def present(
    name: str,
    timespec: str,
    tag: str | None = None,
    user: str | None = None,
    job: str | None = None,
    unique_tag: bool = False,
) -> dict[str, Any]:
    """A command (`job`, or the name) waits for its time. Each run adds one; with `unique_tag` one is enough."""
    command = job or name
    said = f"job {command} added and will run on {timespec}"
    if unique_tag and not tag:
        return result_of(name, False, "no tag provided and unique_tag is set to True")
    if unique_tag and __salt__["at.atq"](tag=tag)["jobs"]:
        return result_of(name, True, f"atleast one job with tag {tag} exists.")
    if __opts__["test"]:
        return result_of(name, None, said)
    if user and not __salt__["user.info"](user):
        return result_of(name, False, f"user {user} does not exists")
    try:
        done = __salt__["at.at"](timespec, command, tag=tag, runas=user)
    except CommandExecutionError as error:
        done = {"jobs": [], "error": str(error)}
    if not done["jobs"]:
        return result_of(name, False, f"failed to add job: {done.get('error', '')}")
    made = done["jobs"][0]
    changes = {"job": command, "timespec": f"{made['date']} {made['time']}", "tag": made["tag"], "user": made["user"]}
    return result_of(name, True, said, changes)


def absent(name: str, jobid: int | str | None = None, **kwargs: Any) -> dict[str, Any]:
    """No command waits that has this number, or that fits (`tag`, `runas`, `hour`, …); without either none at all."""
    given = {key: value for key, value in kwargs.items() if not key.startswith("__")}
    if jobid is not None:
        jobs = [one for one in __salt__["at.atq"]()["jobs"] if str(one["job"]) == str(jobid)]
        if not jobs:
            return result_of(name, True, f"job with id {jobid} not present")
    else:
        jobs = __salt__["at.jobcheck"](**given)["jobs"] if given else __salt__["at.atq"]()["jobs"]
    if not jobs:
        return result_of(name, True, "removed 0 job(s)")
    if __opts__["test"]:
        return result_of(name, None, f"removed {len(jobs)} job(s)")
    removed = __salt__["at.atrm"](*(one["job"] for one in jobs))["jobs"]["removed"]
    if len(removed) < len(jobs):
        return result_of(name, False, f"failed to remove {len(jobs) - len(removed)} job(s)", {"removed": removed})
    said = f"job with id {jobid} was removed" if jobid is not None else f"removed {len(removed)} job(s)"
    return result_of(name, True, said, {"removed": removed})


def watch(
    name: str,
    timespec: str,
    tag: str | None = None,
    user: str | None = None,
    job: str | None = None,
    unique_tag: bool = False,
) -> dict[str, Any]:
    """A command is added when what is watched changes."""
    return result_of(name, True, "")


def mod_watch(name: str, **kwargs: Any) -> dict[str, Any]:
    """What is watched has changed: the command is added."""
    if kwargs.pop("sfun", None) in ("watch", "present"):
        known = ("timespec", "tag", "user", "job", "unique_tag")
        return present(name, **{key: kwargs[key] for key in known if key in kwargs})
    return result_of(name, True, "")
