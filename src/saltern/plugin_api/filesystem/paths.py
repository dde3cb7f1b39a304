"""Paths as users type them, and the few questions about kinds that many functions ask."""

from __future__ import annotations

import glob
import os

from saltern.plugin_api.errors import CommandExecutionError, SaltInvocationError


def expanded(path: str) -> str:
    """The path with `~` resolved."""
    return os.path.expanduser(path)


def absolute(path: str, complaint: str) -> str:
    """The path with `~` resolved, which must be absolute; `complaint` is what to say else."""
    path = expanded(path)
    if not os.path.isabs(path):
        raise SaltInvocationError(complaint)
    return path


def matches(pattern: str) -> list[str]:
    """The paths that match a glob, in the order in which the directory has them."""
    return glob.glob(expanded(pattern))


def present(path: str) -> bool:
    """Whether anything is there, a link into nowhere included."""
    return os.path.lexists(path)


def refuse_root(path: str) -> None:
    """Refuse a path that is the root of the file system, however it is written."""
    if os.path.realpath(path) == "/" or os.path.normpath(path) in ("/", "//"):
        raise CommandExecutionError(f"'{path}' is the root of the file system; it is not removed")
