"""Files."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import re
import shutil
import stat
import tempfile
import urllib.parse
from collections.abc import Iterator
from typing import IO, Any

from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.jinja.filters.files import is_bin_file as is_binary
from saltern.plugin_api.jinja.filters.files import is_empty, list_files
from saltern.plugin_api.jinja.filters.files import is_text_file as is_text
from saltern.plugin_api.whole_file import write_whole

__all__ = [
    "copyfile", "flopen", "fopen", "fpopen", "get_umask", "human_size_to_bytes", "is_binary", "is_empty", "is_text",
    "list_files", "mkstemp", "normalize_mode", "process_read_exception", "recursive_copy", "remove", "rename", "rm_rf",
    "safe_filename_leaf", "safe_filepath", "safe_rm", "safe_walk", "set_umask", "st_mode_to_octal",
]  # fmt: skip

_log = logging.getLogger(__name__)


def fopen(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> IO[Any]:
    """As `open`: text is UTF-8, and programs that are started do not inherit the file."""
    if "b" not in mode and not args:
        kwargs.setdefault("encoding", "utf-8")
    return open(file, mode, *args, **kwargs)


@contextlib.contextmanager
def flopen(*args: Any, **kwargs: Any) -> Iterator[IO[Any]]:
    """As `fopen`, with the file locked for others while the block runs."""
    import fcntl

    with fopen(*args, **kwargs) as file:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX)
        try:
            yield file
        finally:
            fcntl.flock(file.fileno(), fcntl.LOCK_UN)


@contextlib.contextmanager
def fpopen(*args: Any, **kwargs: Any) -> Iterator[IO[Any]]:
    """As `fopen`; `uid`, `gid` and `mode` are given to the file."""
    uid, gid, mode = (kwargs.pop(name, None) for name in ("uid", "gid", "mode"))
    with fopen(*args, **kwargs) as file:
        if uid is not None or gid is not None:
            os.chown(file.name, -1 if uid is None else uid, -1 if gid is None else gid)
        if mode is not None:
            os.chmod(file.name, mode)
        yield file


def mkstemp(*args: Any, **kwargs: Any) -> str | tuple[int, str]:
    """The path of a new temporary file; with `close_fd=False` its descriptor too."""
    close_fd = kwargs.pop("close_fd", True)
    kwargs.setdefault("prefix", "__salt.tmp.")
    descriptor, path = tempfile.mkstemp(*args, **kwargs)
    if not close_fd:
        return descriptor, str(path)
    os.close(descriptor)
    return str(path)


def copyfile(source: str, dest: str, backup_mode: str = "", cachedir: str = "") -> None:
    """Copy a file so that the other is always whole; its owner and permissions stay."""
    if not os.path.isfile(source):
        raise OSError(f"[Errno 2] No such file or directory: {source}")
    if not os.path.isdir(os.path.dirname(os.path.abspath(dest))):
        raise OSError(f"[Errno 2] No such file or directory: {dest}")
    with open(source, "rb") as file:
        write_whole(dest, file.read())


def recursive_copy(source: str, dest: str) -> None:
    """Copy a directory into another, over what is there."""
    shutil.copytree(source, dest, dirs_exist_ok=True)


def rename(src: str, dst: str) -> None:
    """Rename, over a file that is there."""
    os.replace(src, dst)


def remove(path: str) -> None:
    """Remove a file, if it is there."""
    with contextlib.suppress(FileNotFoundError):
        os.remove(path)


def rm_rf(path: str) -> None:
    """Remove a file or a directory with all that is in it; never the root."""
    if os.path.realpath(path) == "/":
        raise CommandExecutionError("the root directory is not removed")
    if os.path.islink(path) or not os.path.isdir(path):
        os.remove(path)
    else:
        shutil.rmtree(path)


def safe_rm(tgt: str) -> None:
    """Remove a file, and log what keeps it from going."""
    try:
        remove(tgt)
    except OSError as error:
        _log.warning("%s cannot be removed: %s", tgt, error.strerror)


def safe_walk(
    top: str, topdown: bool = True, onerror: Any = None, followlinks: bool = True, _seen: Any = None
) -> Iterator[tuple[str, list[str], list[str]]]:
    """As `os.walk`, through links too, and no directory twice."""
    seen: set[str] = set()
    for folder, directories, files in os.walk(top, topdown, onerror, followlinks):
        place = os.path.realpath(folder)
        if place in seen:
            directories.clear()
            continue
        seen.add(place)
        yield folder, directories, files


def human_size_to_bytes(human_size: Any) -> int:
    """The bytes of a size such as `64K` (units of 1024)."""
    found = re.fullmatch(r"(\d+)([KMGTP]?)", str(human_size))
    if found is None:
        raise ValueError("Size must be all digits, with an optional unit type (K, M, G, T, or P)")
    size = int(found[1])
    for _ in range("KMGTP".index(found[2]) + 1 if found[2] else 0):
        size *= 1024
    return size


@contextlib.contextmanager
def set_umask(mask: int | None) -> Iterator[None]:
    """Let the block run with another umask; None changes nothing."""
    before = os.umask(mask) if mask is not None else None
    try:
        yield
    finally:
        if before is not None:
            os.umask(before)


def get_umask() -> int:
    before = os.umask(0)
    os.umask(before)
    return before


def normalize_mode(mode: Any) -> str | None:
    """A mode as four octal digits; None for None."""
    if mode is None:
        return None
    text = str(mode).replace("0o", "0") if "0o" in str(mode) else str(mode)
    return text.strip("\"'").lstrip("0").zfill(4)


def st_mode_to_octal(mode: int) -> str:
    return f"{stat.S_IMODE(mode):04o}"


def safe_filepath(file_path_name: str, dir_sep: str | None = None) -> str:
    """The path with the characters of each part quoted that file names should not have."""
    return "/".join(safe_filename_leaf(part) for part in file_path_name.split(dir_sep or os.sep))


def safe_filename_leaf(file_basename: str) -> str:
    return re.sub(r"[\\:/*?\"<>|]", lambda found: urllib.parse.quote(found[0], safe=""), file_basename)


def process_read_exception(exc: OSError, path: str, ignore: Any = None) -> None:
    """Say what keeps a file from being read, as a `CommandExecutionError`, unless its number is to be ignored."""
    if ignore is not None and exc.errno in (ignore if isinstance(ignore, list | tuple | set) else [ignore]):
        return
    if exc.errno == errno.ENOENT:
        raise CommandExecutionError(f"{path} does not exist")
    if exc.errno == errno.EACCES:
        raise CommandExecutionError(f"Permission denied reading from {path}")
    raise CommandExecutionError(f"Error {exc.errno} encountered reading from {path}: {exc.strerror}")
