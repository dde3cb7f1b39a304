"""Disks and the file systems on them: how full they are, what they are, and how they are made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from saltern.plugin_api import CommandExecutionError, CommandNotFoundError, Functions, SaltInvocationError, process
from saltern.plugin_api.linux import mounts

__salt__: Functions

__func_alias__ = {"format_": "format"}

_PAIR = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_ATTRIBUTES = "getro getsz getss getpbsz getiomin getioopt getalignoff getmaxsect getsize getsize64 getra getfra"
_TUNABLE = {"read-ahead": "setra", "filesystem-read-ahead": "setfra", "read-only": "setro", "read-write": "setrw"}


# --- how full they are --------------------------------------------------------------------------------------------


def usage(args: str | None = None) -> dict[str, dict[str, str]]:
    """How full the file systems are, by mount point, in KiB; `args` are letters that `df` takes as flags.

    CLI Example::

        saltern run '*' disk.usage
    """
    found = {}
    for row in _df("disk.usage", "P", args, "ahHiklmMPTxv"):
        names = ("filesystem", "1K-blocks", "used", "available", "capacity")
        found[row[5]] = dict(zip(names, row[:5], strict=True))
    return found


def inodeusage(args: str | None = None) -> dict[str, dict[str, str]]:
    """How many inodes of the file systems are used, by mount point.

    CLI Example::

        saltern run '*' disk.inodeusage
    """
    found = {}
    for row in _df("disk.inodeusage", "iP", args, "ahHiklmMPTxv"):
        names = ("filesystem", "inodes", "used", "free", "use")
        found[row[5]] = dict(zip(names, row[:5], strict=True))
    return found


def percent(args: str | None = None) -> dict[str, str] | str:
    """How full each file system is, by mount point, or the one of a mount point.

    CLI Example::

        saltern run '*' disk.percent /var
    """
    found = {row[5]: row[4] for row in _df("disk.percent", "P", None, "")}
    if not args:
        return found
    return found.get(args, {})


def _df(function: str, flags: str, more: str | None, known: str) -> list[list[str]]:
    """The rows of `df`: device, size, used, free, share, place."""
    for letter in more or "":
        if letter not in known:
            raise CommandExecutionError(f"Invalid flag passed to {function}")
    argv = ["df", f"-{flags}{''.join(sorted(set(more or '') - set(flags) - set('Tx')))}"]
    done = __salt__["cmd.run_all"](argv, python_shell=False, ignore_retcode=True)
    rows = [line.split(None, 5) for line in str(done["stdout"]).splitlines()[1:]]
    return [row for row in rows if len(row) == 6]


# --- what they are ------------------------------------------------------------------------------------------------


def blkid(device: str | None = None, token: str | None = None) -> dict[str, dict[str, str]]:
    """The tags of the block devices (`UUID`, `TYPE`, …), of one of them, or of those with a tag `NAME=value`.

    CLI Example::

        saltern run '*' disk.blkid
        saltern run '*' disk.blkid /dev/sda
        saltern run '*' disk.blkid token='TYPE=ext4'
    """
    argv = ["blkid", *([device] if device else ["-t", token] if token else [])]
    done = __salt__["cmd.run_all"](argv, python_shell=False, ignore_retcode=device is None and token is None)
    if done["retcode"] > 0:
        return {}
    found = {}
    for line in str(done["stdout"]).splitlines():
        name, colon, tags = line.partition(": ")
        if colon:
            found[name] = dict(_PAIR.findall(tags))
    return found


def fstype(device: str) -> str:
    """The type of the file system on a device, or of what is mounted at a place; empty where there is none.

    CLI Example::

        saltern run '*' disk.fstype /dev/sdX1
    """
    found = mounts.mounted().get(device)
    if found is not None:
        return found.fstype
    argv = ["blkid", "-p", "-o", "value", "-s", "TYPE", device]
    done = __salt__["cmd.run_all"](argv, python_shell=False, ignore_retcode=True)
    return str(done["stdout"]).strip() if done["retcode"] == 0 else ""


def get_fstype_from_path(path: str) -> str:
    """The type of the file system that a path lies on, whether the path exists or not.

    CLI Example::

        saltern run '*' disk.get_fstype_from_path /root
    """
    found = mounts.mounted().get(mounts.place_of(path))
    return found.fstype if found else ""


def dump(device: str, args: Sequence[str] | None = None) -> dict[str, str] | bool:
    """What `blockdev` tells of a device, or those of its attributes that `args` names; False for no block device.

    CLI Example::

        saltern run '*' disk.dump /dev/sda1
    """
    names = _ATTRIBUTES.split()
    argv = ["blockdev", *(f"--{name}" for name in names), device]
    done = __salt__["cmd.run_all"](argv, python_shell=False, ignore_retcode=True)
    if done["retcode"] != 0:
        return False
    found = dict(zip(names, str(done["stdout"]).splitlines(), strict=False))
    return {name: found[name] for name in args if name in found} if args else found


# --- changing them ------------------------------------------------------------------------------------------------


def tune(device: str, **kwargs: Any) -> dict[str, str] | bool:
    """Set attributes of a block device: `read-ahead`, `filesystem-read-ahead` in sectors, `read-only`, `read-write`.

    CLI Example::

        saltern run '*' disk.tune /dev/sda1 read-ahead=1024 read-write=True
    """
    given = {key: value for key, value in kwargs.items() if not key.startswith("__")}
    strange = ", ".join(f"{key}={value}" for key, value in given.items() if key not in _TUNABLE)
    if strange:
        raise SaltInvocationError(f"Invalid keyword arguments: {strange}")
    options: list[str] = []
    for key, value in given.items():
        if key in ("read-only", "read-write"):
            options.append(f"--{_TUNABLE['read-only' if (key == 'read-only') == bool(value) else 'read-write']}")
        else:
            options += [f"--{_TUNABLE[key]}", str(value)]
    done = __salt__["cmd.run_all"](["blockdev", *options, device], python_shell=False)
    if done["retcode"] != 0:
        raise CommandExecutionError(str(done["stderr"] or done["stdout"]))
    return dump(
        device, [name.replace("set", "get", 1).replace("rw", "ro") for name in map(_TUNABLE.__getitem__, given)]
    )


def wipe(device: str) -> bool:
    """Remove the signatures of file systems and partition tables from a device. What was on it is lost.

    CLI Example::

        saltern run '*' disk.wipe /dev/sda1
    """
    return int(__salt__["cmd.retcode"](["wipefs", "-a", device], python_shell=False)) == 0


def resize2fs(device: str) -> bool:
    """Let an ext2, ext3 or ext4 file system fill its device.

    CLI Example::

        saltern run '*' disk.resize2fs /dev/sda1
    """
    return int(__salt__["cmd.retcode"](["resize2fs", device], python_shell=False)) == 0


def format_(
    device: str,
    fs_type: str = "ext4",
    inode_size: int | None = None,
    lazy_itable_init: bool | None = None,
    fat: int | None = None,
    force: bool = False,
) -> bool:
    """Make a file system on a device. What was on it is lost.

    `inode_size` (bytes) and `lazy_itable_init` are for ext file systems, `fat` (12, 16 or 32) for `vfat`. With `force`
    a file system that is there is replaced without a question.

    CLI Example::

        saltern run '*' disk.format /dev/sdX1
    """
    argv = ["mkfs", "-t", str(fs_type)]
    is_ext = fs_type[:3] == "ext"
    if inode_size is not None:
        argv += ["-I", str(inode_size)] if is_ext else ["-i", f"size={inode_size}"]
    if lazy_itable_init is not None and is_ext:
        argv += ["-E", f"lazy_itable_init={int(bool(lazy_itable_init))}"]
    if fat is not None and fat in (12, 16, 32) and fs_type in ("fat", "vfat"):
        argv += ["-F", str(fat)]
    if force:
        argv += {"ext": ["-F"], "xfs": ["-f"], "btr": ["-f"]}.get(fs_type[:3], [])
    return int(__salt__["cmd.retcode"]([*argv, str(device)], python_shell=False, ignore_retcode=True)) == 0


# --- what other programs know of them -----------------------------------------------------------------------------


def hdparms(disks: str | Sequence[str], args: str = "aAbBcCdgHiJkMmNnQrRuW") -> dict[str, dict[str, Any]]:
    """What `hdparm` tells of disks; `args` are the letters of its flags.

    CLI Example::

        saltern run '*' disk.hdparms /dev/sda
    """
    found: dict[str, dict[str, Any]] = {}
    for disk in [disks] if isinstance(disks, str) else disks:
        place = _device(disk)
        found[place] = {}
        for line in _output("hdparm", f"-{args}", place).splitlines():
            key, sign, value = (part.strip() for part in line.partition("=" if "=" in line else ":"))
            if sign and key != place:
                found[place][key] = _number(value)
    return found


def hpa(disks: str | Sequence[str], size: str | int | None = None) -> dict[str, Any]:
    """The host protected area of disks: visible and whole size in sectors; `size` (`full` or sectors) sets it.

    CLI Example::

        saltern run '*' disk.hpa /dev/sda
    """
    found: dict[str, Any] = {}
    for disk in [disks] if isinstance(disks, str) else disks:
        if size is not None:
            sectors = _sectors(disk)[1] if size == "full" else size
            _output("hdparm", "--yes-i-know-what-i-am-doing", f"-Np{sectors}", _device(disk))
        visible, total, status = _sectors(disk)
        if visible.isdigit() and total.isdigit():
            found[disk] = {"visible": int(visible), "total": int(total), "status": status.rpartition(" ")[2]}
    return found


def _sectors(disk: str) -> tuple[str, str, str]:
    """How many sectors of a disk are visible and how many it has, and what hdparm says of that."""
    place = _device(disk)
    visible, _, rest = str(hdparms(place, "N")[place].get("max sectors", "")).partition("/")
    total, _, status = rest.partition(",")
    return visible, total, status


def smart_attributes(
    dev: str, attributes: Sequence[int] | None = None, values: Sequence[str] | None = None
) -> dict[int, dict[str, Any]]:
    """What a disk tells of itself by SMART: each attribute by its number; `values` chooses columns.

    CLI Example::

        saltern run '*' disk.smart_attributes /dev/sda
    """
    names = ("attribute_name", "flag", "value", "worst", "thresh", "type", "updated", "when_failed", "raw_value")
    found: dict[int, dict[str, Any]] = {}
    for line in _output("smartctl", "--attributes", _device(dev)).splitlines():
        row = line.split(None, 9)
        if len(row) == 10 and row[0].isdigit() and (not attributes or int(row[0]) in map(int, attributes)):
            columns = dict(zip(names, row[1:], strict=True))
            found[int(row[0])] = {key: _number(one) for key, one in columns.items() if not values or key in values}
    return found


def iostat(interval: int = 1, count: int = 5, disks: str | Sequence[str] | None = None) -> dict[str, Any]:
    """The means of what `iostat` measures `count` times, `interval` seconds apart, by disk.

    CLI Example::

        saltern run '*' disk.iostat 1 5 disks=sda
    """
    chosen = [disks] if isinstance(disks, str) else list(disks or [])
    columns: list[str] = []
    sums: dict[str, list[list[float]]] = {}
    for line in _output("iostat", "-dxy", str(interval), str(count), *chosen).splitlines():
        row = line.replace(",", ".").split()
        if row and row[0].startswith("Device"):
            columns = row[1:]
        elif columns and len(row) == len(columns) + 1:
            sums.setdefault(row[0], []).append([float(one) for one in row[1:]])
    return {
        disk: {
            name: round(sum(column) / len(column), 2)
            for name, column in zip(columns, zip(*rows, strict=True), strict=True)
        }
        for disk, rows in sums.items()
    }


def _device(disk: str) -> str:
    return disk if disk.startswith("/dev/") else f"/dev/{disk}"


def _output(program: str, *words: str) -> str:
    if not process.find_program(program):
        raise CommandNotFoundError(f"The '{program}' binary was not found in $PATH.")
    if not Path(words[-1]).exists() and words[-1].startswith("/dev/"):
        raise CommandExecutionError(f"There is no device {words[-1]}")
    return str(__salt__["cmd.run_all"]([program, *words], python_shell=False, ignore_retcode=True)["stdout"])


def _number(text: str) -> Any:
    word = text.strip()
    return int(word) if word.isdigit() else word
