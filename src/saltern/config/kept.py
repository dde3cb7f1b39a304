"""Keeps what commands need of the master's configuration, so that not every command has to read YAML.

Reading YAML costs more time than a whole command should take. What is kept is used only while each file still has the
same time, size and inode, and holds settings that say where the master is and how to print: no others, for there may
be secrets among them.
"""

from __future__ import annotations

import os

import msgpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

_NAMES = frozenset({"root_dir", "sock_dir", "timeout", "gather_job_timeout", "strip_colors", "token_file"})
_FAMILIES = ("output", "color", "state_output", "state_verbose", "state_tabular", "show_", "cli_", "batch_safe_")
_ELSEWHERE = ("include", "default_include")
"""Options that name further files, which are then not among those that are compared."""


def recall(place: str, files: Sequence[str]) -> dict[str, Any] | None:
    """What was kept at `place` (a file) of these configuration files, or None when it does not hold any more."""
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        if os.fstat(descriptor).st_uid != os.geteuid():
            return None
        try:
            stamps, values = msgpack.unpackb(file.read())
        except (ValueError, msgpack.UnpackException):
            return None
    return values if stamps == _stamps(files) else None


def keep(place: str, files: Sequence[str], values: Mapping[str, Any]) -> None:
    """Keep the settings of these files at `place`; what cannot be kept is read again the next time."""
    if any(name in values for name in _ELSEWHERE):
        return
    part = f"{place}.{os.getpid()}"
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgpack.packb([_stamps(files), _needed(values)]))
        os.replace(part, place)  # noqa: PTH105
    except OSError:
        return


def _needed(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in _NAMES or name.startswith(_FAMILIES)}


def _stamps(files: Sequence[str]) -> list[list[Any]]:
    found = []
    for path in files:
        try:
            stat = os.stat(path)  # noqa: PTH116
        except OSError:
            found.append([path, 0, 0, 0])
        else:
            found.append([path, stat.st_mtime_ns, stat.st_size, stat.st_ino])
    return found
