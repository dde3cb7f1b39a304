"""Device files and pipes."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from typing import Any, NamedTuple

from saltern.plugin_api.errors import CommandExecutionError, SaltInvocationError


class Kind(NamedTuple):
    """A kind of special file: its bit in a mode and what messages call it."""

    bit: int
    title: str
    test: Callable[[int], bool]


KINDS = {
    "c": Kind(stat.S_IFCHR, "Character device", stat.S_ISCHR),
    "b": Kind(stat.S_IFBLK, "Block device", stat.S_ISBLK),
    "p": Kind(stat.S_IFIFO, "Fifo pipe", stat.S_ISFIFO),
}


def kind_of(letter: str) -> Kind:
    if letter not in KINDS:
        raise SaltInvocationError(
            f"Node type unavailable: '{letter}'. Available node types are character ('c'), block ('b'), and pipe ('p')."
        )
    return KINDS[letter]


def is_kind(path: str, kind: Callable[[int], bool]) -> bool:
    """Whether a file is of a kind; False where nothing is. Links are followed."""
    try:
        return kind(os.stat(path).st_mode)
    except OSError:
        return False


def numbers_of(path: str) -> tuple[int, int]:
    """The major and minor number of a device file; zeros for anything else."""
    try:
        status = os.stat(path)
    except OSError:
        return 0, 0
    if not (stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode)):
        return 0, 0
    return os.major(status.st_rdev), os.minor(status.st_rdev)


def make(path: str, letter: str, major: Any = 0, minor: Any = 0, mode: Any = "0600", *, test: bool) -> dict[str, Any]:
    """Make a special file. The answer is a state's: with `test` only what would be done."""
    kind = kind_of(letter)
    result: dict[str, Any] = {"name": path, "changes": {}, "comment": "", "result": False}
    if os.path.lexists(path):
        result["comment"] = f"File {path} exists and cannot be overwritten"
        return result
    result["changes"] = {"new": f"{kind.title} {path} created."}
    if test:
        result["result"] = None
        return result
    try:
        os.mknod(path, int(str(mode).lstrip("0Oo") or "0", 8) | kind.bit, os.makedev(int(major), int(minor)))
    except ValueError as error:
        raise SaltInvocationError(f"The numbers of a device must be integers: {major}, {minor}") from error
    except FileExistsError:
        result["comment"] = f"File {path} exists and cannot be overwritten"
        result["changes"] = {}
        return result
    except PermissionError as error:
        raise CommandExecutionError(f"Only root can make '{path}': {error}") from error
    result["result"] = True
    return result
