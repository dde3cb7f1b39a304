"""Temporary files and directories, which the caller removes."""

from __future__ import annotations

import os
import tempfile

from saltern.plugin_api import CommandExecutionError


def dir(suffix: str = "", prefix: str = "tmp", parent: str | None = None) -> str:
    """Make a temporary directory that only its owner can enter, and return its path.

    CLI Example::

        saltern run '*' temp.dir
        saltern run '*' temp.dir prefix='mytemp-' parent='/var/run/'
    """
    _must_be_directory(parent)
    return tempfile.mkdtemp(suffix, prefix, parent)


def file(suffix: str = "", prefix: str = "tmp", parent: str | None = None) -> str:
    """Make an empty temporary file that only its owner can read, and return its path.

    CLI Example::

        saltern run '*' temp.file
        saltern run '*' temp.file prefix='mytemp-' parent='/var/run/'
    """
    _must_be_directory(parent)
    descriptor, path = tempfile.mkstemp(suffix, prefix, parent)
    os.close(descriptor)
    return path


def _must_be_directory(parent: str | None) -> None:
    if parent is not None and not os.path.isdir(parent):
        raise CommandExecutionError(f"parent={parent}: there is no such directory")
