"""SLS files of the tree: by which names they are known, and what they render to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from saltern.errors import RenderError
from saltern.render.result import Place, Rendered
from saltern.render.sls_names import SlsFile, SlsNames
from saltern.states.faults import Spot


class Source(Protocol):
    """What the compiler needs of the file tree."""

    def file_list(self, saltenv: str, prefix: str = "") -> list[str]: ...

    def file_envs(self) -> list[str]: ...


Render = Callable[[SlsFile, str], Rendered]
"""From an SLS file and its environment to what it gives; `RenderError` when it cannot be rendered."""


class SlsTree(SlsNames):
    """The SLS files of the file tree, which can be rendered."""

    def __init__(self, source: Source, render: Render) -> None:
        super().__init__(source.file_list)
        self._source = source
        self._render = render
        self._rendered: dict[tuple[str, str], Rendered] = {}

    def envs(self) -> list[str]:
        return self._source.file_envs()

    def data(self, file: SlsFile, saltenv: str) -> Any:
        """What a file renders to; `RenderError` with Salt's words in front."""
        try:
            rendered = self._rendered[saltenv, file.name] = self._render(file, saltenv)
            return rendered.data
        except RenderError as error:
            error.name_sls(saltenv, file.name)
            raise

    def place(self, spot: Spot) -> Place | None:
        """Where a spot stands in its file, or the last known step of the way there; None for no file of this tree."""
        rendered = self._rendered.get((spot.saltenv, spot.sls))
        if rendered is None:
            return None
        found = rendered.place(*_as_written(rendered.data, spot.way))
        return found if found.line else found._replace(line=1)


def _as_written(data: Any, way: tuple[Any, ...]) -> list[Any]:
    """The way as the file has it: `file` may stand as `file.managed` there, an argument is an item of a list."""
    found: list[Any] = []
    for key in way:
        if isinstance(data, Mapping):
            known = key if key in data else next((one for one in data if str(one).partition(".")[0] == key), key)
            found.append(known)
            data = data.get(known)
        elif isinstance(data, list):
            at = key if isinstance(key, int) else _item_of(data, key)
            if at is None:
                break
            found += [at] if isinstance(key, int) else [at, key]
            data = data[at] if isinstance(key, int) else data[at][key]
    return found


def _item_of(items: list[Any], key: Any) -> int | None:
    return next((at for at, item in enumerate(items) if isinstance(item, Mapping) and key in item), None)
