"""File systems ext2, ext3 and ext4, by the programs of e2fsprogs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, process
from saltern.plugin_api.program import ask_well

__salt__: Functions

_MKFS = {
    "block_size": "b",
    "check": "c",
    "direct": "D",
    "ext_opts": "E",
    "fragment_size": "f",
    "force": "F",
    "blocks_per_group": "g",
    "number_of_groups": "G",
    "bytes_per_inode": "i",
    "inode_size": "I",
    "journal": "j",
    "journal_opts": "J",
    "blocks_file": "l",
    "label": "L",
    "reserved": "m",
    "last_dir": "M",
    "test": "n",
    "number_of_inodes": "N",
    "creator_os": "o",
    "opts": "O",
    "revision": "r",
    "super": "S",
    "usage_type": "T",
    "uuid": "U",
}
_TUNE = {
    "max": "c",
    "count": "C",
    "error": "e",
    "extended_opts": "E",
    "force": "f",
    "group": "g",
    "interval": "i",
    "journal": "j",
    "journal_opts": "J",
    "label": "L",
    "reserved": "m",
    "last_dir": "M",
    "opts": "o",
    "feature": "O",
    "mmp_check": "p",
    "reserved_blocks_count": "r",
    "quota_opts": "Q",
    "time": "T",
    "user": "u",
    "uuid": "U",
}
_PROGRESS = ("mke2fs", "Discarding", "Allocating", "Writing", "Creating journal")
_SWITCHES = {"check", "direct", "force", "journal", "test", "super", "mmp_check"}


def __virtual__() -> bool | tuple[bool, str]:
    return process.find_program("mke2fs") is not None or (
        False,
        "The extfs execution module cannot be loaded: no mke2fs",
    )


def mkfs(device: str, fs_type: str, full_return: bool = False, **kwargs: Any) -> Any:
    """Make a file system on a device. What mke2fs printed as lines; with `full_return` as `cmd.run_all` tells it.

    Options are those of mke2fs by name: `block_size`, `label`, `reserved`, `uuid`, `force`, `opts` and so on.

    CLI Example::

        saltern run '*' extfs.mkfs /dev/sda1 fs_type=ext4 label=data
    """
    argv = ["mke2fs", "-t", fs_type, *_options(kwargs, _MKFS), device]
    return _done(
        argv,
        full_return,
        "extfs.mkfs",
        kwargs,
        hidden=_PROGRESS,
    )


def tune(device: str, full_return: bool = False, **kwargs: Any) -> Any:
    """Change attributes of a file system. What tune2fs printed as lines; with `full_return` as `cmd.run_all` tells it.

    Options are those of tune2fs by name: `max`, `count`, `error`, `label`, `opts`, `reserved`, `feature` and so on.

    CLI Example::

        saltern run '*' extfs.tune /dev/sda1 force=True label=wildstallyns opts='acl,noexec'
    """
    return _done(["tune2fs", *_options(kwargs, _TUNE), device], full_return, "extfs.tune", kwargs, hidden=())


def attributes(device: str, args: str | None = None) -> dict[str, Any]:
    """The attributes of a file system.

    CLI Example::

        saltern run '*' extfs.attributes /dev/sda1
    """
    found: dict[str, Any] = dump(device, args)["attributes"]
    return found


def blocks(device: str, args: str | None = None) -> dict[str, Any]:
    """The groups of blocks of a file system: which blocks and inodes are free.

    CLI Example::

        saltern run '*' extfs.blocks /dev/sda1
    """
    found: dict[str, Any] = dump(device, args)["blocks"]
    return found


def dump(device: str, args: str | None = None) -> dict[str, Any]:
    """What dumpe2fs tells of a file system: `attributes` and `blocks`. `args` is an option of it, without dash.

    CLI Example::

        saltern run '*' extfs.dump /dev/sda1
    """
    text = ask_well(["dumpe2fs", *([f"-{args}"] if args else []), device])
    found: dict[str, Any] = {"attributes": {}, "blocks": {}}
    group = ""
    for line in text.splitlines():
        heading = re.match(r"Group (\d+): \(Blocks (\d+-\d+)\)", line)
        if heading:
            group = f"Group {heading[1]}"
            found["blocks"][group] = {"group": heading[1], "range": heading[2], "extra": []}
        elif group:
            _of_group(line.strip(), found["blocks"][group])
        elif ":" in line:
            key, _, value = line.partition(":")
            found["attributes"][key] = value.split() if key == "Filesystem features" else value.strip()
    return found


def _of_group(line: str, group: dict[str, Any]) -> None:
    free = re.fullmatch(r"Free (blocks|inodes): ?(.*)", line)
    if free:
        group[f"free {free[1]}"] = free[2].split(", ")
    elif line:
        group["extra"].append(line)


def _options(given: Mapping[str, Any], known: Mapping[str, str]) -> list[str]:
    words: list[str] = []
    for name, value in given.items():
        if name.startswith("__"):
            continue
        if name not in known:
            raise CommandExecutionError(f"{name} is no option: there are {', '.join(sorted(known))}")
        if name not in _SWITCHES:
            words += [f"-{known[name]}", str(value)]
        elif value:
            words.append(f"-{known[name]}")
    return words


def _done(argv: list[str], full: bool, function: str, given: Mapping[str, Any], *, hidden: tuple[str, ...]) -> Any:
    done = __salt__["cmd.run_all"](argv, python_shell=False)
    if full:
        done["comment"] = f"{function} {'failed' if done['retcode'] else 'succeeded'}"
        return done
    lines = [*done["stdout"].splitlines(), *done["stderr"].splitlines()]
    return [line for line in lines if line and not line.startswith(hidden)] if hidden else [one for one in lines if one]
