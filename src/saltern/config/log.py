"""Sets up a daemon's log: levels by Salt's names, a console, a file or a syslog (CFG-07)."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path

LEVELS: Mapping[str, int] = {
    "all": 0,
    "garbage": 1,
    "trace": 5,
    "debug": 10,
    "profile": 15,
    "info": 20,
    "warning": 30,
    "error": 40,
    "critical": 50,
    "quiet": 1000,
}
"""Numbers of the levels; Python's logging lacks garbage, trace, profile and quiet."""
_MODE = 0o640


def log_to_console(level: str, fmt: str, datefmt: str) -> logging.Handler:
    """Messages of at least `level` go to standard error."""
    return _added(logging.StreamHandler(), level, fmt, datefmt)


def log_to_file(
    target: str, level: str, fmt: str, datefmt: str, *, max_bytes: int = 0, backups: int = 0
) -> logging.Handler:
    """Messages of at least `level` go to a file (mode 0640), or to the syslog that a URL names.

    With `max_bytes` the file is rotated at that size and `backups` old ones are kept; without, another program may
    move it away, and it is opened anew. `OSError` when it cannot be opened.
    """
    handler = _syslog(target) if "://" in target else _file(Path(target), max_bytes, backups)
    return _added(handler, level, fmt, datefmt)


def set_levels(levels: Mapping[str, str]) -> None:
    """Give single loggers levels of their own (`log_granular_levels`)."""
    for logger, level in levels.items():
        logging.getLogger(logger).setLevel(_number(level))


def _number(level: str) -> int:
    # To Python's logging 0 means "as the parent"; 1 lets everything through.
    return max(LEVELS[level], 1)


def _added(handler: logging.Handler, level: str, fmt: str, datefmt: str) -> logging.Handler:
    for name in ("garbage", "trace", "profile", "quiet"):
        logging.addLevelName(LEVELS[name], name.upper())
    handler.setLevel(_number(level))
    handler.setFormatter(logging.Formatter(fmt, datefmt))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(min(known.level for known in root.handlers if known.level))
    return handler


def _file(path: Path, max_bytes: int, backups: int) -> logging.Handler:
    from logging.handlers import RotatingFileHandler, WatchedFileHandler

    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, _MODE))
    if max_bytes:
        return RotatingFileHandler(path, maxBytes=max_bytes, backupCount=backups, encoding="utf-8")
    return WatchedFileHandler(path, encoding="utf-8")


def _syslog(url: str) -> logging.Handler:
    """`udp://HOST:PORT/FACILITY`, `tcp://…` or `file:///dev/log/FACILITY`; port and facility may be left out."""
    import socket
    from logging.handlers import SysLogHandler
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    place, _, word = parts.path.rpartition("/")
    facility = SysLogHandler.facility_names.get(word.removeprefix("LOG_").lower())
    chosen = SysLogHandler.LOG_USER if facility is None else facility
    if parts.scheme == "file":
        return SysLogHandler(parts.path if facility is None else place, chosen)
    kind = socket.SOCK_STREAM if parts.scheme == "tcp" else socket.SOCK_DGRAM
    return SysLogHandler((parts.hostname or "localhost", parts.port or 514), chosen, kind)
