"""SLS files of the tree: by which names they are known, and what they render to."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from saltern.errors import RenderError


class Source(Protocol):
    """What the compiler needs of the file tree."""

    def file_list(self, saltenv: str, prefix: str = "") -> list[str]: ...

    def file_envs(self) -> list[str]: ...


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


Render = Callable[[SlsFile, str], Any]
"""From an SLS file and its environment to its data; `RenderError` when it cannot be rendered."""


class SlsTree:
    """The SLS files of all environments; each environment is listed once."""

    def __init__(self, source: Source, render: Render) -> None:
        self._source = source
        self._render = render
        self._known: dict[str, dict[str, SlsFile]] = {}

    def envs(self) -> list[str]:
        return self._source.file_envs()

    def files(self, saltenv: str) -> dict[str, SlsFile]:
        """The SLS files of an environment by name. Of `a.sls` and `a/init.sls` the first is `a`."""
        if saltenv not in self._known:
            found: dict[str, SlsFile] = {}
            for path in self._source.file_list(saltenv):
                if path.endswith(".sls"):
                    stem = path.removesuffix(".sls")
                    name = stem.removesuffix("/init").replace("/", ".")
                    if name not in found or found[name].is_init:
                        found[name] = SlsFile(name, path)
            self._known[saltenv] = found
        return self._known[saltenv]

    def find(self, name: str, saltenv: str) -> SlsFile | None:
        return self.files(saltenv).get(name.replace("/", "."))

    def matching(self, pattern: str, saltenv: str) -> list[str]:
        """The names that a glob fits, sorted; a name without wildcards is only looked up."""
        if not any(mark in pattern for mark in "*?["):
            return [pattern] if self.find(pattern, saltenv) else []
        return sorted(fnmatch.filter(self.files(saltenv), pattern))

    def data(self, file: SlsFile, saltenv: str) -> Any:
        """What a file renders to; `RenderError` with Salt's words in front."""
        try:
            return self._render(file, saltenv)
        except RenderError as error:
            error.args = (f"Rendering SLS '{saltenv}:{file.name}' failed: {error.message}", *error.args[1:])
            raise
