"""Paths and programs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

from saltern.plugin_api.errors import CommandNotFoundError
from saltern.plugin_api.jinja.filters.files import path_join as join
from saltern.plugin_api.process import find_program

__all__ = [
    "check_or_die", "expand", "islink", "join", "os_walk", "readlink", "safe_path", "which", "which_bin",
]  # fmt: skip


def which(exe: str | None = None) -> str | None:
    """The path of a program, searched in `PATH`; None when there is none."""
    return find_program(exe) if exe else None


def which_bin(exes: Iterable[str]) -> str | None:
    """The path of the first program that is there."""
    return next((found for found in map(which, exes) if found), None)


def check_or_die(command: str) -> None:
    """Do nothing if a program is there, else raise `CommandNotFoundError`."""
    if which(command) is None:
        raise CommandNotFoundError(f"'{command}' is not in the path")


def islink(path: str) -> bool:
    return os.path.islink(path)


def readlink(path: str) -> str:
    return os.readlink(path)


def expand(path: str) -> str:
    """The path with `~` and environment variables replaced."""
    return os.path.expandvars(os.path.expanduser(path))


def safe_path(path: str, allow_path: str | None = None) -> bool:
    """Whether a path stays below a directory (without one, that of the path itself), links followed."""
    top = os.path.realpath(allow_path if allow_path else os.path.dirname(path))
    return os.path.commonpath([top, os.path.realpath(path)]) == top


def os_walk(top: str, *args: Any, **kwargs: Any) -> Iterator[tuple[str, list[str], list[str]]]:
    return os.walk(top, *args, **kwargs)
