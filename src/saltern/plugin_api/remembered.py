"""Keep what was expensive to read for as long as the files that it came from stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableMapping
from pathlib import Path
from typing import Any, TypeVar

Value = TypeVar("Value")


def remembered(context: MutableMapping[str, Any], key: str, paths: Iterable[str], read: Callable[[], Value]) -> Value:
    """The value kept in a plugin's context under `key`, read again when one of the files has changed.

    Where there is none of the files, nothing tells when it changes: then it is read each time.
    """
    stamp = tuple(_stamp(path) for path in paths)
    kept = context.get(key)
    if kept is not None and kept[0] == stamp and any(stamp):
        value: Value = kept[1]
        return value
    value = read()
    context[key] = (stamp, value)
    return value


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        status = Path(path).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
