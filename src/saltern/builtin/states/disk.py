"""How full file systems are, as states that never change anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from saltern.plugin_api import Functions
from saltern.plugin_api.state_result import result_of

__salt__: Functions


def status(
    name: str, maximum: Any = None, minimum: Any = None, absolute: bool = False, free: bool = False
) -> dict[str, Any]:
    """The used space of a mount point or directory lies between bounds, in percent, or with `absolute` in KiB.

    With `free` the free space is looked at instead.
    """
    wrong, low, high = _bounds(minimum, maximum, absolute)
    if wrong:
        return _result(name, False, wrong)
    usage = __salt__["disk.usage"]()
    place = name if name in usage else None
    if place is None and Path(name).is_dir():
        place = __salt__["mount.get_mount_from_path"](name)
    if place not in usage:
        said = f"Disk mount {name} not present. Directory {name} does not exist or is not a directory"
        return _result(name, False, said)
    kind = "available" if free else "used"
    value = _value(usage[place], absolute, free)
    unit = "KB" if absolute else "%"
    data = usage[place]
    if low is not None and value < low:
        return _result(name, False, f"Disk {kind} space is below minimum of {low} {unit} at {value} {unit}", data)
    if high is not None and value > high:
        return _result(name, False, f"Disk {kind} space is above maximum of {high} {unit} at {value} {unit}", data)
    return _result(name, True, "Disk used space in acceptable range", data)


def _value(row: dict[str, str], absolute: bool, free: bool) -> int:
    if absolute:
        return int(row["available" if free else "used"])
    used = int(row["capacity"].strip("%"))
    return 100 - used if free else used


def _bounds(minimum: Any, maximum: Any, absolute: bool) -> tuple[str, int | None, int | None]:
    """What is wrong with the bounds, and the bounds as numbers."""
    found: dict[str, int | None] = {}
    for word, bound in (("minimum", minimum), ("maximum", maximum)):
        text = str(bound) if absolute else str(bound).removesuffix("%").strip()
        try:
            found[word] = None if bound is None else int(text)
        except ValueError:
            return f"{word} must be an integer ", None, None
        number = found[word]
        if number is not None and not absolute and not 0 <= number <= 100:
            return f"{word} must be in the range [0, 100] ", None, None
    low, high = found["minimum"], found["maximum"]
    if low is not None and high is not None and low >= high:
        return "minimum must be less than maximum ", None, None
    return "", low, high


def _result(name: str, result: bool, comment: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
    return {**result_of(name, result, comment), "data": data or {}}
