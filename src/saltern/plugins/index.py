"""The index of names: which files may be the module of a name, found without importing any of them.

The index of a kind is built from the sources of its directories and, when there is a cache directory, kept there. What
is kept is used only while each directory still holds the same files with the same times and sizes.
"""

# ruff: noqa: PTH103, PTH105, PTH116, PTH118, PTH119, PTH120, PTH123  (pathlib costs several ms to import)

from __future__ import annotations

import marshal
import os

from saltern.plugins.entry import PluginFile
from saltern.plugins.kinds import KINDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from saltern.plugins.search import SearchPath

_FORMAT = 1
_Fingerprint = tuple[tuple[str, int, int], ...]


class NameIndex:
    """The files of one kind. Of files with one stem, the first directory's is there and the others are not."""

    def __init__(self, files: Sequence[PluginFile]) -> None:
        self._by_stem: dict[str, PluginFile] = {}
        for file in files:
            self._by_stem.setdefault(file.stem, file)
        self._by_name: dict[str, list[PluginFile]] = {}
        for file in self._by_stem.values():
            for name in file.names:
                self._by_name.setdefault(name, []).append(file)

    def __iter__(self) -> Iterator[PluginFile]:
        return iter(self._by_stem.values())

    def stem(self, stem: str) -> PluginFile | None:
        """The file with this stem."""
        return self._by_stem.get(stem)

    def candidates(self, name: str) -> Iterator[PluginFile]:
        """The files that may be the module `name`, likeliest first: by stem, by constant name, by computed name."""
        exact = self._by_stem.get(name)
        if exact is not None:
            yield exact
        likely = self._by_name.get(name, ())
        yield from (file for file in likely if file is not exact)
        yield from (file for file in self if file.computed and file is not exact and file not in likely)

    def is_instant(self, fun: str) -> bool:
        """Whether `module.function` says of itself that it is safe to run in the resident process."""
        name, _, function = fun.partition(".")
        file = next(self.candidates(name), None)
        return file is not None and function in file.instant


class PluginIndex:
    """The name indexes of all kinds, each built when it is first asked for. Spaces may share one.

    `cache_dir` is a directory of our own that only its owner may write (as with byte code, who writes there decides
    what is run).
    """

    def __init__(self, search: SearchPath, cache_dir: str = "") -> None:
        self._search = search
        self._cache_dir = str(cache_dir)
        self._indexes: dict[str, NameIndex] = {}

    def names(self, kind: str) -> NameIndex:
        index = self._indexes.get(kind)
        if index is None:
            index = self._indexes[kind] = self._build(kind)
        return index

    def is_instant(self, fun: str) -> bool:
        """Whether an execution function is safe to run in the resident process, as `NameIndex.is_instant`."""
        return self.names("modules").is_instant(fun)

    def refresh(self) -> None:
        """Look at the directories again before the next answer."""
        self._indexes.clear()

    def _build(self, kind: str) -> NameIndex:
        directories = self._search.directories(KINDS[kind])
        cache = os.path.join(self._cache_dir, f"{kind}.index") if self._cache_dir else ""
        return NameIndex(read_directories(directories, cache))


def read_directories(directories: Sequence[str], cache: str = "") -> list[PluginFile]:
    """The plugin files of directories, in their order; `cache` is the file in which the answer is kept."""
    present = [(path, _fingerprint(path)) for path in directories]
    kept = _read_cache(cache) if cache else {}
    described = {}
    for path, fingerprint in present:
        known = kept.get(path)
        unchanged = known is not None and known[0] == fingerprint
        described[path] = known if known and unchanged else (fingerprint, _describe(path, fingerprint))
    if cache and described != kept:
        _write_cache(cache, described)
    return [PluginFile.from_data(data) for path, _ in present for data in described[path][1]]


def _fingerprint(directory: str) -> _Fingerprint:
    """Name, time (ns) and size of each file of a directory that may be a plugin, sorted by name."""
    try:
        with os.scandir(directory) as entries:
            paths = sorted(filter(None, map(_source_path, entries)))
    except (FileNotFoundError, NotADirectoryError):
        return ()
    return tuple(status for path in paths if (status := _status(path)) is not None)


def _status(path: str) -> tuple[str, int, int] | None:
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return path, status.st_mtime_ns, status.st_size


def _source_path(entry: os.DirEntry[str]) -> str:
    """The file to execute for a directory's entry, or an empty text."""
    if entry.name.startswith((".", "__")):
        return ""
    if entry.name.endswith((".py", ".so")):
        return entry.path
    return os.path.join(entry.path, "__init__.py") if entry.is_dir() else ""


def _describe(directory: str, fingerprint: _Fingerprint) -> tuple[tuple[Any, ...], ...]:
    return tuple(_describe_file(directory, path).to_data() for path, _, _ in fingerprint)


def _describe_file(directory: str, path: str) -> PluginFile:
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


def _read_cache(path: str) -> dict[str, tuple[_Fingerprint, tuple[tuple[Any, ...], ...]]]:
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            if status.st_uid not in (0, os.geteuid()) or status.st_mode & 0o022:
                return {}
            # Our own file, that nobody else may write; the interpreter reads byte code the same way.
            data = marshal.loads(file.read())  # noqa: S302
    except (OSError, ValueError, EOFError, TypeError):
        return {}
    if not isinstance(data, tuple) or len(data) != 2 or data[0] != _FORMAT:
        return {}
    kept: dict[str, tuple[_Fingerprint, tuple[tuple[Any, ...], ...]]] = data[1]
    return kept


def _write_cache(path: str, data: dict[str, tuple[_Fingerprint, tuple[tuple[Any, ...], ...]]]) -> None:
    """Best effort: an index that cannot be kept is built again the next time."""
    scratch = f"{path}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(scratch, "wb", opener=_private) as file:
            file.write(marshal.dumps((_FORMAT, data)))
        os.replace(scratch, path)
    except OSError as error:
        import logging

        logging.getLogger(__name__).debug("the plugin index %s cannot be kept: %s", path, error)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
