"""Large bodies: files that are made durable beside the store first and move into a partition with the commit."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path

from saltern.jobs.backends.sqlite.faults import fault
from saltern.model.job import Body

INLINE = 1 << 20
"""Bytes: larger bodies are files."""


class Incoming:
    """A body on its way in: a durable file of the store's own, and the file that it was given as, if it was one.

    The given file stays until the store has answered, so that a store which is full has taken nothing away.
    """

    def __init__(self, file: Path, given: Path | None) -> None:
        self._file = file
        self._given = given
        self._placed = False

    def move_to(self, target: Path) -> None:
        self._file.replace(target)
        self._file = target
        self._placed = True

    def taken(self) -> None:
        """The store has answered: the file that was given is gone, and ours too if the body was not wanted."""
        if self._given is not None:
            self._given.unlink(missing_ok=True)
        if not self._placed:
            self.drop()

    def drop(self) -> None:
        self._file.unlink(missing_ok=True)


def is_large(body: Body | None) -> bool:
    return body is not None and (body.path is not None or len(body.data or b"") > INLINE)


def settle(body: Body, folder: Path) -> Incoming:
    """Bring a large body into `folder`, durable; the disk is waited for here and not in the writing thread."""
    target = folder / uuid.uuid4().hex
    try:
        if body.path is None:
            target.write_bytes(body.data or b"")
        else:
            _link_or_copy(body.path, target)
        _sync(target)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise fault(error, folder) from error
    return Incoming(target, body.path)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    _sync(folder)


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:  # another file system, or one without hard links
        shutil.copyfile(source, target)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
