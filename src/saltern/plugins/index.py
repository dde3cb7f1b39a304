"""The index of names: which files may be the module of a name, found without importing any of them."""

from __future__ import annotations

from saltern.plugins.directories import read_directories
from saltern.plugins.kinds import KINDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from saltern.plugins.entry import PluginFile
    from saltern.plugins.search import SearchPath


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
        cache = f"{self._cache_dir}/{kind}.index" if self._cache_dir else ""
        return NameIndex(read_directories(directories, cache))
