"""The crontabs of users."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, SaltInvocationError, process
from saltern.plugin_api.linux import crontab

__salt__: Functions

_FIELDS = ("minute", "hour", "daymonth", "month", "dayweek")
_LONGEST_NAME = 99
_RANDOM = {"minute": (0, 59), "hour": (0, 23), "daymonth": (1, 28), "month": (1, 12), "dayweek": (0, 6)}


def __virtual__() -> bool | tuple[bool, str]:
    return process.find_program("crontab") is not None or (False, "there is no crontab program here")


def raw_cron(user: str) -> str:
    """The crontab of a user as it is; empty where there is none.

    CLI Example::

        saltern run '*' cron.raw_cron root
    """
    return _bytes(user).decode(errors="replace")


def list_tab(user: str) -> dict[str, list[Any]]:
    """The crontab of a user: `pre`, the lines above those that are managed; `env`, `crons` and `special`.

    CLI Example::

        saltern run '*' cron.list_tab root
    """
    table = crontab.parse(raw_cron(user))
    return {
        "pre": list(table.above),
        "crons": [
            {**dict(zip(_FIELDS, job.times, strict=True)), **_told(job)} for job in table.jobs if not job.is_special
        ],
        "special": [{"spec": job.times[0], **_told(job)} for job in table.jobs if job.is_special],
        "env": [{"name": name, "value": value} for name, value in table.variables.items()],
    }


def ls(user: str) -> dict[str, list[Any]]:
    """The same as `list_tab`.

    CLI Example::

        saltern run '*' cron.ls root
    """
    return list_tab(user)


def get_entry(user: str, identifier: str | None = None, cmd: str | None = None) -> dict[str, Any] | bool:
    """The job with an identifier, or with a command; False for none.

    CLI Example::

        saltern run '*' cron.get_entry root identifier=backup
    """
    known = list_tab(user)
    entries = known["crons"] + known["special"]
    if identifier:
        return next((one for one in entries if one["identifier"] == identifier), False)
    return next((one for one in entries if one["cmd"] == cmd), False)


def set_job(
    user: str,
    minute: Any,
    hour: Any,
    daymonth: Any,
    month: Any,
    dayweek: Any,
    cmd: str,
    commented: bool = False,
    comment: str | None = None,
    identifier: str | None = None,
) -> str:
    """Have a job that runs at times: `new`, `updated`, `present`, or what `crontab` says against it.

    A field may be `random`: then one is chosen when the job is new, and kept.

    CLI Example::

        saltern run '*' cron.set_job root '*' '*' '*' '*' 1 /usr/local/weekly
    """
    given = tuple(str(one).lower() for one in (minute, hour, daymonth, month, dayweek))
    return _set(user, crontab.Job(given, cmd, comment, identifier, commented))


def set_special(
    user: str,
    special: str,
    cmd: str,
    commented: bool = False,
    comment: str | None = None,
    identifier: str | None = None,
) -> str:
    """Have a job that runs at an occasion (`@reboot`, `@daily`, …).

    CLI Example::

        saltern run '*' cron.set_special root @hourly 'echo foobar'
    """
    return _set(user, crontab.Job((special,), cmd, comment, identifier, commented))


def rm_job(
    user: str,
    cmd: str,
    minute: Any = None,
    hour: Any = None,
    daymonth: Any = None,
    month: Any = None,
    dayweek: Any = None,
    identifier: str | None = None,
) -> str:
    """Remove a job that runs at times; where times are given, only one of these: `removed` or `absent`.

    CLI Example::

        saltern run '*' cron.rm_job root /usr/local/weekly
    """
    times = (minute, hour, daymonth, month, dayweek)

    def is_meant(job: crontab.Job) -> bool:
        if job.is_special or not job.is_meant(cmd, identifier):
            return False
        return all(one is None or str(one).lower() == is_ for one, is_ in zip(times, job.times, strict=True))

    return _remove(user, is_meant)


def rm(
    user: str,
    cmd: str,
    minute: Any = None,
    hour: Any = None,
    daymonth: Any = None,
    month: Any = None,
    dayweek: Any = None,
    identifier: str | None = None,
) -> str:
    """The same as `rm_job`.

    CLI Example::

        saltern run '*' cron.rm root /usr/local/weekly
    """
    return rm_job(user, cmd, minute, hour, daymonth, month, dayweek, identifier)


def rm_special(user: str, cmd: str, special: str | None = None, identifier: str | None = None) -> str:
    """Remove a job that runs at an occasion.

    CLI Example::

        saltern run '*' cron.rm_special root /usr/bin/foo
    """

    def is_meant(job: crontab.Job) -> bool:
        return job.is_special and job.is_meant(cmd, identifier) and special in (None, job.times[0])

    return _remove(user, is_meant)


def set_env(user: str, name: str, value: Any = None) -> str:
    """Have a variable in the crontab: `new`, `updated` or `present`.

    CLI Example::

        saltern run '*' cron.set_env root MAILTO user@example.com
    """
    table = _read(user)
    text = "" if value is None else str(value)
    known = table.variables.get(name)
    if known == text:
        return "present"
    wrong = _write(user, table.with_variables({**table.variables, name: text}))
    return wrong or ("new" if known is None else "updated")


def rm_env(user: str, name: str) -> str:
    """Remove a variable: `removed` or `absent`.

    CLI Example::

        saltern run '*' cron.rm_env root MAILTO
    """
    table = _read(user)
    if name not in table.variables:
        return "absent"
    return _write(user, table.with_variables({k: v for k, v in table.variables.items() if k != name})) or "removed"


def write_cron_file(user: str, path: str) -> bool:
    """Make a file the crontab of a user.

    CLI Example::

        saltern run '*' cron.write_cron_file root /tmp/new_cron
    """
    return bool(write_cron_file_verbose(user, path)["retcode"] == 0)


def write_cron_file_verbose(user: str, path: str) -> dict[str, Any]:
    """Make a file the crontab of a user; the answer is that of `cmd.run_all`.

    CLI Example::

        saltern run '*' cron.write_cron_file_verbose root /tmp/new_cron
    """
    # crontab cuts the names of files at its hundredth character.
    directory, name = os.path.split(path) if len(path) > _LONGEST_NAME else (None, path)
    done: dict[str, Any] = __salt__["cmd.run_all"](["crontab", "-u", user, name], cwd=directory, python_shell=False)
    return done


def _told(job: crontab.Job) -> dict[str, Any]:
    return {"cmd": job.cmd, "comment": job.comment, "identifier": job.identifier, "commented": job.commented}


def _set(user: str, wanted: crontab.Job) -> str:
    if "\n" in wanted.cmd or any(len(one.split()) != 1 for one in wanted.times):
        raise SaltInvocationError("a command and each field of its times must be one line and one word")
    table = _read(user)
    at = next((n for n, job in enumerate(table.jobs) if job.is_meant(wanted.cmd, wanted.identifier)), None)
    if at is None:
        new = replace(wanted, times=_chosen(wanted.times, None))
        return _write(user, table.with_jobs([*table.jobs, new])) or "new"
    old = table.jobs[at]
    new = replace(
        wanted, times=_chosen(wanted.times, old), comment=wanted.comment if wanted.comment is not None else old.comment
    )
    if new.identifier is None:
        new = replace(new, identifier=old.identifier)
    if new == old:
        return "present"
    return _write(user, table.with_jobs([*table.jobs[:at], new, *table.jobs[at + 1 :]])) or "updated"


def _chosen(times: tuple[str, ...], old: crontab.Job | None) -> tuple[str, ...]:
    """The times with a choice in the place of `random`: the one that the job has already, or a new one."""
    if len(times) == 1:
        return times
    known = old.times if old is not None and not old.is_special else ("",) * len(times)
    return tuple(
        one if one != "random" else has if crontab.is_time(one, has) else str(random.randint(*_RANDOM[name]))
        for one, has, name in zip(times, known, _FIELDS, strict=True)
    )


def _remove(user: str, is_meant: Callable[[crontab.Job], bool]) -> str:
    table = _read(user)
    kept = [job for job in table.jobs if not is_meant(job)]
    if len(kept) == len(table.jobs):
        return "absent"
    return _write(user, table.with_jobs(kept)) or "removed"


def _bytes(user: str) -> bytes:
    done = process.run(["crontab", "-u", user, "-l"])
    said = process.text_of(done.stderr).strip()
    if done.retcode == 0:
        return bytes(done.stdout)
    if "no crontab for" in said:
        return b""
    raise CommandExecutionError(f"The crontab of {user} cannot be read: {said}")


def _read(user: str) -> crontab.Table:
    """The table of a user, to be written again: what is not UTF-8 stays as it is."""
    return crontab.parse(_bytes(user).decode(errors="surrogateescape"))


def _write(user: str, table: crontab.Table) -> str:
    """Write a crontab; what `crontab` says against it."""
    descriptor, name = tempfile.mkstemp()
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(table.text())
        done = write_cron_file_verbose(user, name)
    finally:
        Path(name).unlink()
    return "" if done["retcode"] == 0 else str(done["stderr"] or done["stdout"] or "crontab failed")
