"""Writing a file of the system so that a reader sees the old content or the new one, never a part."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path


def write_whole(path: str | Path, content: str | bytes, *, mode: int = 0o644) -> None:
    """Write a file; it is durable when this returns. Raises `OSError`.

    A file that is there keeps its owner, mode and extended attributes, a new one gets `mode` and this process's
    owner. A symbolic link stays one: the file behind it is written.
    """
    place = Path(path).resolve()
    data = content.encode() if isinstance(content, str) else content
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
