"""The folder of an event log's segments: one process at a time, mended at the start after a crash."""

from __future__ import annotations

import fcntl
import itertools
import logging
import os
from pathlib import Path

import msgspec

from saltern.errors import StoreError
from saltern.events import segment

log = logging.getLogger(__name__)

_CRASH_GAP = 1 << 20
"""After a crash the numbers go on so much higher: readers may have seen events that did not reach the disk, and no
number may name two events."""


class Segment(msgspec.Struct):
    """`newest` is the stamp of its last event, or a little later; `size` in bytes."""

    first: int
    path: Path
    size: int
    newest: float


def lock_folder(directory: Path) -> int:
    lock = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise StoreError(f"Another process has the event log in {directory} open.") from error
    return lock


def recover(directory: Path) -> tuple[list[Segment], int]:
    """The segments there are, and the number after which the log goes on."""
    paths = segment.find(directory)
    marker = _take_marker(directory)
    if not paths:
        return [], marker[0] if marker else 0
    last, newest = marker or _mend(paths[-1])
    found = [Segment(segment.first_of(path), path, path.stat().st_size, 0.0) for path in paths]
    for older, younger in itertools.pairwise(found):
        older.newest = _first_stamp(younger.path)
    found[-1].newest = newest
    return found, last


def _mend(path: Path) -> tuple[int, float]:
    """Cut a torn tail off the last segment; the number from which a log that was not closed goes on, and its newest
    stamp."""
    reader = segment.SegmentReader(path)
    last, newest = segment.first_of(path) - 1, 0.0
    for event in reader:
        last, newest = event.seq, event.stamp
    if reader.torn and not segment.goes_on(path, reader.offset, last):
        size = path.stat().st_size
        log.warning("%s ends in a record that is not whole: %d bytes are cut off", path, size - reader.offset)
        os.truncate(path, reader.offset)
    elif reader.damage:
        log.error("%s is damaged at byte %d: %s", path, reader.offset, reader.damage)
    return last + _CRASH_GAP, newest or path.stat().st_mtime


def _first_stamp(path: Path) -> float:
    for event in segment.SegmentReader(path):
        return event.stamp
    return path.stat().st_mtime


def write_marker(directory: Path, last: int, newest: float) -> None:
    """Say that the log was closed in order: last number, newest stamp."""
    marker = os.open(directory / "closed", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(marker, f"{last} {newest!r}\n".encode())
        os.fsync(marker)
    finally:
        os.close(marker)


def _take_marker(directory: Path) -> tuple[int, float] | None:
    """What `write_marker` said, which from now on no longer holds."""
    path = directory / "closed"
    try:
        text = path.read_text()
    except FileNotFoundError:
        return None
    path.unlink()
    sync_files([directory])
    last, _, newest = text.partition(" ")
    try:
        return (int(last), float(newest)) if text.endswith("\n") else None
    except ValueError:
        return None


def append_to(target: Segment, file: int | None, data: bytes) -> None:
    """Append all of `data` or nothing."""
    assert file is not None
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[os.write(file, rest) :]
    except OSError:
        os.ftruncate(file, target.size)
        raise
    target.size += len(data)


def sync_files(paths: list[Path]) -> None:
    for path in paths:
        try:
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue  # Expired meanwhile.
        try:
            os.fsync(file)
        finally:
            os.close(file)


def unlink_files(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
