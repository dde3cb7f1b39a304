"""Attributes of the kernel's objects below /sys."""

from __future__ import annotations

import os
import stat
from typing import Any

_SYS = "/sys"


def attr(key: str, value: Any = None) -> Any:
    """The value of an attribute; with `value` set it, and return whether that worked.

    CLI Example::

        saltern run '*' sysfs.attr block/sda/queue/logical_block_size
    """
    path = target(key)
    if path is False:
        return False
    return read(str(path)) if value is None else write(str(path), value)


def write(key: str, value: Any) -> bool:
    """Write an attribute; False when it is not there or the kernel refuses the value.

    CLI Example::

        saltern run '*' sysfs.write devices/system/cpu/cpu0/cpufreq/scaling_governor 'performance'
    """
    try:
        # The kernel takes a value whole or not at all: one write, and no file is made where there is none.
        descriptor = os.open(os.path.join(_SYS, key), os.O_WRONLY)
        try:
            os.write(descriptor, f"{value}\n".encode())
        finally:
            os.close(descriptor)
    except OSError:
        return False
    return True


def read(key: str | list[str], root: str = "") -> Any:
    """The value of an attribute: a number, text, or the pairs of a file `name=value`; of a list of names, a dictionary.

    False when it cannot be read. `root` is the directory below /sys that the names start from.

    CLI Example::

        saltern run '*' sysfs.read class/net/em1/statistics
    """
    if not isinstance(key, str):
        found = {one: read(os.path.join(root, one)) for one in key}
        return {one: value for one, value in found.items() if value is not False}
    try:
        with open(os.path.join(_SYS, root, key), encoding="utf-8", errors="replace") as file:
            text = file.read().strip()
    except OSError:
        return False
    return _value(text)


def target(key: str, full: bool = True) -> str | bool:
    """The path that a name leads to, links followed; with `full=False` its last part. False when there is none.

    CLI Example::

        saltern run '*' sysfs.target class/net/em1
    """
    path = os.path.realpath(os.path.join(_SYS, key))
    if not os.path.exists(path):
        return False
    return path if full else os.path.basename(path)


def interfaces(root: str) -> dict[str, list[str]]:
    """The attributes of an object by what can be done with them: `r`, `rw`, `w`.

    CLI Example::

        saltern run '*' sysfs.interfaces block/bcache0/bcache
    """
    top = str(target(root) or os.path.join(_SYS, root))
    found: dict[str, list[str]] = {"r": [], "rw": [], "w": []}
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            kind = _access(os.lstat(path).st_mode)
            if kind:
                found[kind].append(os.path.relpath(path, top))
    return {kind: names for kind, names in found.items() if names}


def _access(mode: int) -> str:
    if not stat.S_ISREG(mode):
        return ""
    return ("r" if mode & stat.S_IRUSR else "") + ("w" if mode & stat.S_IWUSR else "")


def _value(text: str) -> Any:
    lines = text.splitlines()
    if len(lines) > 1 and all("=" in line for line in lines):
        return {name: _number(value) for name, _, value in (line.partition("=") for line in lines)}
    return _number(text)


def _number(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
