"""What a failure of SQLite or of the file system means, as an error that names the file."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from pathlib import Path

from saltern.errors import StoreCorrupt, StoreError, StoreFull

_NO_SPACE = 1 << 20
"""Bytes: a disk with less than this is full, whatever name SQLite finds for the failure (it cannot extend a file)."""


def fault(error: sqlite3.Error | OSError, path: Path) -> StoreError:
    """The error of ours that `error`, met while working on the file or directory `path`, amounts to."""
    folder = path if path.is_dir() else path.parent
    if _is_full(error, folder):
        return StoreFull(
            f"No space is left for the job cache in {folder}", hint="Free space there, or lower keep_jobs_seconds."
        )
    if is_damage(error):
        return StoreCorrupt(f"The job cache file {path} is damaged: {error}")
    return StoreError(f"The job cache file {path} cannot be used: {error}")


def is_damage(error: Exception) -> bool:
    return _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_absent(error: sqlite3.Error) -> bool:
    """True when the file could not be opened, as happens to a reader when its partition is dropped."""
    return _code(error) == sqlite3.SQLITE_CANTOPEN


def _is_full(error: sqlite3.Error | OSError, folder: Path) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    if _code(error) == sqlite3.SQLITE_FULL:
        return True
    cannot_extend = _code(error) in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
    return cannot_extend and folder.is_dir() and shutil.disk_usage(folder).free < _NO_SPACE


def _code(error: Exception) -> int:
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
