"""Jobs and variables in the crontabs of users.

A job is known by its identifier, which is its name unless another is given; so its command may change.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.filesystem import difference
from saltern.plugin_api.linux import crontab
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts
__env__: str


def __virtual__() -> bool | tuple[bool, str]:
    return "cron.list_tab" in __salt__ or (False, "there is no crontab program here")


def present(
    name: str,
    user: str = "root",
    minute: Any = "*",
    hour: Any = "*",
    daymonth: Any = "*",
    month: Any = "*",
    dayweek: Any = "*",
    comment: str | None = None,
    commented: bool = False,
    identifier: str | bool | None = False,
    special: str | None = None,
) -> dict[str, Any]:
    """A command is run at times, each `*`, a number or what crontab(5) has, or `random`; or at an occasion (`special`).

    With `commented` its line is there and disabled.
    """
    name = name.strip()
    mark = _mark(name, identifier)
    times = [str(one).lower() for one in (minute, hour, daymonth, month, dayweek)]
    try:
        if __opts__["test"]:
            status = _foreseen(name, user, [special] if special else times, comment, commented, mark)
            words = {"absent": "is set to be added", "update": "is set to be updated"}
            said = f"Cron {name} {words.get(status, 'already present')}"
            return result_of(name, None if status in words else True, said)
        if special:
            status = __salt__["cron.set_special"](user, special, name, commented, comment, mark)
        else:
            status = __salt__["cron.set_job"](user, *times, name, commented, comment, mark)
    except CommandExecutionError as error:
        status = str(error)
    return _told(name, user, status, f"Cron {name}")


def _mark(name: str, identifier: str | bool | None) -> str | None:
    return name if identifier is False else str(identifier) if identifier else None


def _foreseen(name: str, user: str, times: list[str], comment: str | None, commented: bool, identifier: Any) -> str:
    for job in crontab.parse(__salt__["cron.raw_cron"](user)).jobs:
        if job.is_meant(name, identifier):
            same = len(times) == len(job.times) and all(map(crontab.is_time, times, job.times))
            same &= job.cmd == name and comment in (None, job.comment) and commented == job.commented
            return "present" if same and identifier in (None, job.identifier) else "update"
    return "absent"


def absent(
    name: str, user: str = "root", identifier: str | bool | None = False, special: str | None = None, **kwargs: Any
) -> dict[str, Any]:
    """A command is not run at times, or with `special` not at this occasion."""
    name = name.strip()
    mark = _mark(name, identifier)
    try:
        if __opts__["test"]:
            jobs = crontab.parse(__salt__["cron.raw_cron"](user)).jobs
            if any(job.is_meant(name, mark) and job.is_special == bool(special) for job in jobs):
                return result_of(name, None, f"Cron {name} is set to be removed")
            return result_of(name, True, f"Cron {name} is absent")
        if special:
            status = __salt__["cron.rm_special"](user, name, special=special, identifier=mark)
        else:
            status = __salt__["cron.rm_job"](user, name, identifier=mark)
    except CommandExecutionError as error:
        status = str(error)
    return _told(name, user, status, f"Cron {name}")


def env_present(name: str, value: Any = None, user: str = "root") -> dict[str, Any]:
    """The crontab of a user has a variable."""
    try:
        if __opts__["test"]:
            known = crontab.parse(__salt__["cron.raw_cron"](user)).variables
            if known.get(name) == ("" if value is None else str(value)):
                return result_of(name, True, f"Cron env {name} already present")
            what = "updated" if name in known else "added"
            return result_of(name, None, f"Cron env {name} is set to be {what}")
        status = __salt__["cron.set_env"](user, name, value=value)
    except CommandExecutionError as error:
        status = str(error)
    return _told(name, user, status, f"Cron env {name}")


def env_absent(name: str, user: str = "root") -> dict[str, Any]:
    """The crontab of a user does not have a variable."""
    name = name.strip()
    try:
        if __opts__["test"]:
            if name in crontab.parse(__salt__["cron.raw_cron"](user)).variables:
                return result_of(name, None, f"Cron env {name} is set to be removed")
            return result_of(name, True, f"Cron env {name} is absent")
        status = __salt__["cron.rm_env"](user, name)
    except CommandExecutionError as error:
        status = str(error)
    return _told(name, user, status, f"Cron env {name}")


def _told(name: str, user: str, status: str, what: str) -> dict[str, Any]:
    """The result of a function that changes a crontab."""
    if status in ("present", "absent"):
        return result_of(name, True, f"{what} already {status}")
    sentences = {
        "new": f"{what} added to {user}'s crontab",
        "updated": f"{what} updated",
        "removed": f"{what} removed from {user}'s crontab",
    }
    if status in sentences:
        return result_of(name, True, sentences[status], {user: name})
    return result_of(name, False, f"{what} for user {user} failed to commit with error \n{status}")


def file(
    name: str,
    source_hash: str = "",
    source_hash_name: str | None = None,
    user: str = "root",
    template: str | None = None,
    context: dict[str, Any] | None = None,
    replace: bool = True,
    defaults: dict[str, Any] | None = None,
    backup: str = "",
    **kwargs: Any,
) -> dict[str, Any]:
    """The whole crontab of a user is a file of the tree, rendered by `template`; without `replace` an old one stays."""
    old = __salt__["cron.raw_cron"](user)
    if old and not replace:
        return result_of(name, True, f"User {user} already has a crontab. No changes made")
    path, wrong = _fetched(name, source_hash, source_hash_name, template, context, defaults)
    if wrong:
        return result_of(name, False, wrong)
    new = Path(path).read_text()
    if new == old:
        return result_of(name, True, f"Crontab for user {user} is in the correct state")
    changes = {"diff": difference.of_texts(old, new)}
    if __opts__["test"]:
        return result_of(name, None, f"Crontab for user {user} is set to be updated", changes)
    done = __salt__["cron.write_cron_file_verbose"](user, path)
    if done["retcode"] != 0:
        said = f"Unable to update user {user} crontab {path}. Error: {done['stderr']}"
        return result_of(name, False, said)
    return result_of(name, True, f"Crontab for user {user} was updated", changes)


def _fetched(
    source: str,
    source_hash: str,
    hash_name: str | None,
    template: str | None,
    context: dict[str, Any] | None,
    defaults: dict[str, Any] | None,
) -> tuple[str, str]:
    """The path of the file as it shall be, and what is wrong with it."""
    who = (None, None, None, None)
    path, _, wrong = __salt__["file.get_managed"](
        "", template, source, source_hash, hash_name, *who, __env__, context, defaults
    )
    if not wrong and not path:
        path = __salt__["cp.cache_file"](source, __env__)
        wrong = "" if path else f"Source file {source} not found in saltenv '{__env__}'"
    return str(path), wrong
