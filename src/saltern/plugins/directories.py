"""What the directories of a kind hold, read from their sources and, when there is a place for it, kept.

What is kept of a directory is used only while it still holds the same files with the same times and sizes.
"""

# ruff: noqa: PTH103, PTH105, PTH116, PTH118, PTH119, PTH120, PTH123  (pathlib costs several ms to import)

from __future__ import annotations

import os

import msgspec

from saltern.plugins.entry import PluginFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_FORMAT = 2
_Fingerprint = tuple[tuple[str, int, int], ...]
"""Path, time (ns) and size of each file of a directory that may be a plugin, sorted by path."""


class _Directory(msgspec.Struct, frozen=True, array_like=True, gc=False):
    fingerprint: _Fingerprint
    files: tuple[PluginFile, ...]


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """The file of an index: MessagePack, directories by path."""

    format: int
    directories: dict[str, _Directory]


_KEPT = msgspec.msgpack.Decoder(_Kept)


def read_directories(paths: Sequence[str], cache: str = "") -> list[PluginFile]:
    """The plugin files of directories, in their order; `cache` is the file in which the answer is kept."""
    kept = _read_cache(cache) if cache else {}
    found = {path: _directory(path, kept.get(path)) for path in paths}
    if cache and found != kept:
        _write_cache(cache, found)
    return [file for path in paths for file in found[path].files]


def _directory(path: str, kept: _Directory | None) -> _Directory:
    fingerprint = _fingerprint(path)
    if kept is not None and kept.fingerprint == fingerprint:
        return kept
    return _Directory(fingerprint, tuple(_describe(path, source) for source, _, _ in fingerprint))


def _fingerprint(directory: str) -> _Fingerprint:
    try:
        with os.scandir(directory) as entries:
            paths = sorted(filter(None, map(_source_path, entries)))
    except (FileNotFoundError, NotADirectoryError):
        return ()
    return tuple(status for path in paths if (status := _status(path)) is not None)


def _source_path(entry: os.DirEntry[str]) -> str:
    """The file to execute for a directory's entry, or an empty text."""
    if entry.name.startswith((".", "_")):
        return ""
    if entry.name.endswith((".py", ".so")):
        return entry.path
    return os.path.join(entry.path, "__init__.py") if entry.is_dir() else ""


def _status(path: str) -> tuple[str, int, int] | None:
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return path, status.st_mtime_ns, status.st_size


def _describe(directory: str, path: str) -> PluginFile:
    from saltern.plugins.source import describe

    parent, name = os.path.split(path)
    package = parent != directory
    stem = os.path.basename(parent) if package else name.partition(".")[0]
    if not path.endswith(".py"):
        return PluginFile(stem, path, names=(stem,))
    with open(path, encoding="utf-8", errors="replace") as file:
        described = describe(stem, file.read())
    return PluginFile(
        stem, path, package=package, names=described.names, computed=described.computed, instant=described.instant
    )


def _read_cache(path: str) -> dict[str, _Directory]:
    """What was kept; nothing when it is damaged, of another release, or could be somebody else's word."""
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            if status.st_uid not in (0, os.geteuid()) or status.st_mode & 0o022:
                return {}
            kept = _KEPT.decode(file.read())
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return kept.directories if kept.format == _FORMAT else {}


def _write_cache(path: str, directories: dict[str, _Directory]) -> None:
    """Best effort: an index that cannot be kept is built again the next time."""
    scratch = f"{path}.{os.getpid()}"
    try:
        content = msgspec.msgpack.encode(_Kept(_FORMAT, directories))
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(scratch, "wb", opener=_private) as file:
            file.write(content)
        os.replace(scratch, path)
    except (OSError, UnicodeEncodeError) as error:  # a file's name may hold bytes that are no text
        import logging

        logging.getLogger(__name__).debug("the plugin index %s cannot be kept: %s", path, error)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
