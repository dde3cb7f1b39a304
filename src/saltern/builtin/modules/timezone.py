"""The time zone of the system, and whether its hardware clock is kept in UTC."""

from __future__ import annotations

import filecmp
import os
import time
from pathlib import Path

from saltern.plugin_api import CommandExecutionError, Functions, Grains, SaltInvocationError, process
from saltern.plugin_api.linux import systemd
from saltern.plugin_api.linux.files import read_text
from saltern.plugin_api.whole_file import write_whole

__salt__: Functions
__grains__: Grains

_ZONES = "/usr/share/zoneinfo"
_LOCAL = "/etc/localtime"
_NAME = "/etc/timezone"


def get_zone() -> str:
    """The time zone of the system by its name (`Europe/Berlin`).

    CLI Example::

        saltern run '*' timezone.get_zone
    """
    if Path(_LOCAL).is_symlink():
        target = os.path.realpath(_LOCAL)
        if target.startswith(f"{os.path.realpath(_ZONES)}/"):
            link = str(Path(_LOCAL).readlink())
            return link.partition("zoneinfo/")[2] or target.removeprefix(f"{os.path.realpath(_ZONES)}/")
    named = read_text(_NAME).partition("\n")[0].strip()
    if named and Path(_ZONES, named).is_file() and zone_compare(named):
        return named
    return next((name for name in _names() if _is_same(name)), "UTC" if not Path(_LOCAL).exists() else "")


def get_zonecode() -> str:
    """The short name of the time zone as it is now (`CEST`).

    CLI Example::

        saltern run '*' timezone.get_zonecode
    """
    return str(__salt__["cmd.run"](["date", "+%Z"], python_shell=False))


def get_offset() -> str:
    """By how much local time is ahead of UTC now (`+0200`).

    CLI Example::

        saltern run '*' timezone.get_offset
    """
    return str(__salt__["cmd.run"](["date", "+%z"], python_shell=False))


def list_zones() -> list[str]:
    """The names of all time zones, sorted.

    CLI Example::

        saltern run '*' timezone.list_zones
    """
    return sorted(_names())


def zone_compare(timezone: str) -> bool:
    """Whether the system has this time zone, by this name or another one for the same rules.

    CLI Example::

        saltern run '*' timezone.zone_compare 'America/Denver'
    """
    if not Path(_ZONES, timezone).is_file():
        raise SaltInvocationError(f'Can\'t find a local timezone "{timezone}"')
    if not Path(_LOCAL).exists():
        return timezone in ("UTC", "Etc/UTC")
    return _is_same(timezone)


def set_zone(timezone: str) -> bool:
    """Set the time zone of the system.

    CLI Example::

        saltern run '*' timezone.set_zone 'America/Denver'
    """
    place = Path(_ZONES, timezone)
    if ".." in Path(timezone).parts or not place.is_file():
        raise SaltInvocationError(f"Invalid timezone: {timezone}")
    if systemd.booted() and process.find_program("timedatectl"):
        done = __salt__["cmd.run_all"](["timedatectl", "set-timezone", timezone], python_shell=False)
        if done["retcode"] != 0:
            raise CommandExecutionError(str(done["stderr"] or done["stdout"]))
        return True
    try:
        _link_zone(place, timezone)
    except OSError as error:
        raise CommandExecutionError(f"The time zone cannot be set: {error}") from error
    time.tzset()
    return True


def _link_zone(place: Path, timezone: str) -> None:
    part = Path(f"{_LOCAL}.new")
    part.unlink(missing_ok=True)
    part.symlink_to(place)
    part.replace(_LOCAL)
    if __grains__.get("os_family") == "Debian" or Path(_NAME).exists():
        write_whole(_NAME, f"{timezone}\n")


def get_hwclock() -> str:
    """What the hardware clock is kept in: `UTC` or `localtime`.

    CLI Example::

        saltern run '*' timezone.get_hwclock
    """
    lines = read_text("/etc/adjtime").splitlines()
    return "localtime" if len(lines) > 2 and lines[2].strip() == "LOCAL" else "UTC"


def set_hwclock(clock: str) -> bool:
    """Keep the hardware clock in `UTC` or in `localtime`.

    CLI Example::

        saltern run '*' timezone.set_hwclock UTC
    """
    if clock not in ("UTC", "localtime"):
        raise SaltInvocationError("clock must be one of: UTC, localtime")
    if clock == get_hwclock():
        return True
    if systemd.booted() and process.find_program("timedatectl"):
        argv = ["timedatectl", "set-local-rtc", "false" if clock == "UTC" else "true"]
        return int(__salt__["cmd.retcode"](argv, python_shell=False)) == 0
    lines = read_text("/etc/adjtime").splitlines()
    first = (*lines[:2], *("0.0 0 0.0", "0")[len(lines[:2]) :])
    write_whole("/etc/adjtime", "".join(f"{one}\n" for one in (*first, "UTC" if clock == "UTC" else "LOCAL")))
    return True


def _is_same(name: str) -> bool:
    place = Path(_ZONES, name)
    return Path(_LOCAL).exists() and (place.samefile(_LOCAL) or filecmp.cmp(place, _LOCAL, shallow=False))


def _names() -> list[str]:
    root = Path(_ZONES)
    names = []
    for folder, folders, files in os.walk(root):
        folders[:] = [one for one in folders if one not in ("posix", "right")]
        for one in files:
            with Path(folder, one).open("rb") as file:
                if file.read(4) == b"TZif":
                    names.append(str(Path(folder, one).relative_to(root)))
    return [one for one in names if one not in ("localtime", "posixrules")]
