"""Small files that are either the old or the new one, and readable by their owner only."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

from saltern.errors import StoreError, StoreFull

_UNFINISHED = ".new-"
_GIVEN_UP_AFTER = 60.0


def make_private_directory(path: Path) -> None:
    """Make a directory (0700) where there is none; one that exists keeps the mode its owner gave it."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _store_error(path, error) from error


def replace_file(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Put a file in place of whatever was at `path`; `StoreError` names the path.

    `durable`: it is on the disk when this returns. Without it a power cut may leave an empty file, a kill may not.
    """
    unfinished = path.with_name(_UNFINISHED + os.urandom(8).hex())
    try:
        _write(unfinished, data, durable=durable)
        unfinished.replace(path)
        if durable:
            _sync_directory(path.parent)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise _store_error(path, error) from error


def create_file(path: Path, data: bytes) -> bool:
    """Make a file that must not exist yet; False when there is one, also when another process was just faster."""
    unfinished = path.with_name(_UNFINISHED + os.urandom(8).hex())
    try:
        _write(unfinished, data, durable=True)
        # A rename would replace the key that another process made meanwhile; a link never does.
        path.hardlink_to(unfinished)
        _sync_directory(path.parent)
    except FileExistsError:
        return False
    except OSError as error:
        raise _store_error(path, error) from error
    finally:
        unfinished.unlink(missing_ok=True)
    return True


def sweep(directory: Path) -> None:
    """Remove what a killed process left unfinished here, leaving alone what may still be in the making."""
    for path in directory.glob(_UNFINISHED + "*"):
        try:
            if time.time() - path.stat().st_mtime > _GIVEN_UP_AFTER:
                path.unlink()
        except FileNotFoundError:
            continue


def read_text(path: Path) -> str | None:
    """The text of a file, or None where there is none; `StoreError` when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{path} cannot be read: {error}") from error


def _write(path: Path, data: bytes, *, durable: bool) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        if durable:
            file.flush()
            os.fsync(file.fileno())


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _store_error(path: Path, error: OSError) -> StoreError:
    kind = StoreFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else StoreError
    return kind(f"{path} cannot be written: {error.strerror or error}")
