"""Files of the system that are read and written again: a reader sees the old content or the new one, never a part."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path


def read_whole(path: str | Path) -> str:
    """The text of a file, empty when there is none; bytes that are not UTF-8 come back when it is written again.

    Raises `OSError`.
    """
    try:
        return Path(path).read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return ""


def write_whole(path: str | Path, content: str | bytes, *, mode: int = 0o644) -> None:
    """Write a file; it is durable when this returns. Raises `OSError`.

    A file that is there keeps its owner, mode and extended attributes, a new one gets `mode` and this process's
    owner. A symbolic link stays one: the file behind it is written.
    """
    place = Path(path).resolve()
    data = content.encode(errors="surrogateescape") if isinstance(content, str) else content
    descriptor, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            _take_after(place, file.fileno(), mode)
            os.fsync(file.fileno())
        part.replace(place)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _take_after(place: Path, descriptor: int, mode: int) -> None:
    try:
        status = place.stat()
    except FileNotFoundError:
        os.fchmod(descriptor, mode)
        return
    if os.geteuid() == 0:
        os.fchown(descriptor, status.st_uid, status.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(status.st_mode))
    # Not every file system has extended attributes.
    with contextlib.suppress(OSError):
        for name in os.listxattr(place):
            os.setxattr(descriptor, name, os.getxattr(place, name))
