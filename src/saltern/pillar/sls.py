"""The data of a pillar SLS file: rendered, that of its includes beneath it (behaviour PIL-03)."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from saltern.errors import NotFound, RenderError
from saltern.files.contract import FileTree
from saltern.pillar.faults import Faults
from saltern.pillar.include import Include, includes_of
from saltern.pillar.merge import Merge, nested
from saltern.plugin_api.tree_text import decoded
from saltern.plugin_api.types import Rendered, Rendering
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
        self._read: dict[tuple[str, str], dict[str, Any]] = {}
        self._files: dict[tuple[str, str], Rendered] = {}

    def names(self, pattern: str, saltenv: str) -> list[str]:
        """The SLS files that a name or a glob means; none where there is no such file."""
        return self._names.matching(pattern, saltenv)

    def of(self, name: str, saltenv: str) -> dict[str, Any]:
        """The data of one SLS file of a top file, which is rendered without defaults, whoever included it before."""
        self._read.pop((saltenv, name.replace("/", ".")), None)
        return self._of(Include(name), saltenv, ())

    def rendered(self, path: str, saltenv: str, sls: str, variables: Mapping[str, Any] | None = None) -> Rendered:
        """What a file gives; `NotFound` where there is none, `RenderError` when it cannot be rendered."""
        info = self._tree.find(saltenv, path)
        if info is None:
            raise NotFound(f"there is no file {path} in the pillar environment {saltenv}")
        shown = f"salt://{path}" + ("" if saltenv == "base" else f"?saltenv={saltenv}")
        return self._rendering.text(
            self._text(saltenv, path), saltenv=saltenv, sls=sls, file=shown, path=path, tmplpath=info.place or path,
            variables=variables,
        )  # fmt: skip

    def rendered_if_there(self, name: str, saltenv: str) -> Rendered | None:
        """What the SLS file of a name gives; None where there is none."""
        file = self._names.find(name, saltenv)
        return None if file is None else self.rendered(file.path, saltenv, file.name)

    def why_missing(self, name: str, saltenv: str) -> str:
        """What to do about a name that no file has."""
        close = difflib.get_close_matches(name, self._names.matching("*", saltenv), 1, 0.7)
        path = name.replace(".", "/")
        return f"Did you mean '{close[0]}'?" if close else f"There is no file {path}.sls or {path}/init.sls."

    def _of(self, wanted: Include, saltenv: str, chain: tuple[str, ...]) -> dict[str, Any]:
        """`chain` are the files that include this one, the nearest last."""
        file = self._names.find(wanted.name, saltenv)
        if file is None:
            self._faults.missing(wanted.name, saltenv, wanted.place, self.why_missing(wanted.name, saltenv))
            return {}
        data = self._data(file, wanted, saltenv)
        if "include" not in data:
            return data
        declaration = data["include"]
        if not isinstance(declaration, list):
            told = f"Include Declaration in SLS '{wanted.name}' is not formed as a list"
            self._faults.add(told, self._place(saltenv, file, "include"), "Write each name on a line after '- '.")
            return data
        own = {key: value for key, value in data.items() if key != "include"}
        below = self._included(declaration, file, saltenv, (*chain, file.name))
        return self._merge(own, below) if self._includes_win else self._merge(below, own)

    def _included(self, declaration: list[Any], file: SlsFile, saltenv: str, chain: tuple[str, ...]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for at, include in includes_of(declaration, file):
            for name in self._names.matching(include.name, saltenv) or [include.name]:
                if name.replace("/", ".") in chain:
                    continue  # it is being read: what it says is there in the end
                known = self._names.find(name, saltenv) is not None
                place = "" if known else self._place(saltenv, file, "include", at)
                data = self._of(include._replace(name=name, place=place), saltenv, chain)
                result = self._merge(result, nested(data, include.key) if include.key and data else data)
        return result

    def _data(self, file: SlsFile, wanted: Include, saltenv: str) -> dict[str, Any]:
        """What a file renders to, once in a compilation: the defaults of the first who wants it count for all."""
        key = (saltenv, file.name)
        if key not in self._read:
            self._read[key] = self._rendered_data(file, wanted, saltenv)
        return self._read[key]

    def _rendered_data(self, file: SlsFile, wanted: Include, saltenv: str) -> dict[str, Any]:
        try:
            rendered = self.rendered(file.path, saltenv, wanted.name, wanted.defaults)
        except RenderError as error:
            self._faults.render(wanted.name, error)
            return {}
        self._files[saltenv, file.name] = rendered
        if isinstance(rendered.data, Mapping):
            return dict(rendered.data)
        if rendered.data:
            told = f"SLS '{wanted.name}' does not render to a dictionary"
            self._faults.add(told, f"{rendered.file}:1", "A pillar file holds keys, each with a colon behind it.")
        return {}

    def _place(self, saltenv: str, file: SlsFile, *keys: Any) -> str:
        rendered = self._files.get((saltenv, file.name))
        return str(rendered.place(*keys)) if rendered else ""

    def _text(self, saltenv: str, path: str) -> str:
        content = bytearray()
        while piece := self._tree.read(saltenv, path, len(content), _PIECE):
            content += piece
        return decoded(bytes(content), f"salt://{path}")
