"""Makes a directory of this host equal to a directory in the master's file tree (behaviours FS-03 and LDR-08).

What has to be asked is decided by one generator that does no input or output with the master itself: it yields
questions and is sent the answers, so that a child with a pipe and the resident process with a link share it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Awaitable, Callable, Generator, Iterator
from pathlib import Path
from typing import Any

from saltern.errors import ProtocolError
from saltern.files.paths import is_inside

Question = tuple[str, dict[str, Any]]
"""A verb of `files.serve` and its arguments."""
_Asking = Generator[Question, Any, list[str]]
_ATTEMPTS = 3
_HASHES_AT_ONCE = 1000


def sync_directory(
    request: Callable[[str, dict[str, Any]], Any], saltenv: str, prefix: str, destination: Path, *, clean: bool = True
) -> list[str]:
    """Fetch what differs below `prefix` (`_modules`) into `destination`; with `clean` remove what vanished.

    The changed names, fetched and removed, relative to the prefix and sorted. `ProtocolError` when the master names a
    path outside or a file changes whenever it is read; what was there before is then still whole.
    """
    asking = synchronise(saltenv, prefix, destination, clean=clean)
    try:
        question = next(asking)
        while True:
            question = asking.send(request(*question))
    except StopIteration as end:
        return list(end.value)


async def sync_directory_async(
    request: Callable[[str, dict[str, Any]], Awaitable[Any]],
    saltenv: str,
    prefix: str,
    destination: Path,
    *,
    clean: bool = True,
) -> list[str]:
    """The same over an asynchronous `request`."""
    asking = synchronise(saltenv, prefix, destination, clean=clean)
    try:
        question = next(asking)
        while True:
            question = asking.send(await request(*question))
    except StopIteration as end:
        return list(end.value)


def synchronise(saltenv: str, prefix: str, destination: Path, *, clean: bool = True) -> _Asking:
    """Yields the questions to ask, is sent their answers, and returns the changed names."""
    start = prefix.rstrip("/") + "/"
    paths = _checked((yield "file_list", {"saltenv": saltenv, "prefix": prefix}), start)
    changed: list[str] = []
    for group in _groups(paths):
        digests = yield "file_hash", {"saltenv": saltenv, "paths": group}
        for path in group:
            target = destination / path[len(start) :]
            if path in digests and digests[path] != _digest_of(target):
                yield from _fetch(saltenv, path, digests[path], target)
                changed.append(path[len(start) :])
    if clean:
        changed += _remove_others(destination, {path[len(start) :] for path in paths})
    return sorted(changed)


def _checked(paths: Any, start: str) -> list[str]:
    for path in paths:
        if not isinstance(path, str) or not path.startswith(start) or not is_inside(path):
            raise ProtocolError(f"the master named a file outside {start}: {path!r}")
    return list(paths)


def _groups(paths: list[str]) -> Iterator[list[str]]:
    for first in range(0, len(paths), _HASHES_AT_ONCE):
        yield paths[first : first + _HASHES_AT_ONCE]


def _fetch(saltenv: str, path: str, digest: str, target: Path) -> Generator[Question, Any, None]:
    """Read a file into place; once more when it was changed while it was read."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        for _ in range(_ATTEMPTS):
            if (yield from _download(saltenv, path, scratch)) == digest:
                scratch.replace(target)
                return
            digest = (yield "file_hash", {"saltenv": saltenv, "paths": [path]}).get(path, "")
    finally:
        scratch.unlink(missing_ok=True)
    raise ProtocolError(f"{path} is not what the master says it is, after {_ATTEMPTS} attempts")


def _download(saltenv: str, path: str, scratch: Path) -> Generator[Question, Any, str]:
    """Write a file's content piece by piece; its digest."""
    digest = hashlib.sha256()
    with open(scratch, "wb", opener=_private) as file:
        while True:
            data = yield "file_read", {"saltenv": saltenv, "path": path, "offset": file.tell()}
            if not data:
                return digest.hexdigest()
            file.write(data)
            digest.update(data)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def _digest_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _remove_others(destination: Path, names: set[str]) -> list[str]:
    """Remove files that are not among `names`, the byte code of removed modules, and directories left empty."""
    removed = []
    for folder, _, files in os.walk(destination, topdown=False):
        here = Path(folder)
        for file in files:
            name = (here / file).relative_to(destination).as_posix()
            if _source_of(name) not in names:
                (here / file).unlink()
                removed += [name] if _source_of(name) == name else []
        if here != destination and not any(here.iterdir()):
            here.rmdir()
    return removed


def _source_of(name: str) -> str:
    """The module that a file in `__pycache__` was made from; any other file itself."""
    folder, _, file = name.rpartition("/")
    if folder.rpartition("/")[2] != "__pycache__":
        return name
    return folder.removesuffix("__pycache__") + file.partition(".")[0] + ".py"
