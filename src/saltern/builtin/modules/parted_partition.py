"""Partitions of disks, by parted and sfdisk. Functions answer with what the program printed, as lines.

Sizes and places are written as parted takes them: `1MiB`, `50%`, `2048s`.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, process
from saltern.plugin_api.program import ask, ask_well

__virtualname__ = "partition"

__salt__: Functions

__func_alias__ = {"set_": "set", "list_": "list"}

_UNITS = ("s", "B", "kB", "MB", "MiB", "GB", "GiB", "TB", "TiB", "%", "cyl", "chs", "compact", "KiB")
_LABELS = ("aix", "amiga", "atari", "bsd", "dvh", "gpt", "loop", "mac", "msdos", "pc98", "sun")
_FILE_SYSTEMS = (
    *("btrfs", "ext2", "ext3", "ext4", "fat16", "fat32", "hfs", "hfs+", "linux-swap", "nilfs2", "ntfs", "reiserfs"),
    *("hp-ufs", "sun-ufs", "udf", "xfs", "zfs"),
)
_FLAGS = (
    *("bios_grub", "legacy_boot", "boot", "lba", "root", "swap", "hidden", "raid", "lvm", "prep", "esp", "bls_boot"),
    *("pmbr_boot", "msftres", "irst", "diag", "palo", "msftdata", "hp-service"),
)
_DISK_INFO = (
    "disk",
    "size",
    "interface",
    "logical sector",
    "physical sector",
    "partition table",
    "model",
    "disk flags",
)
_PARTITION = ("number", "start", "end", "size", "file system", "name", "flags")


def __virtual__() -> str | tuple[bool, str]:
    # sfdisk, which only the types of partitions need, is a package of its own in Debian.
    missing = next((one for one in ("parted", "lsblk") if not process.find_program(one)), None)
    return (False, f"{missing} is not installed") if missing else __virtualname__


def probe(*devices: str) -> list[str]:
    """Let the kernel read the partitions of disks, or of all disks, again.

    CLI Example::

        saltern run '*' partition.probe
        saltern run '*' partition.probe /dev/sda
    """
    for device in devices:
        _checked(device)
    return _lines(["partprobe", *devices])


def list_(device: str, unit: str | None = None) -> dict[str, Any]:
    """The disk (`info`) and its `partitions` by number; sizes in `unit`.

    CLI Example::

        saltern run '*' partition.list /dev/sda
        saltern run '*' partition.list /dev/sda unit=s
    """
    _checked(device)
    if unit is not None and unit not in _UNITS:
        raise CommandExecutionError("Invalid unit passed to partition.part_list")
    words = ["parted", "-m", "-s", device, *(["unit", unit] if unit else []), "print"]
    answer = ask(words)
    rows = [line.removesuffix(";").split(":") for line in answer.stdout.splitlines() if line.endswith(";")]
    if len(rows) < 2:
        raise CommandExecutionError(f"parted cannot read {device}: {answer.reason}")
    parts = [dict(zip(_PARTITION, row, strict=False)) for row in rows[2:]]
    return {"info": dict(zip(_DISK_INFO, rows[1], strict=False)), "partitions": {one["number"]: one for one in parts}}


def align_check(device: str, part_type: str, partition: Any) -> list[str]:
    """Whether a partition begins where the disk is fastest; `part_type` is `minimal` or `optimal`.

    CLI Example::

        saltern run '*' partition.align_check /dev/sda minimal 1
    """
    if part_type not in ("minimal", "optimal"):
        raise CommandExecutionError("Invalid part_type passed to partition.align_check")
    number = _number(partition, "partition.align_check")
    # A script is told by the exit code alone.
    return _lines(["parted", "-m", _checked(device), "align-check", part_type, number])


def check(device: str, minor: Any) -> list[str]:
    """Check the file system of a partition; only parted before 3.0 can.

    CLI Example::

        saltern run '*' partition.check /dev/sda 1
    """
    return _parted(device, "check", _number(minor, "partition.check"))


def cp(device: str, from_minor: Any, to_minor: Any) -> list[str]:
    """Copy a file system to another partition; only parted before 3.0 can.

    CLI Example::

        saltern run '*' partition.cp /dev/sda 2 3
    """
    return _parted(device, "cp", _number(from_minor, "partition.cp"), _number(to_minor, "partition.cp"))


def get_id(device: str, minor: Any) -> list[str]:
    """The type of a partition, as sfdisk tells it (`83`).

    CLI Example::

        saltern run '*' partition.get_id /dev/sda 1
    """
    _checked(device)
    return _lines(["sfdisk", "--part-type", device, _number(minor, "partition.get_id")])


def set_id(device: str, minor: Any, system_id: Any) -> list[str]:
    """Set the type of a partition, one of `system_types`.

    CLI Example::

        saltern run '*' partition.set_id /dev/sda 1 83
    """
    _checked(device)
    if str(system_id) not in system_types():
        raise CommandExecutionError("Invalid system_id passed to partition.set_id")
    return _lines(["sfdisk", "--part-type", device, _number(minor, "partition.set_id"), str(system_id)])


def system_types() -> dict[str, str]:
    """The types that partitions have, with their names.

    CLI Example::

        saltern run '*' partition.system_types
    """
    rows = [line.split(None, 1) for line in ask_well(["sfdisk", "-T"]).splitlines()]
    return {row[0]: row[1] for row in rows if len(row) == 2 and re.fullmatch(r"[0-9a-f]{1,2}", row[0])}


def mkfs(device: str, fs_type: str) -> list[str]:
    """Make a file system on a partition. What was on it is lost.

    CLI Example::

        saltern run '*' partition.mkfs /dev/sda2 fs_type=fat32
    """
    _checked(device)
    if fs_type not in _FILE_SYSTEMS:
        raise CommandExecutionError("Invalid fs_type passed to partition.mkfs")
    if fs_type == "linux-swap":
        return _lines(["mkswap", device])
    name, options = {"fat16": ("fat", ["-F", "16"]), "fat32": ("fat", ["-F", "32"])}.get(fs_type, (fs_type, []))
    return _lines([f"mkfs.{name}", *options, device])


def mklabel(device: str, label_type: str) -> list[str]:
    """Make a new, empty partition table (`msdos`, `gpt`). What was on the disk is lost.

    CLI Example::

        saltern run '*' partition.mklabel /dev/sda msdos
    """
    if label_type not in _LABELS:
        raise CommandExecutionError("Invalid label_type passed to partition.mklabel")
    return _parted(device, "mklabel", label_type)


def mkpart(device: str, part_type: str, fs_type: str | None = None, start: Any = None, end: Any = None) -> list[str]:
    """Make a partition, for the file system `fs_type`, from `start` to `end`.

    `part_type` is `primary`, `logical` or `extended`.

    CLI Example::

        saltern run '*' partition.mkpart /dev/sda primary fs_type=fat32 start=0% end=639s
    """
    return _mkpart("partition.mkpart", device, part_type, fs_type, start, end)


def mkpartfs(device: str, part_type: str, fs_type: str | None = None, start: Any = None, end: Any = None) -> list[str]:
    """`mkpart`, whose partition gets a file system as well.

    CLI Example::

        saltern run '*' partition.mkpartfs /dev/sda logical ext2 440MB 670MB
    """
    if fs_type is None:
        raise CommandExecutionError("Invalid fs_type passed to partition.mkpartfs")
    before = set(list_(device)["partitions"])
    said = _mkpart("partition.mkpartfs", device, part_type, fs_type, start, end)
    for number in set(list_(device)["partitions"]) - before:
        said += mkfs(_partition_of(device, number), fs_type)
    return said


def name(device: str, partition: Any, name: str) -> list[str]:
    """Name a partition of a GPT, Mac or PC98 disk.

    CLI Example::

        saltern run '*' partition.name /dev/sda 1 'My Documents'
    """
    if not re.fullmatch(r"[\w\s.-]+", str(name)):
        raise CommandExecutionError("Invalid characters passed to partition.name")
    # parted reads a line of its own from its words.
    return _parted(device, "name", _number(partition, "partition.name"), f"'{name}'")


def rescue(device: str, start: Any, end: Any) -> list[str]:
    """Find a lost partition that was between two places.

    CLI Example::

        saltern run '*' partition.rescue /dev/sda 0 8056
    """
    return _parted(device, "rescue", *_between("partition.rescue", start, end))


def resize(device: str, minor: Any, start: Any, end: Any) -> list[str]:
    """Resize a partition with its file system; only parted before 3.0 can.

    CLI Example::

        saltern run '*' partition.resize /dev/sda 3 200 850
    """
    return _parted(device, "resize", _number(minor, "partition.resize"), *_between("partition.resize", start, end))


def rm(device: str, minor: Any) -> list[str]:
    """Delete a partition.

    CLI Example::

        saltern run '*' partition.rm /dev/sda 5
    """
    return _parted(device, "rm", _number(minor, "partition.rm"))


def set_(device: str, minor: Any, flag: str, state: Any) -> list[str]:
    """Set a flag of a partition `on` or `off`.

    CLI Example::

        saltern run '*' partition.set /dev/sda 1 boot on
    """
    flag, switch = _flag(flag, "partition.set"), _switch(state, "partition.set")
    return _parted(device, "set", _number(minor, "partition.set"), flag, switch)


def toggle(device: str, partition: Any, flag: str) -> list[str]:
    """Turn a flag of a partition over.

    CLI Example::

        saltern run '*' partition.toggle /dev/sda 1 boot
    """
    return _parted(device, "toggle", _number(partition, "partition.toggle"), _flag(flag, "partition.toggle"))


def disk_set(device: str, flag: str, state: Any) -> list[str]:
    """Set a flag of a whole disk (`pmbr_boot`) `on` or `off`.

    CLI Example::

        saltern run '*' partition.disk_set /dev/sda pmbr_boot on
    """
    return _parted(device, "disk_set", _disk_flag(flag, "partition.disk_set"), _switch(state, "partition.disk_set"))


def disk_toggle(device: str, flag: str) -> list[str]:
    """Turn a flag of a whole disk over.

    CLI Example::

        saltern run '*' partition.disk_toggle /dev/sda pmbr_boot
    """
    return _parted(device, "disk_toggle", _disk_flag(flag, "partition.disk_toggle"))


def exists(device: str = "") -> bool:
    """Whether a device is there.

    CLI Example::

        saltern run '*' partition.exists /dev/sda1
    """
    return os.path.exists(device)


def get_block_device() -> list[str]:
    """The names of the disks.

    CLI Example::

        saltern run '*' partition.get_block_device
    """
    # Major 7 are loop devices, 1 are RAM disks.
    return ask_well(["lsblk", "-n", "-io", "KNAME", "-d", "-e", "1,7,11"]).splitlines()


def _checked(device: str) -> str:
    try:
        if stat.S_ISBLK(os.stat(device).st_mode):
            return device
    except OSError:
        pass
    raise CommandExecutionError("Invalid device passed to partition module.")


def _parted(device: str, *words: str) -> list[str]:
    return _lines(["parted", "-m", "-s", _checked(device), *words])


def _lines(argv: Sequence[str]) -> list[str]:
    return ask(list(argv)).said.splitlines()


def _mkpart(function: str, device: str, part_type: str, fs_type: str | None, start: Any, end: Any) -> list[str]:
    if part_type not in ("primary", "logical", "extended"):
        raise CommandExecutionError(f"Invalid part_type passed to {function}")
    if fs_type and fs_type not in _FILE_SYSTEMS:
        raise CommandExecutionError(f"Invalid fs_type passed to {function}")
    words = [part_type, *([fs_type] if fs_type else []), *_between(function, start, end)]
    return _parted(device, "mkpart", *words)


def _between(function: str, start: Any, end: Any) -> tuple[str, str]:
    units = "|".join(re.escape(unit) for unit in _UNITS)
    for place in (start, end):
        if not re.fullmatch(rf"-?[0-9.]+(?:{units})?", str(place), re.IGNORECASE):
            raise CommandExecutionError(f"Invalid start or end passed to {function}: {place}")
    return str(start), str(end)


def _number(value: Any, function: str) -> str:
    if not str(value).isdigit():
        raise CommandExecutionError(f"Invalid minor number passed to {function}")
    return str(value)


def _flag(flag: str, function: str) -> str:
    if flag not in _FLAGS:
        raise CommandExecutionError(f"Invalid flag passed to {function}")
    return flag


def _disk_flag(flag: str, function: str) -> str:
    if flag not in ("cylinder_alignment", "pmbr_boot", "implicit_partition_table"):
        raise CommandExecutionError(f"Invalid flag passed to {function}")
    return flag


def _switch(state: Any, function: str) -> str:
    # YAML reads on and off as truth values.
    text = ("on" if state else "off") if isinstance(state, bool) else str(state)
    if text not in ("on", "off"):
        raise CommandExecutionError(f"Invalid state passed to {function}")
    return text


def _partition_of(device: str, number: str) -> str:
    return f"{device}p{number}" if device[-1:].isdigit() else f"{device}{number}"
