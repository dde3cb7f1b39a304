"""Files that are either whole or not there: written beside their place, synced, then renamed.

A part is named `.<name>.<pid>` after the process that writes it, so that what a killed process left can be told from
what is still being written.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

MARK = "."
"""How the name of a part begins, and no other name."""


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write; it is at `path`, in place of what was there, and durable, when the block ends without error."""
    part = path.with_name(f"{MARK}{path.name}.{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fdatasync(file.fileno())
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old or the new content, never a part; durable when this returns."""
    with new_file(path) as file:
        file.write(data)


def sweep(directory: Path) -> None:
    """Remove the parts of processes that are gone."""
    for path in directory.glob(f"{MARK}*"):
        writer = path.name.rpartition(".")[2]
        if not Path("/proc", writer, "comm").exists():
            path.unlink(missing_ok=True)


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
