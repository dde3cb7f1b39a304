"""Running the Python files of the renderer `pyobjects`, and the files of the tree that they import from."""

from __future__ import annotations

import re
from types import CodeType, SimpleNamespace
from typing import Any

from saltern.errors import RenderError
from saltern.plugin_api.pyobjects.imports import TreeImport, split_imports
from saltern.plugin_api.pyobjects.states import Document, Extended, StateFactory
from saltern.plugin_api.salt_names import offer_salt_names_to

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from saltern.plugin_api.types import PluginTable

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


class ObjectFiles:
    """Runs files over one document. `states` are the state functions, `names` what every file sees, `read` the tree."""

    def __init__(self, states: PluginTable, names: Mapping[str, Any], read: Callable[[str], str | None]) -> None:
        self._document = Document()
        self._states = states
        self._names = {**names, "include": self._document.include, "extend": Extended}
        self._read = read
        self._imported: dict[str, dict[str, Any]] = {}

    def run(self, text: str, file: str) -> dict[str, Any]:
        """The SLS data that a file writes."""
        self._names_of(text, file)
        return self._document.data()

    def _names_of(self, text: str, file: str) -> dict[str, Any]:
        """The names that a file has when it has run."""
        body, imports = split_imports(text)
        names = dict(self._names)
        for one in imports:
            names.update(self._taken(one))
        code = _compiled(body, file)
        offer_salt_names_to(code)
        names.update(self._factories(code))
        exec(code, names)  # noqa: S102 - the file is code that the file tree is trusted to bring
        return names

    def _taken(self, wanted: TreeImport) -> dict[str, Any]:
        found = self._import(wanted.url)
        if not wanted.names:
            return {wanted.module: SimpleNamespace(**found)}
        for name in wanted.names:
            if name not in found:
                raise ImportError(f"'{name}' was not found in '{wanted.url}'")
        return {here: found[name] for name, here in wanted.names.items()}

    def _import(self, url: str) -> dict[str, Any]:
        """The names of a file of the tree; the states in it count for nothing."""
        if url in self._imported:
            return self._imported[url]
        text = self._read(url)
        if text is None:
            raise ImportError(f"Could not find the file '{url}'")
        self._imported[url] = {}  # two files that import each other see what there is
        before, self._document.is_open = self._document.is_open, False
        try:
            self._imported[url] = self._names_of(text, url)
        finally:
            self._document.is_open = before
        return self._imported[url]

    def _factories(self, code: CodeType) -> dict[str, StateFactory]:
        """The kinds of states that a file names: looking for these alone loads no other state module."""
        found = {}
        for name in set(_global_names(code)):
            module = _WORD_START.sub("_", name).lower()
            if name[:1].isupper():
                functions = self._functions_of(module)
                if functions:
                    found[name] = StateFactory(self._document, module, functions)
        return found

    def _functions_of(self, module: str) -> frozenset[str]:
        return frozenset(key.partition(".")[2] for key in self._states.functions_of(module))


def _compiled(text: str, file: str) -> CodeType:
    try:
        return compile(text, file, "exec")
    except SyntaxError as error:
        told = f"{error.msg} (<string>, line {error.lineno})"
        raise RenderError(told, line=error.lineno or 0, column=error.offset or 0, unforeseen=True) from error


def _global_names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _global_names(constant)
