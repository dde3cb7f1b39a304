"""What the firmware tells of the hardware: `dmidecode`, or what the kernel has read of it."""

from __future__ import annotations

import re
import uuid
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, process
from saltern.plugin_api.linux.files import read_text

__salt__: Functions

_NOTHING = re.compile(
    r"^(|0+|none|not (available|specified|applicable|present)|to be filled.*|default.*|unknown)$", re.I
)
_KERNEL = {
    "baseboard-manufacturer": "board_vendor",
    "baseboard-product-name": "board_name",
    "baseboard-serial-number": "board_serial",
    "baseboard-version": "board_version",
    "bios-release-date": "bios_date",
    "bios-vendor": "bios_vendor",
    "bios-version": "bios_version",
    "chassis-manufacturer": "chassis_vendor",
    "chassis-serial-number": "chassis_serial",
    "system-manufacturer": "sys_vendor",
    "system-product-name": "product_name",
    "system-serial-number": "product_serial",
    "system-uuid": "product_uuid",
    "system-version": "product_version",
}


def get(string: str, clean: bool = True) -> str | None:
    """One thing that the firmware tells (`system-serial-number`); None for what says nothing, unless `clean` is off.

    CLI Example::

        saltern run '*' smbios.get system-uuid clean=False
    """
    if process.find_program("dmidecode"):
        done = __salt__["cmd.run_all"](["dmidecode", "-s", string], python_shell=False, ignore_retcode=True)
        if done["retcode"] == 0:
            lines = [line for line in str(done["stdout"]).splitlines() if not line.startswith("#")]
            return _clean(lines[0].strip() if lines else "", string, clean)
        if "Invalid string keyword" in str(done["stderr"]):
            raise CommandExecutionError(f"The firmware has no {string}: {str(done['stderr']).splitlines()[0]}")
    name = _KERNEL.get(string)
    return _clean(read_text(f"/sys/class/dmi/id/{name}"), string, clean) if name else None


def records(rec_type: int | str | None = None, fields: Any = None, clean: bool = True) -> list[dict[str, Any]]:
    """The records of the firmware, or those of a type (a number or a word as of dmidecode(8)), with these `fields`.

    CLI Example::

        saltern run '*' smbios.records clean=False
        saltern run '*' smbios.records 14
    """
    if not process.find_program("dmidecode"):
        raise CommandExecutionError("dmidecode is not installed")
    argv = ["dmidecode", *(["-t", str(rec_type)] if rec_type is not None else [])]
    text = str(__salt__["cmd.run_stdout"](argv, python_shell=False))
    wanted = [fields] if isinstance(fields, str) else fields
    return [_record(block, wanted, clean) for block in text.split("\n\n") if block.lstrip().startswith("Handle ")]


def _record(block: str, wanted: list[str] | None, clean: bool) -> dict[str, Any]:
    lines = block.strip().splitlines()
    head = re.match(r"Handle (\S+), DMI type (\d+), (\d+) bytes", lines[0])
    data: dict[str, Any] = {}
    last = ""
    for line in lines[2:]:
        key, colon, value = line.strip().partition(":")
        if line.startswith("\t\t") and last:
            kept = data.get(last)
            data[last] = [*(kept if isinstance(kept, list) else []), line.strip()]
        elif colon:
            last = key.lower().replace(" ", "_")
            data[last] = _clean(value.strip(), last, clean)
    shown = {key: value for key, value in data.items() if value is not None and (not wanted or key in wanted)}
    found: dict[str, Any] = {"data": shown, "description": lines[1].strip() if len(lines) > 1 else ""}
    if head:
        found |= {"handle": head[1], "type": int(head[2]), "size": int(head[3])}
    return found


def _clean(value: str, key: str, wanted: bool) -> str | None:
    if not wanted:
        return value
    if "uuid" in key:
        try:
            number = uuid.UUID(value)
        except ValueError:
            return None
        return None if number.int in (0, (1 << 128) - 1) else str(number)
    return None if _NOTHING.match(value) else value
