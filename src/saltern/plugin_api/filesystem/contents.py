"""Reading and writing what is in a file."""

from __future__ import annotations

import fnmatch
import os
import re
import stat
import tempfile
from typing import Any

from saltern.plugin_api.errors import CommandExecutionError, SaltInvocationError

_PROBE_BYTES = 512


def is_text(path: str) -> bool:
    """Whether the beginning of a file reads as UTF-8 text; whatever cannot be read does not."""
    try:
        with open(path, "rb") as file:
            probe = file.read(_PROBE_BYTES)
    except OSError:
        return False
    return looks_like_text(probe)


def looks_like_text(probe: bytes) -> bool:
    if b"\0" in probe:
        return False
    try:
        probe.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character may be cut in two where the probe ends.
        return (
            len(probe) == _PROBE_BYTES and error.start > _PROBE_BYTES - 4 and error.reason == "unexpected end of data"
        )
    return True


def lines_of(args: tuple[Any, ...], named: Any) -> list[Any]:
    """The lines that a function was given, one by one or as `args=`, which wins."""
    if named is None:
        return list(args)
    return list(named) if isinstance(named, list | tuple) else [named]


def write_lines(path: str, lines: list[Any]) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def append_lines(path: str, lines: list[Any]) -> None:
    """Add lines at the end of a file that is there; its last line is ended first."""
    with open(path, "r+b") as file:
        file.seek(0, os.SEEK_END)
        if file.tell():
            file.seek(-1, os.SEEK_END)
            ended = file.read(1) == b"\n"
            file.write(b"" if ended else b"\n")
        file.write("".join(f"{line}\n" for line in lines).encode())


def prepend_lines(path: str, lines: list[Any]) -> None:
    try:
        with open(path, encoding="utf-8", newline="") as file:
            before = file.read()
    except FileNotFoundError:
        before = ""
    replace_with(path, ("".join(f"{line}\n" for line in lines) + before).encode())


def contains(path: str, text: Any) -> bool:
    with open(path, encoding="utf-8", errors="replace") as file:
        return str(text).strip() in file.read()


def matches_regex(path: str, regex: str, lchar: str = "") -> bool:
    """Whether a line matches a regular expression; `lchar` are characters to drop at a line's start."""
    pattern = re.compile(regex)
    with open(path, encoding="utf-8", errors="replace") as lines:
        return any(pattern.search(line.lstrip(lchar) if lchar else line) for line in lines)


def matches_glob(path: str, pattern: str) -> bool:
    """Whether a glob fits the whole content, as in Salt: `*text*` asks for a part of it."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return fnmatch.fnmatch(file.read(), pattern)


def touch(path: str, atime: Any = None, mtime: Any = None) -> bool:
    """Make a file if it is not there, and set its times; a time that is not given is now."""
    try:
        times = [None if time in (None, "") else int(time) for time in (atime, mtime)]
    except (TypeError, ValueError) as error:
        raise SaltInvocationError("atime and mtime must be integers") from error
    try:
        with open(path, "ab") if not os.path.exists(path) else open(os.devnull, "rb"):
            _set_times(path, *times)
    except OSError as error:
        raise CommandExecutionError(error.strerror or str(error)) from error
    return os.path.exists(path)


def replace_with(path: str, data: bytes) -> None:
    """Put new contents in place of a file's, whole or not at all; its mode, owner and links to it stay."""
    target = os.path.realpath(path)
    try:
        before: os.stat_result | None = os.stat(target)
    except FileNotFoundError:
        before = None
    handle, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(target)}.", dir=os.path.dirname(target) or ".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            if before is not None:
                os.fchown(file.fileno(), before.st_uid, before.st_gid)
            os.fchmod(file.fileno(), stat.S_IMODE(before.st_mode) if before else 0o666 & ~umask())
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def overwrite(path: str, data: bytes) -> None:
    """Write new contents into the file that is there, so that its inode, and further names of it, stay."""
    with open(path, "r+b") as file:
        file.write(data)
        file.truncate()


def umask() -> int:
    """The mode bits that new files do not get."""
    before = os.umask(0)
    os.umask(before)
    return before


def _set_times(path: str, atime: int | None, mtime: int | None) -> None:
    if atime is None and mtime is None:
        os.utime(path)
        return
    import time

    now = time.time()
    os.utime(path, (now if atime is None else atime, now if mtime is None else mtime))
