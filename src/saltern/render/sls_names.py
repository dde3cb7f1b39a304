"""The SLS files of a file tree, and the names by which they are known."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable
from typing import NamedTuple


class SlsFile(NamedTuple):
    """An SLS file: its name with dots, its path in the tree, whether it is the `init.sls` of a directory."""

    name: str
    path: str

    @property
    def is_init(self) -> bool:
        return self.path.endswith("/init.sls")

    @property
    def package(self) -> list[str]:
        """The parts of the name from which relative includes count."""
        parts = self.name.split(".")
        return parts if self.is_init else parts[:-1]


class SlsNames:
    """The SLS files of all environments; each environment is listed once. `paths` gives its files' paths."""

    def __init__(self, paths: Callable[[str], Iterable[str]]) -> None:
        self._paths = paths
        self._known: dict[str, dict[str, SlsFile]] = {}

    def files(self, saltenv: str) -> dict[str, SlsFile]:
        """The SLS files of an environment by name. Of `a.sls` and `a/init.sls` the first is `a`."""
        if saltenv not in self._known:
            found: dict[str, SlsFile] = {}
            for path in self._paths(saltenv):
                if path.endswith(".sls"):
                    stem = path.removesuffix(".sls")
                    if "." in stem:
                        continue  # no name leads there: a dot in a name stands for a directory
                    name = stem.removesuffix("/init").replace("/", ".")
                    if name not in found or found[name].is_init:
                        found[name] = SlsFile(name, path)
            self._known[saltenv] = found
        return self._known[saltenv]

    def find(self, name: str, saltenv: str) -> SlsFile | None:
        """The file of a name. The `init.sls` of `a` is known as `a.init` too, and as `a.`, as of `include: [.]`."""
        dotted = name.replace("/", ".")
        found = self.files(saltenv).get(dotted)
        if found is None and dotted.endswith((".init", ".")):
            directory = self.files(saltenv).get(dotted.removesuffix("init").removesuffix("."))
            return directory._replace(name=dotted) if directory is not None and directory.is_init else None
        return found

    def matching(self, pattern: str, saltenv: str) -> list[str]:
        """The names that a glob fits, sorted; a name without wildcards is only looked up."""
        if not any(mark in pattern for mark in "*?["):
            return [pattern] if self.find(pattern, saltenv) else []
        return sorted(fnmatch.filter(self.files(saltenv), pattern))
