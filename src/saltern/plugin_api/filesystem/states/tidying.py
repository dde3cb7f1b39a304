"""`file.tidied`, `file.pruned` and `file.retention_schedule`: files that were long enough where they are."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from saltern.plugin_api.errors import CommandExecutionError, SaltInvocationError
from saltern.plugin_api.filesystem import paths, trees
from saltern.plugin_api.filesystem.states.answers import Answer, failed, fine, planned

_SIZES = {"b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_TIMES = {"atime": "st_atime", "mtime": "st_mtime", "ctime": "st_ctime"}
_DAY = 86400


class TidyWish(NamedTuple):
    """Which files go: by age in days, by size, by name."""

    age: Any = 0
    matches: Any = None
    rmdirs: bool = False
    size: Any = 0
    exclude: Any = None
    full_path_match: bool = False
    followlinks: bool = False
    time_comparison: str = "atime"
    operator: str = "OR"
    only: str | None = None
    rmlinks: bool = True


def tidied(name: str, wish: TidyWish, *, test: bool) -> Answer:
    if not os.path.isdir(name):
        return failed(name, f"{name} does not exist or is not a directory.")
    try:
        found = _tidy(name, wish)
    except (ValueError, re.error) as error:
        return failed(name, f"{name} cannot be tidied: {error}")
    if not found:
        return fine(name, f"Nothing to remove from directory {name}")
    if test:
        return planned(name, f"{name} is set for tidy", {"removed": found})
    removed: list[str] = []
    for path in found:
        paths.refuse_root(path)
        try:
            if os.path.isdir(path) and not os.path.islink(path):
                os.rmdir(path)
            else:
                os.unlink(path)
        except OSError as error:
            told = f"Could not remove {path}: {error}"
            return failed(name, told, {"removed": removed} if removed else {})
        removed.append(path)
    told = f"Removed {len(removed)} files or directories from directory {name}"
    return fine(name, told, {"removed": removed})


def pruned(name: str, *, recurse: bool, ignore_errors: bool, older_than: Any, test: bool) -> Answer:
    if not os.path.isdir(name):
        return fine(name, f"Directory {name} is not present")
    if test:
        return planned(name, f"Directory {name} is set for removal", {"deleted": name})
    well, removed, errors = trees.remove_empty(name, recurse=recurse, older_than=older_than)
    if well and not os.path.isdir(name):
        told = f"Recursively removed empty directories under {name}" if recurse else f"Removed directory {name}"
        return fine(name, told, {"deleted": removed if recurse else name})
    if ignore_errors and removed:
        return fine(name, f"Recursively removed empty directories under {name}", {"deleted": removed})
    return failed(name, f"Failed to remove directory {name}", {"deleted": removed, "errors": errors})


def retention(name: str, retain: Any, strptime_format: str | None, zone: tzinfo | None, *, test: bool) -> Answer:
    """Keep the newest files, and the first of each of the last hours, days, weeks, months and years."""
    if not os.path.isdir(name):
        return failed(name, "Name provided to file.retention must be a directory")
    complaint = _unreadable(retain)
    if complaint:
        return failed(name, complaint)
    dated = _dated(name, strptime_format, zone)
    kept = _retained(dated, retain)
    names = [file for _, file in dated]
    goes = [file for file in reversed(names) if file not in kept]
    changes: dict[str, Any] = {}
    if goes:
        changes = {"retained": [file for file in reversed(names) if file in kept], "deleted": goes, "ignored": []}
        changes["ignored"] = sorted({".", "..", *os.listdir(name)} - set(names), reverse=True)
    if test:
        told = f"{len(goes)} backups would have been removed from {name}.\n"
        return planned(name, told, changes) if goes else fine(name, told)
    for file in goes:
        try:
            trees.remove(os.path.join(name, file))
        except CommandExecutionError as error:
            return failed(name, str(error))
    return fine(name, f"{len(goes)} backups were removed from {name}.\n", changes)


_PERIODS = ("first_of_hour", "first_of_day", "first_of_week", "first_of_month", "first_of_year")


def _unreadable(retain: Any) -> str:
    if not isinstance(retain, dict):
        return "retain must be a dictionary"
    unknown = sorted(set(retain) - {"most_recent", *_PERIODS})
    return f"Unknown retention: {', '.join(map(str, unknown))}" if unknown else ""


def _dated(name: str, strptime_format: str | None, zone: tzinfo | None) -> list[tuple[datetime, str]]:
    """The files that a schedule is about with their times, the newest first."""
    found = []
    for file in os.listdir(name):
        if strptime_format:
            try:
                moment = datetime.strptime(file, strptime_format).replace(tzinfo=zone)
            except ValueError:
                continue
        else:
            moment = datetime.fromtimestamp(os.stat(os.path.join(name, file)).st_mtime, zone)
        found.append((moment, file))
    return sorted(found, reverse=True)


def _retained(dated: list[tuple[datetime, str]], retain: dict[str, Any]) -> set[str]:
    """The files to keep; the periods are counted without the most recent ones, which are kept anyway."""
    recent = _count(retain.get("most_recent", 0), dated)
    kept = {file for _, file in dated[:recent]}
    for period in _PERIODS:
        if period in retain:
            kept |= set(_firsts(dated[recent:], period)[: _count(retain[period], dated)])
    return kept


def _count(number: Any, dated: list[tuple[datetime, str]]) -> int:
    return len(dated) if number == "all" else int(number)


def _firsts(dated: list[tuple[datetime, str]], period: str) -> list[str]:
    """The first file of each hour, day, week, month or year, the newest period first."""
    first: dict[Any, str] = {}
    for moment, file in dated:
        first[_begin(moment, period)] = file
    return list(first.values())


def _begin(moment: datetime, period: str) -> Any:
    if period == "first_of_hour":
        return moment.year, moment.month, moment.day, moment.hour
    if period == "first_of_day":
        return moment.date()
    if period == "first_of_week":
        return (moment - timedelta(days=moment.weekday())).date()
    return (moment.year, moment.month) if period == "first_of_month" else moment.year


def _tidy(root: str, wish: TidyWish) -> list[str]:
    """What goes, what lies deepest first; a directory goes with all that is in it."""
    found: list[str] = []
    goes: set[str] = set()
    for directory, names, files in os.walk(root, topdown=False, followlinks=wish.followlinks):
        links = [name for name in names if os.path.islink(os.path.join(directory, name))]
        for name in [*files, *links]:
            path = os.path.join(directory, name)
            if _goes(path, name, wish):
                found.append(path)
                goes.add(path)
        for name in names if wish.rmdirs else ():
            path = os.path.join(directory, name)
            inside = [] if name in links else os.listdir(path)
            if name not in links and _goes(path, name, wish) and all(os.path.join(path, one) in goes for one in inside):
                found.append(path)
                goes.add(path)
    return found


def _goes(path: str, name: str, wish: TidyWish) -> bool:
    if os.path.islink(path) and not wish.rmlinks:
        return False
    text = path if wish.full_path_match else name
    if not _matches(text, wish.matches if wish.matches is not None else [".*"]):
        return False
    if wish.exclude and _matches(text, wish.exclude):
        return False
    if os.path.isdir(path) and not os.path.islink(path):
        return True
    return _old_or_large(path, wish)


def _old_or_large(path: str, wish: TidyWish) -> bool:
    status = os.lstat(path) if os.path.islink(path) else os.stat(path)
    if wish.time_comparison not in _TIMES:
        raise ValueError(f"time_comparison must be one of {', '.join(_TIMES)}")
    days = int(wish.age)
    age = time.time() - getattr(status, _TIMES[wish.time_comparison])
    old = age >= days * _DAY if days >= 0 else age <= -days * _DAY
    size = _bytes(wish.size)
    large = status.st_size >= size if size >= 0 else status.st_size <= -size
    if wish.only:
        return old if wish.only.lower() == "age" else large
    return (old and large) if wish.operator.upper() == "AND" else (old or large)


def _matches(text: str, patterns: Iterable[Any]) -> bool:
    return any(re.match(str(pattern), text) for pattern in ([patterns] if isinstance(patterns, str) else patterns))


def _bytes(size: Any) -> int:
    match = re.fullmatch(r"\s*(-?\d+)\s*([bkmgt]?)\s*", str(size).lower())
    if not match:
        raise ValueError(f"invalid size: {size!r}")
    return int(match[1]) * _SIZES[match[2] or "b"]


def zone_of(name: str | None) -> tzinfo | None:
    """A time zone by name; None is the local one."""
    if not name:
        return None
    import zoneinfo

    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
        raise SaltInvocationError(f"Unknown time zone '{name}'") from error
