"""Paths and files of this host, its programs and users."""

from __future__ import annotations

import codecs
import hashlib
import os
import posixpath
import pwd
import shutil
from typing import Any

from saltern.plugin_api.jinja.filters.text import to_bytes
from saltern.plugin_api.jinja.strictness import needs_value

_PIECE = 1 << 16
_TEXT_BYTES = 512
_CONTROLS = bytes({*range(32)} - {7, 8, 9, 10, 12, 13, 27})
"""Bytes that no text holds."""


def file_hashsum(path: str, hash_type: str = "sha256") -> str:
    if hash_type not in hashlib.algorithms_guaranteed:
        raise ValueError(f"Invalid hash type: {hash_type}")
    with open(path, "rb") as file:
        return hashlib.file_digest(file, hash_type).hexdigest()


def list_files(directory: str) -> list[str]:
    """The directory and all that lies below it, sorted."""
    found = {str(directory)}
    for folder, folders, files in os.walk(directory):
        found.update(os.path.join(folder, name) for name in (*folders, *files))
    return sorted(found)


def path_join(*parts: Any, use_posixpath: bool = False) -> str:
    """One path; a part after the first stays below those before it, even if it begins with a slash."""
    first, *others = [to_bytes(part).decode() for part in parts]
    return posixpath.normpath(posixpath.join(first, *(part.lstrip("/") for part in others)))


def which(program: Any) -> str | None:
    return shutil.which(program) if program else None


def is_text_file(path: Any) -> bool:
    start = _start(path)
    return start is not None and _is_text(start)


def is_bin_file(path: Any) -> bool:
    start = _start(path)
    return start is not None and not _is_text(start)


def _start(path: Any) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read(_TEXT_BYTES)
    except (OSError, TypeError):
        return None


def _is_text(start: bytes) -> bool:
    if b"\0" in start:
        return False
    try:
        # A character may be cut off where the piece ends.
        codecs.getincrementaldecoder("utf-8")().decode(start, final=len(start) < _TEXT_BYTES)
    except UnicodeDecodeError:
        return len(start.translate(None, _CONTROLS)) > 0.7 * len(start)
    return not any(byte in _CONTROLS for byte in start)


@needs_value
def is_empty(path: Any) -> bool:
    try:
        return os.stat(path).st_size == 0
    except OSError:
        return False


def get_uid(user: str | None = None) -> int | None:
    """The number of a user, or of the one who runs this; None when there is no such user."""
    if user is None:
        return os.geteuid()
    try:
        return pwd.getpwnam(user).pw_uid
    except KeyError:
        return None


FILTERS = {
    "file_hashsum": file_hashsum,
    "list_files": list_files,
    "path_join": path_join,
    "which": which,
    "is_text_file": is_text_file,
    "is_bin_file": is_bin_file,
    "is_empty": is_empty,
    "get_uid": get_uid,
}
