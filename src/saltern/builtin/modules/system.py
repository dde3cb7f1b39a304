"""Stopping and starting this host, its clock, and what it is called."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, SaltInvocationError, process
from saltern.plugin_api.linux.files import read_text
from saltern.plugin_api.whole_file import read_whole, write_whole

__salt__: Functions

_MACHINE_INFO = "/etc/machine-info"
_REBOOT_SIGNS = ("/run/reboot-required", "/var/run/reboot-required")
_WITNESSED = "/run/salt_reboot_required_witnessed"


def halt() -> str:
    """Halt the host.

    CLI Example::

        saltern run '*' system.halt
    """
    return _run("halt")


def poweroff() -> str:
    """Switch the host off.

    CLI Example::

        saltern run '*' system.poweroff
    """
    return _run("poweroff")


def init(runlevel: int | str) -> str:
    """Change to another run level, on systems that have these.

    CLI Example::

        saltern run '*' system.init 3
    """
    return _run("init", str(runlevel))


def reboot(at_time: int | str | None = None) -> str:
    """Start the host anew, now or in so many minutes.

    CLI Example::

        saltern run '*' system.reboot
    """
    return _run("shutdown", "-r", f"+{int(at_time)}" if at_time is not None else "now")


def shutdown(at_time: int | str | None = None) -> str:
    """Switch the host off, now or in so many minutes.

    CLI Example::

        saltern run '*' system.shutdown 5
    """
    return _run("shutdown", "-h", f"+{int(at_time)}" if at_time is not None else "now")


def get_reboot_required_witnessed() -> bool:
    """Whether something said since the last start that the host has to be started anew.

    CLI Example::

        saltern run '*' system.get_reboot_required_witnessed
    """
    return any(Path(one).exists() for one in (_WITNESSED, *_REBOOT_SIGNS))


def set_reboot_required_witnessed() -> bool:
    """Say until the next start that the host has to be started anew.

    CLI Example::

        saltern run '*' system.set_reboot_required_witnessed
    """
    write_whole(_WITNESSED, "")
    return True


# --- the clock ----------------------------------------------------------------------------------------------------


def get_system_time(utc_offset: str | None = None) -> str:
    """The time of day (`09:45:57 PM`), of this host's zone or of an offset (`+0200`).

    CLI Example::

        saltern run '*' system.get_system_time
    """
    return _now(utc_offset).strftime("%I:%M:%S %p")


def get_system_date(utc_offset: str | None = None) -> str:
    """The day (`Fri 11/27/2026`), of this host's zone or of an offset (`+0200`).

    CLI Example::

        saltern run '*' system.get_system_date
    """
    return _now(utc_offset).strftime("%a %m/%d/%Y")


def get_system_date_time(utc_offset: str | None = None) -> str:
    """Day and time (`2026-11-27 21:45:57`), of this host's zone or of an offset (`+0200`).

    CLI Example::

        saltern run '*' system.get_system_date_time "'-0500'"
    """
    return _now(utc_offset).strftime("%Y-%m-%d %H:%M:%S")


def set_system_time(newtime: str, utc_offset: str | None = None) -> bool:
    """Set the clock to a time of this day: `HH:MM:SS AM`, `HH:MM AM`, or the same of 24 hours.

    CLI Example::

        saltern run '*' system.set_system_time '11:31:15 AM'
    """
    for form in ("%I:%M:%S %p", "%I:%M %p", "%H:%M:%S", "%H:%M"):
        try:
            given = datetime.strptime(newtime, form).time()  # noqa: DTZ007  (the zone comes from elsewhere)
        except ValueError:
            continue
        return _set_clock(datetime.combine(_now(utc_offset).date(), given, _zone(utc_offset)))
    raise SaltInvocationError(f"'{newtime}' is no time")


def set_system_date(newdate: str, utc_offset: str | None = None) -> bool:
    """Set the clock to a day, at this time: `YYYY-MM-DD`, `MM-DD-YYYY`, `MM/DD/YYYY`, `YYYY/MM/DD`, ….

    CLI Example::

        saltern run '*' system.set_system_date '03-28-13'
    """
    for form in ("%Y-%m-%d", "%m-%d-%Y", "%m-%d-%y", "%m/%d/%Y", "%m/%d/%y", "%Y/%m/%d"):
        try:
            given = datetime.strptime(newdate, form).date()  # noqa: DTZ007  (the zone comes from elsewhere)
        except ValueError:
            continue
        return _set_clock(datetime.combine(given, _now(utc_offset).time(), _zone(utc_offset)))
    raise SaltInvocationError(f"'{newdate}' is no day")


def set_system_date_time(
    years: int | None = None,
    months: int | None = None,
    days: int | None = None,
    hours: int | None = None,
    minutes: int | None = None,
    seconds: int | None = None,
    utc_offset: str | None = None,
) -> bool:
    """Set parts of day and time; what is not given stays.

    CLI Example::

        saltern run '*' system.set_system_date_time 2026 5 12 11 37 53 "'-0500'"
    """
    given = {"year": years, "month": months, "day": days, "hour": hours, "minute": minutes, "second": seconds}
    parts: dict[str, Any] = {key: int(value) for key, value in given.items() if value is not None}
    try:
        changed = _now(utc_offset).replace(**parts)
    except ValueError as error:
        raise SaltInvocationError(str(error)) from error
    return _set_clock(changed)


def _zone(utc_offset: str | None) -> timezone | None:
    if utc_offset is None:
        return None
    found = re.fullmatch(r"([+-])(\d\d):?(\d\d)", str(utc_offset))
    if found is None:
        raise SaltInvocationError(f"'{utc_offset}' is no offset from UTC, like +0200")
    minutes = int(found[2]) * 60 + int(found[3])
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))


def _now(utc_offset: str | None) -> datetime:
    return datetime.now(_zone(utc_offset) or datetime.now().astimezone().tzinfo)


def _set_clock(when: datetime) -> bool:
    seconds = when.timestamp()
    try:
        time.clock_settime(time.CLOCK_REALTIME, seconds)
    except OSError as error:
        raise CommandExecutionError(f"The clock cannot be set: {error.strerror}") from error
    if process.find_program("hwclock"):
        __salt__["cmd.run_all"](["hwclock", "--systohc"], python_shell=False, ignore_retcode=True)
    return True


# --- what it is called --------------------------------------------------------------------------------------------


def get_computer_name() -> str:
    """The name of this host.

    CLI Example::

        saltern run '*' system.get_computer_name
    """
    return str(__salt__["network.get_hostname"]())


def set_computer_name(hostname: str) -> bool:
    """Change the name of this host.

    CLI Example::

        saltern run '*' system.set_computer_name master.saltstack.com
    """
    return bool(__salt__["network.mod_hostname"](hostname))


def get_computer_desc() -> str | bool:
    """What people call this host (machine-info(5)); False where they call it nothing.

    CLI Example::

        saltern run '*' system.get_computer_desc
    """
    for line in read_text(_MACHINE_INFO).splitlines():
        name, _, value = line.partition("=")
        if name.strip() == "PRETTY_HOSTNAME":
            text = value.strip()
            if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
                text = text[1:-1]
            return text.replace('\\"', '"').replace("\\n", "\n").replace("\\t", "\t")
    return False


def set_computer_desc(desc: str) -> bool:
    """Set what people call this host.

    CLI Example::

        saltern run '*' system.set_computer_desc "Michael's laptop"
    """
    text = str(desc).replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    lines = [line for line in read_whole(_MACHINE_INFO).splitlines() if not line.startswith("PRETTY_HOSTNAME=")]
    write_whole(_MACHINE_INFO, "".join(f"{line}\n" for line in [*lines, f'PRETTY_HOSTNAME="{text}"']))
    return True


def _run(*argv: str) -> str:
    if not process.find_program(argv[0]):
        raise CommandExecutionError(f"There is no program {argv[0]} on this host")
    done: Any = __salt__["cmd.run"](list(argv), python_shell=False)
    return str(done)
