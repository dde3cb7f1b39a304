"""File systems XFS, by the programs of xfsprogs and xfsdump."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, process
from saltern.plugin_api.program import ask_well

__salt__: Functions

_LINE = re.compile(r"([a-z-]*)\s*=(.*?)\s+([\w-]+\s*=.*)")
_PAIR = re.compile(r"([\w-]+)\s*=\s*([^\s,=]+(?: blks)?)")


def __virtual__() -> bool | tuple[bool, str]:
    return process.find_program("mkfs.xfs") is not None or (False, "The xfs module could not be loaded: no mkfs.xfs")


def info(device: str) -> dict[str, dict[str, str]]:
    """The geometry of a file system, by its sections.

    CLI Example::

        saltern run '*' xfs.info /dev/sda1
    """
    return _geometry(ask_well(["xfs_info", device]))


def mkfs(
    device: str,
    label: str | None = None,
    ssize: str | None = None,
    noforce: bool | None = None,
    bso: str | None = None,
    gmo: str | None = None,
    ino: str | None = None,
    lso: str | None = None,
    rso: str | None = None,
    nmo: str | None = None,
    dso: str | None = None,
) -> dict[str, dict[str, str]]:
    """Make a file system, in place of one that is there unless `noforce`. What was on the device is lost.

    `ssize` is the size of sectors (`size=4k`); options go to mkfs.xfs as they are: `bso` of blocks, `gmo` of metadata,
    `dso` of data, `ino` of inodes, `lso` of the log, `nmo` of names, `rso` of the real-time section.

    CLI Example::

        saltern run '*' xfs.mkfs /dev/sda1 label=data
    """
    given = {"-L": label, "-s": ssize, "-b": bso, "-m": gmo, "-d": dso, "-i": ino, "-l": lso, "-n": nmo, "-r": rso}
    words = [word for option, value in given.items() if value for word in (option, str(value))]
    return _geometry(ask_well(["mkfs.xfs", *([] if noforce else ["-f"]), *words, device]))


def modify(
    device: str, label: str | None = None, lazy_counting: bool | None = None, uuid: Any = None
) -> dict[str, dict[str, str]]:
    """Change label, lazy counting or UUID of a file system that is not mounted.

    With `uuid=True` it gets a new UUID, with `False` none, else the one that is said.

    CLI Example::

        saltern run '*' xfs.modify /dev/sda1 label='My backup' lazy_counting=False
    """
    if not label and lazy_counting is None and uuid is None:
        raise CommandExecutionError(
            'Nothing specified for modification for "{device}" device'.replace("{device}", device)
        )
    words = ["-L", label] if label else []
    words += [] if lazy_counting is None else ["-c", "1" if lazy_counting else "0"]
    words += [] if uuid is None else ["-U", {True: "generate", False: "nil"}.get(uuid, str(uuid))]
    ask_well(["xfs_admin", *words, device])
    return {device: _blkid(device)}


def devices() -> dict[str, dict[str, str]]:
    """The devices with such a file system, each with label and UUID.

    CLI Example::

        saltern run '*' xfs.devices
    """
    found = __salt__["disk.blkid"](token="TYPE=xfs")
    return {device: _blkid(device) for device in found}


def estimate(path: str) -> dict[str, dict[str, str]]:
    """The room that directories would take in such a file system; the path may be a pattern.

    CLI Example::

        saltern run '*' xfs.estimate /path/to/dir/*
    """
    place = Path(path)
    directories = sorted(place.parent.glob(place.name)) if any(mark in path for mark in "*?[") else [place]
    missing = next((one for one in directories if not one.exists()), None)
    if not directories or missing:
        raise CommandExecutionError(f'Path "{missing or path}" was not found.')
    lines = ask_well(["xfs_estimate", *map(str, directories)]).splitlines()
    found = (re.fullmatch(r"(.+) will take about (\S+) megabytes", line) for line in lines)
    return {row[1]: {"will take about": f"{row[2]}M"} for row in found if row}


def defragment(device: str) -> dict[str, str]:
    """Put the parts of files together, in a file system that is mounted.

    CLI Example::

        saltern run '*' xfs.defragment /dev/sda1
    """
    mounted = {one["device"] for one in __salt__["mount.active"]().values()}
    if device == "/":
        raise CommandExecutionError("Root is not a device.")
    if device not in mounted:
        raise CommandExecutionError(f'Device "{device}" is not mounted')
    return {"log": ask_well(["xfs_fsr", device])}


def dump(
    device: str, destination: str, level: int = 0, label: str | None = None, noerase: bool | None = None
) -> dict[str, str]:
    """Dump a file system to a file or tape: all of it, or what changed since a dump of a lower level.

    CLI Example::

        saltern run '*' xfs.dump /dev/sda1 /detination/on/the/client label='Company accountancy'
    """
    if int(level) not in range(10):
        raise CommandExecutionError(f"A level of a dump is 0 to 9, and not {level}")
    words = ["-F", *([] if noerase else ["-E"]), "-L", label or f'XFS dump for "{device}"', "-l", str(level)]
    said = ask_well(["xfsdump", *words, "-f", destination, device])
    pairs = (line.removeprefix("xfsdump: ").partition(": ") for line in said.splitlines())
    return {key: value for key, mark, value in pairs if mark}


def inventory() -> str:
    """The dumps that xfsdump remembers, as it tells them.

    CLI Example::

        saltern run '*' xfs.inventory
    """
    return ask_well(["xfsdump", "-I"])


def prune_dump(sessionid: str) -> bool:
    """Forget a dump, which is named by its session.

    CLI Example::

        saltern run '*' xfs.prune_dump b74a3586-e52e-4a4a-8775-c3334fa8ea2c
    """
    ask_well(["xfsinvutil", "-s", sessionid, "-F"])
    return True


def _geometry(text: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    now: dict[str, str] = {}
    for name, title, pairs in filter(None, map(_parts, text.splitlines())):
        if name:
            now = found.setdefault(name, {"section": title.strip() or name})
        now.update(_PAIR.findall(pairs))
    return found


def _parts(line: str) -> tuple[str, str, str] | None:
    """Name and title of a section, which only its first line has, and the pairs of a line."""
    found = _LINE.fullmatch(line)
    return (found[1], found[2], found[3]) if found else None


def _blkid(device: str) -> dict[str, str]:
    text = ask_well(["blkid", "-o", "export", "-p", device])
    pairs = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {key.lower(): pairs[key] for key in ("LABEL", "UUID", "BLOCK_SIZE") if key in pairs}
