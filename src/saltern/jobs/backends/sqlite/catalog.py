"""The partitions of a store: which there are, which is written, and the lock that lets one process write."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from saltern.errors import StoreCorrupt, StoreError
from saltern.jobs.backends.sqlite.faults import fault, is_damage
from saltern.jobs.backends.sqlite.partition import (
    Extent,
    Partition,
    index_by_seq,
    open_to_read,
    partitions_in,
    read_extent,
)

log = logging.getLogger(__name__)

_LEAP = 1_000_000_000
"""How far the cursor leaps over a damaged partition that cannot say which cursors it gave out."""


class Catalog:
    """All partitions, oldest number first. The tuple `partitions` is replaced as a whole, so any thread may read it."""

    def __init__(self, directory: Path, *, read_only: bool, by_seq: bool = False) -> None:
        self.directory = directory
        self.by_seq = by_seq and not read_only
        self.partitions: tuple[Partition, ...] = ()
        self.generation = 0
        self._read_only = read_only
        self._lock = None if read_only else _locked(directory)
        self.incoming = directory / "incoming"
        try:
            self._open()
        except BaseException:
            self.unlock()
            raise

    @property
    def seq(self) -> int:
        return max((partition.extent.seq for partition in self.partitions), default=0)

    def newest_first(self) -> tuple[Partition, ...]:
        return self.partitions[::-1]

    def fresh(self, extent: Extent) -> Partition:
        """The next partition, not yet in the catalog and not yet a file."""
        number = self.partitions[-1].number + 1 if self.partitions else 1
        return Partition(self.directory, number, extent=extent)

    def add(self, partition: Partition) -> None:
        self._replace((*self.partitions, partition))

    def remove(self, partition: Partition) -> None:
        self._replace(tuple(each for each in self.partitions if each is not partition))

    def set_aside(self, partition: Partition, reason: Exception) -> None:
        """Name a partition as damaged: it is still read as far as that goes, and never written again."""
        if partition.damaged or self._read_only:
            return
        partition.set_aside()
        self._replace(self.partitions)
        log.error("The job cache goes on in a new file; the damaged one is kept as %s: %s", partition.path, reason)

    def refresh(self) -> None:
        """Look at the files again; a store that only reads has no other way to know."""
        partitions = tuple(partitions_in(self.directory))
        if not self._read_only:
            self.partitions = partitions  # of which those go that turn out to be no use
        for partition in partitions:
            self._read(partition)
        if self._read_only:
            self.partitions = partitions
        self.generation += 1

    def unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _open(self) -> None:
        if self._read_only:
            return
        shutil.rmtree(self.incoming, ignore_errors=True)
        self.incoming.mkdir(mode=0o700)
        self.refresh()
        for partition in self.partitions if self.by_seq else ():
            if not partition.damaged:
                index_by_seq(partition)

    def _read(self, partition: Partition) -> None:
        try:
            with closing(open_to_read(partition)) as connection:
                extent = read_extent(connection, partition.path)
        except StoreCorrupt as error:
            self._give_up(partition, error)
        except sqlite3.Error as error:
            if is_damage(error):
                self._give_up(partition, error)
            elif not (self._read_only and not partition.path.exists()):
                raise fault(error, partition.path) from error
        else:
            self._know(partition, extent)

    def _know(self, partition: Partition, extent: Extent | None) -> None:
        if extent is not None:
            partition.extent = extent
        elif not self._read_only:
            self.remove(partition)
            partition.remove()

    def _give_up(self, partition: Partition, error: Exception) -> None:
        partition.extent = Extent(seq=self.seq + _LEAP)
        self.set_aside(partition, error)

    def _replace(self, partitions: tuple[Partition, ...]) -> None:
        self.partitions = partitions
        self.generation += 1


def _locked(directory: Path) -> int:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise fault(error, directory) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.pread(handle, 32, 0).decode("ascii", "replace").strip() or "unknown"
        os.close(handle)
        raise StoreError(
            f"The job cache in {directory} is already written by another process (pid {owner})",
            hint="One master owns a job cache; open it read-only to look at it.",
        ) from None
    os.ftruncate(handle, 0)
    os.pwrite(handle, str(os.getpid()).encode(), 0)
    return handle
