"""What the system says of a file: mode, owner, times, kind."""

from __future__ import annotations

import os
import stat
from typing import Any

from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.filesystem import digests, owners

_KINDS = (
    (stat.S_ISDIR, "dir"),
    (stat.S_ISCHR, "char"),
    (stat.S_ISBLK, "block"),
    (stat.S_ISREG, "file"),
    (stat.S_ISLNK, "link"),
    (stat.S_ISFIFO, "pipe"),
    (stat.S_ISSOCK, "socket"),
)
_LSTAT = ("st_atime", "st_ctime", "st_gid", "st_mode", "st_mtime", "st_nlink", "st_size", "st_uid")
_STATVFS = (
    "f_bavail",
    "f_bfree",
    "f_blocks",
    "f_bsize",
    "f_favail",
    "f_ffree",
    "f_files",
    "f_flag",
    "f_frsize",
    "f_namemax",
)


def look(path: str, *, follow: bool = True) -> os.stat_result:
    """The status of a file; of the link itself where it leads nowhere."""
    try:
        return os.stat(path) if follow and os.path.exists(path) else os.lstat(path)
    except OSError as error:
        raise CommandExecutionError(f"Path not found: {path}") from error


def mode_text(mode: int) -> str:
    """The permissions of a mode as four octal digits."""
    return f"{stat.S_IMODE(mode):04o}"


def normal_mode(mode: Any) -> Any:
    """A mode as users write it (`644`, `'0644'`, `0o644`) as four digits; None stays None."""
    if mode is None:
        return None
    return str(mode).replace("0o", "0").strip("\"'").lstrip("0").zfill(4)


def mode_of(path: str, *, follow: bool = True) -> str:
    return mode_text(look(path, follow=follow).st_mode)


def set_mode(path: str, mode: Any) -> str:
    """Set the permissions of a file: the new ones are the answer, or a text that begins with `Invalid Mode`."""
    digits = str(mode).lstrip("0Oo") or "0"
    if not os.path.exists(path):
        raise CommandExecutionError(f"{path}: File not found")
    try:
        os.chmod(path, int(digits, 8))
    except (ValueError, OverflowError, OSError):
        return f"Invalid Mode {digits}"
    return mode_of(path)


def describe(path: str, hash_type: str | None = None, *, follow: bool = True) -> dict[str, Any]:
    """What `file.stats` tells."""
    status = look(path, follow=follow)
    told: dict[str, Any] = {
        "inode": status.st_ino,
        "uid": status.st_uid,
        "gid": status.st_gid,
        "group": owners.group_of(status.st_gid),
        "user": owners.user_of(status.st_uid),
        "atime": status.st_atime,
        "mtime": status.st_mtime,
        "ctime": status.st_ctime,
        "size": status.st_size,
        "mode": mode_text(status.st_mode),
    }
    if hash_type:
        told["sum"] = digests.of_file(path, hash_type)
    told["type"] = next((name for is_kind, name in _KINDS if is_kind(status.st_mode)), "")
    told["target"] = os.path.realpath(path) if follow else path
    return told


def lstat_fields(path: str) -> dict[str, Any]:
    """Salt's selection of the fields of `lstat`; empty for a file that is not there."""
    try:
        status = os.lstat(path)
    except OSError:
        return {}
    return {name: getattr(status, name) for name in _LSTAT}


def statvfs_fields(path: str) -> dict[str, int]:
    """What is known of the file system that a path lies on."""
    try:
        status = os.statvfs(path)
    except OSError as error:
        raise CommandExecutionError(f"Could not statvfs '{path}'") from error
    return {name: getattr(status, name) for name in _STATVFS}


def disk_usage(path: str) -> int:
    """The bytes of a file, or of all files below a directory; files with several names count once."""
    if os.path.isfile(path):
        return os.stat(path).st_size
    total, seen = 0, set()
    for directory, _, files in os.walk(path):
        for name in files:
            try:
                status = os.stat(os.path.join(directory, name))
            except OSError:
                continue
            if (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                total += status.st_size
    return total
