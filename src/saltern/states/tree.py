"""SLS files of the tree: by which names they are known, and what they render to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from saltern.errors import RenderError
from saltern.render.sls_names import SlsFile, SlsNames


class Source(Protocol):
    """What the compiler needs of the file tree."""

    def file_list(self, saltenv: str, prefix: str = "") -> list[str]: ...

    def file_envs(self) -> list[str]: ...


Render = Callable[[SlsFile, str], Any]
"""From an SLS file and its environment to its data; `RenderError` when it cannot be rendered."""


class SlsTree(SlsNames):
    """The SLS files of the file tree, which can be rendered."""

    def __init__(self, source: Source, render: Render) -> None:
        super().__init__(source.file_list)
        self._source = source
        self._render = render

    def envs(self) -> list[str]:
        return self._source.file_envs()

    def data(self, file: SlsFile, saltenv: str) -> Any:
        """What a file renders to; `RenderError` with Salt's words in front."""
        try:
            return self._render(file, saltenv)
        except RenderError as error:
            error.args = (f"Rendering SLS '{saltenv}:{file.name}' failed: {error.message}", *error.args[1:])
            raise
