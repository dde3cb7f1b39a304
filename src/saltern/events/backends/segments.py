"""The event log in files: append-only segments, dropped whole when they are old.

What was appended in a turn of the event loop is written at its end in one go, and then survives the end of the process;
`sync` makes it survive the end of the machine.
"""

from __future__ import annotations

import asyncio
import bisect
import errno
import logging
import os
from collections.abc import Sequence
from pathlib import Path

from saltern.errors import ArgumentError, StoreError, StoreFull
from saltern.events import segment
from saltern.events.segment_folder import (
    Segment,
    append_to,
    lock_folder,
    recover,
    sync_files,
    unlink_files,
    write_marker,
)  # fmt: skip
from saltern.events.segment_page import read_page
from saltern.events.window import Arrivals, Window
from saltern.model.event import Event

log = logging.getLogger(__name__)

_BATCH = 256 << 10
"""Bytes that are written at once, without waiting for the end of the turn."""
_MAX_UNWRITTEN = 16 << 20
"""Bytes that wait in memory when the disk takes nothing; then the log is full."""
_RETRY = 1.0
_MARKS = 64


class SegmentEventLog:
    """Opens, and if need be mends, the log in `directory`; `StoreError` when another process has it open.

    `segment_bytes` is the size at which a new file begins, `window_bytes` what is kept in memory of the newest events.
    """

    def __init__(self, directory: Path, *, segment_bytes: int = 16 << 20, window_bytes: int = 16 << 20) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory = directory
        self._segment_bytes = segment_bytes
        self._window_bytes = window_bytes
        self._lock = lock_folder(directory)
        try:
            self._segments, last = recover(directory)
        except BaseException:
            os.close(self._lock)
            raise
        self._window = Window(last)
        self._arrivals = Arrivals()
        self._file: int | None = None
        self._buffer: list[bytes] = []
        self._buffered = 0
        self._scheduled = False
        self._written = self._durable = last
        self._unsynced: dict[Path, None] = {}
        self._syncing: asyncio.Future[None] | None = None
        self._failure: StoreError | None = None
        self._marks: dict[int, tuple[Path, int]] = {}
        self._known_damage: set[Path] = set()
        self._closed = False

    # --- contract.EventLog --------------------------------------------------------------------------------------

    def append(self, tag: str, data: bytes, stamp: float) -> int:
        self._check_open()
        if self._failure is not None and self._buffered > _MAX_UNWRITTEN:
            raise StoreFull(f"The event log takes no more events: {self._failure.message}")
        encoded = tag.encode()
        if len(encoded) > segment.MAX_TAG_BYTES or len(data) > segment.MAX_PAYLOAD // 2:
            raise ArgumentError(f"An event of {len(data)} bytes is too large for the event log.")
        event = self._window.add(tag, data, stamp)
        record = segment.pack(event, encoded)
        self._buffer.append(record)
        self._buffered += len(record)
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._flush_scheduled)
        elif self._buffered >= _BATCH and self._failure is None:
            self._flush()
        self._arrivals.tell()
        return event.seq

    async def sync(self) -> None:
        self._check_open()
        self._flush()
        if self._failure is not None:
            raise type(self._failure)(self._failure.message)
        target = self._written
        while self._durable < target:
            if self._syncing is None:
                # Those who come while it runs wait for the next one, all for the same.
                self._syncing = asyncio.ensure_future(self._make_durable())
            await asyncio.shield(self._syncing)

    async def read(self, after: int, limit: int = 1000, prefix: str = "") -> Sequence[Event]:
        self._check_open()
        found: list[Event] = []
        end = self._window.last
        while after < end and len(found) < limit:
            if after + 1 >= self._window.first or not self._segments:
                events, after = self._window.after(after, limit - len(found), prefix)
            else:
                events, after = await self._read_files(after, limit - len(found), prefix)
            found += events
        return found

    async def wait(self, after: int) -> None:
        while self._window.last <= after:
            await self._arrivals.next()

    def last(self) -> int:
        return self._window.last

    async def expire(self, keep_seconds: float, keep_bytes: int, now: float) -> int:
        self._check_open()
        self._flush()
        dropped = self._too_old(now - keep_seconds) if keep_seconds else 0
        if keep_bytes:
            dropped = max(dropped, self._too_much(keep_bytes))
        gone, self._segments = self._segments[:dropped], self._segments[dropped:]
        if gone and not self._segments:
            self._close_file()
        self._window.drop_before(self._segments[0].first if self._segments else self._written + 1)
        for old in gone:
            self._unsynced.pop(old.path, None)
        await asyncio.get_running_loop().run_in_executor(None, unlink_files, [old.path for old in gone])
        return len(gone)

    async def close(self) -> None:
        if self._closed:
            return
        try:
            await self.sync()
            newest = self._segments[-1].newest if self._segments else 0.0
            write_marker(self._directory, self._written, newest)
        finally:
            self._closed = True
            self._close_file()
            self._arrivals.close()
            os.close(self._lock)

    # --- writing ------------------------------------------------------------------------------------------------

    def _flush_scheduled(self) -> None:
        self._scheduled = False
        if not self._closed:
            self._flush()

    def _flush(self) -> None:
        if not self._buffer:
            return
        try:
            current = self._current()
            append_to(current, self._file, b"".join(self._buffer))
        except OSError as error:
            self._failed(error)
            return
        if self._failure is not None:
            log.warning("the event log takes events again")
            self._failure = None
        self._buffer.clear()
        self._buffered = 0
        self._written = self._window.last
        current.newest = self._window.newest
        self._unsynced[current.path] = None
        if self._window.size > self._window_bytes:
            # To nine tenths, so that not every batch pays for the trimming.
            self._window.trim(self._window_bytes * 9 // 10, keep=self._written)

    def _current(self) -> Segment:
        """The segment to write to, a new one when the last is full or of an earlier process."""
        if self._file is None or self._segments[-1].size >= self._segment_bytes:
            self._close_file()
            path = segment.path_of(self._directory, self._written + 1)
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
            if not self._segments or self._segments[-1].path != path:
                self._segments.append(Segment(self._written + 1, path, 0, 0.0))
            self._begin_file()
            self._unsynced[self._directory] = None
        return self._segments[-1]

    def _begin_file(self) -> None:
        try:
            append_to(self._segments[-1], self._file, segment.MAGIC)
        except OSError:
            self._close_file()
            raise

    def _failed(self, error: OSError) -> None:
        kind = StoreFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else StoreError
        if self._failure is None:
            log.error("events cannot be written to %s: %s", self._directory, error)
        self._failure = kind(f"Events cannot be written to {self._directory}: {error.strerror}.")
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_later(_RETRY, self._flush_scheduled)

    async def _make_durable(self) -> None:
        target, paths = self._written, list(self._unsynced)
        self._unsynced.clear()
        try:
            await asyncio.get_running_loop().run_in_executor(None, sync_files, paths)
            self._durable = max(self._durable, target)
        except OSError as error:
            self._unsynced.update(dict.fromkeys(paths))
            raise StoreError(f"Events cannot be made durable in {self._directory}: {error.strerror}.") from error
        finally:
            self._syncing = None

    def _close_file(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    # --- reading ------------------------------------------------------------------------------------------------

    async def _read_files(self, after: int, limit: int, prefix: str) -> tuple[list[Event], int]:
        start = max(bisect.bisect_right(self._segments, after + 1, key=lambda old: old.first) - 1, 0)
        paths = [old.path for old in self._segments[start:]]
        upto = min(self._window.first - 1, self._written)
        page = await asyncio.get_running_loop().run_in_executor(
            None, read_page, paths, self._marks.get(after), after, upto, limit, prefix
        )
        self._report(page.damaged)
        if page.path is not None:
            while len(self._marks) >= _MARKS:
                del self._marks[next(iter(self._marks))]
            self._marks[page.scanned] = (page.path, page.offset)
        return page.events, page.scanned

    def _report(self, damaged: list[tuple[Path, int, str]]) -> None:
        for path, offset, damage in damaged:
            if path not in self._known_damage:
                self._known_damage.add(path)
                log.error("%s is damaged at byte %d: %s; the rest of this file is skipped", path, offset, damage)

    # --- expiry -------------------------------------------------------------------------------------------------

    def _too_old(self, stamp: float) -> int:
        """How many segments, from the oldest, hold nothing younger."""
        for index, old in enumerate(self._segments):
            if old.newest >= stamp:
                return index
        return len(self._segments)

    def _too_much(self, size: int) -> int:
        """How many segments to drop so that the others take `size` bytes; the one that is written to stays."""
        total, count = sum(old.size for old in self._segments), 0
        while total > size and count < len(self._segments) - 1:
            total -= self._segments[count].size
            count += 1
        return count

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError("The event log is closed.")
