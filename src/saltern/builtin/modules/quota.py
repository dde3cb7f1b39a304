"""Quotas of file systems: limits of users and groups, and whether they hold, by the quota tools."""

from __future__ import annotations

import re
from typing import Any

from saltern.plugin_api import CommandExecutionError, SaltInvocationError
from saltern.plugin_api.program import ask, ask_well

__func_alias__ = {"set_": "set"}

_KINDS = {"user": "-u", "group": "-g"}
_COLUMNS = (
    *("block-used", "block-soft-limit", "block-hard-limit", "block-grace"),
    *("file-used", "file-soft-limit", "file-hard-limit", "file-grace"),
)
_LIMITS = ("block-soft-limit", "block-hard-limit", "file-soft-limit", "file-hard-limit")
_ENTRY = re.compile(r"(.+?)\s+[-+]{2}((?:\s+\d+){8})")
_MODE = re.compile(r"(user|group|project) quota on (.+) \((.+)\) is (on|off)")


def __virtual__() -> bool | tuple[bool, str]:
    from saltern.plugin_api.process import find_program

    return find_program("setquota") is not None or (False, "setquota is not installed")


def report(mount: str) -> dict[str, dict[str, Any]]:
    """What users and groups use of a file system, their limits and grace, in blocks of 1 KiB and in files.

    CLI Example::

        saltern run '*' quota.report /media/data
    """
    return {mount: {"User Quotas": _report(mount, "user"), "Group Quotas": _report(mount, "group")}}


def _report(mount: str, kind: str) -> dict[str, Any]:
    """The report of one kind; where a file system has no such quotas it has no entries."""
    entries: dict[str, dict[str, str]] = {}
    found: dict[str, Any] = {f"{kind.title()}s": entries}
    answer = ask(["repquota", "-vp", _KINDS[kind], mount])
    for line in answer.stdout.splitlines():
        if ";" in line and "grace time" in line:
            times = (part.partition(":") for part in line.split(";"))
            found.update({name.strip().title(): [value.strip()] for name, _, value in times})
        elif entry := _ENTRY.fullmatch(line.rstrip()):
            entries[entry[1].strip()] = dict(zip(_COLUMNS, entry[2].split(), strict=True))
    return found


def set_(device: str, **kwargs: Any) -> dict[str, dict[str, int]]:
    """Set limits of a `user` or `group`; those that are not named stay. What they are then.

    Limits are block-soft-limit, block-hard-limit (in KiB), file-soft-limit, file-hard-limit; 0 is none.

    CLI Example::

        saltern run '*' quota.set /media/data user=larry block-soft-limit=1048576
        saltern run '*' quota.set /media/data group=painters file-hard-limit=1000
    """
    kind, name = _whose(kwargs)
    before = _report(device, kind)[f"{kind.title()}s"].get(name, {})
    limits = {limit: int(kwargs.get(limit, before.get(limit, 0))) for limit in _LIMITS}
    answer = ask(["setquota", _KINDS[kind], name, *(str(value) for value in limits.values()), device])
    if answer.retcode:
        raise CommandExecutionError(f"Unable to set desired quota. Error follows: \n{answer.reason}")
    return {f"{kind.title()}: {name}": limits}


def _whose(given: dict[str, Any]) -> tuple[str, str]:
    kinds = [kind for kind in _KINDS if given.get(kind)]
    if len(kinds) > 1:
        raise SaltInvocationError("Please specify a user or group, not both.")
    if not kinds:
        raise CommandExecutionError("A valid user or group was not found")
    return kinds[0], str(given[kinds[0]])


def on(device: str, quotatype: str | None = None) -> bool:
    """Let the quotas of a file system hold: all, or those of `user` or `group`.

    CLI Example::

        saltern run '*' quota.on /media/data
    """
    return _switch("quotaon", device, quotatype)


def off(device: str, quotatype: str | None = None) -> bool:
    """Let the quotas of a file system hold no more: all, or those of `user` or `group`.

    CLI Example::

        saltern run '*' quota.off /media/data
    """
    return _switch("quotaoff", device, quotatype)


def _switch(program: str, device: str, quotatype: str | None) -> bool:
    ask_well([program, *([_KINDS[quotatype]] if quotatype else []), device])
    return True


def get_mode(device: str) -> dict[str, Any]:
    """Whether the quotas of a file system hold, for each kind: `on` or `off`.

    CLI Example::

        saltern run '*' quota.get_mode /media/data
    """
    said = ask(["quotaon", "-p", device]).said
    modes: dict[str, Any] = {}
    for kind, where, name, mode in _MODE.findall(said):
        modes.setdefault(where, {"device": name})[kind] = mode
    if modes:
        return modes
    return {device: "disabled" if "has no quota enabled" in said else "Not found"}


def warn() -> None:
    """Send mails to the users who are over their limits, as /etc/warnquota.conf says.

    CLI Example::

        saltern run '*' quota.warn
    """
    ask_well(["warnquota"])


def stats() -> dict[str, str]:
    """The kernel's figures about quotas.

    CLI Example::

        saltern run '*' quota.stats
    """
    pairs = (line.partition(":") for line in ask_well(["quotastats"]).splitlines() if ":" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}
