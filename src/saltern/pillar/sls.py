"""The data of a pillar SLS file: rendered, that of its includes beneath it (behaviour PIL-03)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saltern.errors import NotFound, RenderError
from saltern.files.contract import FileTree
from saltern.pillar.faults import Faults
from saltern.pillar.include import Include, includes_of
from saltern.pillar.merge import Merge, nested
from saltern.plugin_api.types import Rendering
from saltern.render.sls_names import SlsFile, SlsNames

_PIECE = 1 << 20


class SlsData:
    """Reads SLS files of a pillar tree. Faults are collected; what can be read is given nevertheless."""

    def __init__(
        self, tree: FileTree, rendering: Rendering, merge: Merge, faults: Faults, *, includes_win: bool = False
    ) -> None:
        self._tree = tree
        self._names = SlsNames(tree.files)
        self._rendering = rendering
        self._merge = merge
        self._faults = faults
        self._includes_win = includes_win

    def names(self, pattern: str, saltenv: str) -> list[str]:
        """The SLS files that a name or a glob means; none where there is no such file."""
        return self._names.matching(pattern, saltenv)

    def of(self, name: str, saltenv: str) -> dict[str, Any]:
        """The data of one SLS file of a top file."""
        return self._of(Include(name), saltenv, ())

    def rendered(self, path: str, saltenv: str, sls: str, variables: Mapping[str, Any] | None = None) -> Any:
        """What a file renders to; `NotFound` where there is none, `RenderError` when it cannot be rendered."""
        info = self._tree.find(saltenv, path)
        if info is None:
            raise NotFound(f"there is no file {path} in the pillar environment {saltenv}")
        shown = f"salt://{path}" + ("" if saltenv == "base" else f"?saltenv={saltenv}")
        return self._rendering.text(
            self._text(saltenv, path), saltenv=saltenv, sls=sls, file=shown, path=path, tmplpath=info.place or path,
            variables=variables,
        ).data  # fmt: skip

    def _of(self, wanted: Include, saltenv: str, chain: tuple[str, ...]) -> dict[str, Any]:
        """`chain` are the files that include this one, the nearest last."""
        file = self._names.find(wanted.name, saltenv)
        if file is None:
            self._faults.missing(wanted.name, saltenv)
            return {}
        data = self._data(file, wanted, saltenv)
        declaration = data.get("include")
        if declaration is None:
            return data
        if not isinstance(declaration, list):
            self._faults.add(f"Include Declaration in SLS '{wanted.name}' is not formed as a list")
            return data
        own = {key: value for key, value in data.items() if key != "include"}
        below = self._included(declaration, file, saltenv, (*chain, file.name))
        return self._merge(own, below) if self._includes_win else self._merge(below, own)

    def _included(self, declaration: list[Any], file: SlsFile, saltenv: str, chain: tuple[str, ...]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for include in includes_of(declaration, file):
            for name in self._names.matching(include.name, saltenv) or [include.name]:
                if name.replace("/", ".") in chain:
                    continue  # it is being read: what it says is there in the end
                data = self._of(include._replace(name=name), saltenv, chain)
                result = self._merge(result, nested(data, include.key) if include.key and data else data)
        return result

    def _data(self, file: SlsFile, wanted: Include, saltenv: str) -> dict[str, Any]:
        try:
            data = self.rendered(file.path, saltenv, wanted.name, wanted.defaults)
        except RenderError as error:
            self._faults.render(wanted.name, error)
            return {}
        if isinstance(data, Mapping):
            return dict(data)
        if data:
            self._faults.add(f"SLS '{wanted.name}' does not render to a dictionary")
        return {}

    def _text(self, saltenv: str, path: str) -> str:
        content = bytearray()
        while piece := self._tree.read(saltenv, path, len(content), _PIECE):
            content += piece
        return content.decode("utf-8", "replace")
