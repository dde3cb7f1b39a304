"""What is mounted now, from `/proc/self/mountinfo` (proc_pid_mountinfo(5)), and what a device is called."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

_OCTAL = re.compile(r"\\([0-7]{3})")
_BY = {"UUID": "by-uuid", "LABEL": "by-label", "PARTUUID": "by-partuuid", "PARTLABEL": "by-partlabel", "ID": "by-id"}


class Mounted(NamedTuple):
    """A file system in its place. `root` is what of it stands there, `superopts` are options of the whole of it."""

    name: str
    device: str
    fstype: str
    opts: list[str]
    superopts: list[str]
    root: str
    mountid: str
    parentid: str
    major: str
    minor: str

    def all_opts(self) -> list[str]:
        """The options of the place, and behind them those of the file system."""
        return self.opts + [one for one in self.superopts if one not in ("ro", "rw", *self.opts)]


def mounted() -> dict[str, Mounted]:
    """Each place with what is mounted there last, so what one sees in it."""
    lines = Path("/proc/self/mountinfo").read_text(errors="surrogateescape").splitlines()
    return {one.name: one for one in (_parse(line) for line in lines)}


def place_of(name: str) -> str:
    """The mount point that a path lies on, whether the path exists or not."""
    path = os.path.realpath(name)
    while not os.path.ismount(path):
        path = os.path.dirname(path)  # noqa: PTH120  (a text of any kind, that need not exist)
    return path


def device_path(device: str) -> str:
    """The path of a device that is called `UUID=…`, `LABEL=…` or by a link; what is no device stays as it is."""
    key, equals, value = device.partition("=")
    if equals and key in _BY:
        link = Path("/dev/disk", _BY[key], value.strip('"'))
        return str(link.resolve()) if link.exists() else device
    return os.path.realpath(device) if device.startswith("/") else device


def backing_file(device: str) -> str:
    """The file behind a loop device; empty where there is none."""
    try:
        return Path("/sys/block", Path(device).name, "loop/backing_file").read_text().strip()
    except OSError:
        return ""


def _parse(line: str) -> Mounted:
    place, _, kind = line.partition(" - ")
    mountid, parentid, number, root, name, opts = place.split(" ")[:6]
    fstype, device, superopts = (*kind.split(" "), "")[:3]
    major, _, minor = number.partition(":")
    return Mounted(
        _unescaped(name),
        _unescaped(device),
        fstype,
        opts.split(","),
        _unescaped(superopts).split(","),
        _unescaped(root),
        mountid,
        parentid,
        major,
        minor,
    )


def _unescaped(text: str) -> str:
    return _OCTAL.sub(lambda match: chr(int(match[1], 8)), text)
