"""Partitions that take no more jobs are sealed: they get the index by which one minion's history is found.

An entry in it for each outcome of a new job would be a page to write for each minion. Made in one go it costs a moment,
in a thread beside the writer.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
from collections.abc import Iterable
from contextlib import closing

from saltern.jobs.backends.sqlite.partition import Partition, has_minion_index, index_by_minion, open_to_write

log = logging.getLogger(__name__)

UNSEALED = 2
"""So many of the newest partitions are left alone: jobs of the last but one may still be under way."""


class Sealer:
    """A thread with a queue of partitions. `seal` and `leave` are for the writer's thread."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Partition | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._working = threading.Lock()
        self._current: tuple[Partition, sqlite3.Connection] | None = None
        self._left: set[int] = set()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="saltern-jobs-sealer", daemon=True)
        self._thread.start()

    def seal(self, partitions: Iterable[Partition]) -> None:
        """Seal these when there is time for it, those that are not yet."""
        for partition in partitions:
            if not partition.damaged:
                self._queue.put(partition)

    def leave(self, partition: Partition) -> None:
        """When this returns the files of a partition are free, and stay so."""
        with self._lock:
            self._left.add(partition.number)
            if self._current is not None and self._current[0] is partition:
                self._current[1].interrupt()
        with self._working:
            pass

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            if self._current is not None:
                self._current[1].interrupt()
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (partition := self._queue.get()) is not None and not self._stopped:
            with self._working:
                if partition.number not in self._left:
                    self._seal(partition)

    def _seal(self, partition: Partition) -> None:
        try:
            with closing(open_to_write(partition)) as connection:
                self._index(partition, connection)
        except sqlite3.Error as error:
            # Without the index questions are answered more slowly, and a damaged file is met by who reads or writes it.
            if not self._stopped and partition.number not in self._left:
                log.warning("%s is not sealed: %s", partition.path, error)

    def _index(self, partition: Partition, connection: sqlite3.Connection) -> None:
        with self._lock:
            if self._stopped or partition.number in self._left:
                return
            self._current = (partition, connection)
        try:
            if not has_minion_index(connection):
                index_by_minion(connection)
        finally:
            with self._lock:
                self._current = None
