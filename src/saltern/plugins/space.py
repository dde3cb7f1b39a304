"""The plugin space: module objects of its own, loaded on first use and given the values of one scope.

A space serves one call at a time, so injection is plain assignment of plain values. Concurrency is more spaces; code
and name index are shared, which makes a further space cheap.
"""

from __future__ import annotations

import _thread
import sys
from types import ModuleType

from saltern.plugin_api.kept_connections import close_connections
from saltern.plugins.kinds import KINDS, SERVICES, TABLES
from saltern.plugins.lazy import LazyDict, copied
from saltern.plugins.loaded import LoadedKind
from saltern.plugins.loading import forget
from saltern.plugins.service import Service
from saltern.plugins.table import FunctionTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from saltern.plugins.index import PluginIndex
    from saltern.plugins.kinds import PluginKind
    from saltern.plugins.scope import Scope

_PREFIX = "saltern_plugins"
_ABSENT: Any = object()
_numbers_in_use: set[int] = set()
_numbering = _thread.allocate_lock()


class PluginSpace:
    """Loads plugins and holds what they share. `close` it when done: its modules are registered in the process."""

    def __init__(self, index: PluginIndex, scope: Scope) -> None:
        self.index = index
        self.scope = scope
        self._number = _free_number()
        self._package = f"{_PREFIX}.{self._number}"
        self._loaded: dict[str, LoadedKind] = {}
        self._tables: dict[str, FunctionTable] = {}
        self._services: dict[str, Service | None] = {}
        self._given: dict[str, dict[str, Any]] = {}
        self._pillar_to_render: dict[str, Any] | None = None

    def __enter__(self) -> PluginSpace:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def table(self, kind: str) -> FunctionTable:
        """The functions of a kind; KeyError when there is no such kind."""
        found = self._tables.get(kind)
        if found is None:
            found = self._tables[kind] = FunctionTable(self._load(KINDS[kind]))
        return found

    def service(self, name: str) -> Any:
        """A part of the house by its injected name (`__rendering__`, …); None where nobody makes it."""
        if name not in self._services:
            make = self.scope.services.get(name)
            self._services[name] = None if make is None else Service(lambda: make(self))
        return self._services[name]

    def fill_pillar(self, make: Callable[[], Mapping[str, Any]]) -> None:
        """Let the pillar be found out when a module first reads it; before anything is loaded."""
        self.scope.pillar = LazyDict(make)
        self._pillar_to_render = None

    def set_option(self, name: str, value: Any) -> None:
        """Set an option for all modules, those that are loaded and those to come."""
        if self.scope.opts.get(name) is value:
            return
        self.scope.opts = {**self.scope.opts, name: value}
        for kind in self._loaded.values():
            for module in kind.modules():
                module.__dict__.setdefault("__opts__", {})[name] = value

    def set_pillar(self, pillar: Mapping[str, Any]) -> None:
        """Give all modules, those that are loaded and those to come, another pillar."""
        self.scope.pillar = pillar
        self._pillar_to_render = None
        self.set_option("pillar", pillar)
        for kind in self._loaded.values():
            if "__pillar__" in kind.kind.injected:
                for module in kind.modules():
                    module.__dict__["__pillar__"] = self._value(kind.kind, "__pillar__")

    def _pillar_of_renderers(self) -> dict[str, Any]:
        """The pillar that files are rendered with: what a file changes in it, as in Salt, functions such as
        `pillar.get` and the templates of states do not see.
        """
        if self._pillar_to_render is None:
            pillar = self.scope.pillar
            lazy = isinstance(pillar, LazyDict)
            self._pillar_to_render = LazyDict(lambda: copied(pillar)) if lazy else copied(dict(pillar))
        return self._pillar_to_render

    def set_name(self, kind: str, name: str, value: Any) -> None:
        """Give all modules of a kind, those that are loaded and those to come, a name (`__env__`)."""
        given = self._given.setdefault(kind, {})
        if name in given and given[name] == value:
            return
        given[name] = value
        if kind in self._loaded:
            for module in self._loaded[kind].modules():
                module.__dict__[name] = value

    def injected_into(self, target: ModuleType | Callable[..., Any], **names: Any) -> _Injection:
        """A context in which a module, or that of a function, has these names (`__low__`, …); afterwards it has not."""
        return _Injection(target if isinstance(target, ModuleType) else sys.modules[target.__module__], names)

    def sibling(self) -> PluginSpace:
        """A further space with the same values, for work beside that of this one."""
        space = PluginSpace(self.index, self.scope.copy())
        space._given = {kind: dict(given) for kind, given in self._given.items()}
        return space

    def reload(self) -> None:
        """Forget what is loaded and look at the directories again. Tables that were handed out stay valid."""
        self.index.refresh()
        self._forget_modules()

    def close(self) -> None:
        """Forget the modules, and close the connections that they kept."""
        self._forget_modules()
        close_connections(self.scope.context)
        self._loaded.clear()
        self._tables.clear()
        forget(self._package)
        _numbers_in_use.discard(self._number)

    def _load(self, kind: PluginKind) -> LoadedKind:
        loaded = LoadedKind(kind, self.index, self.scope.opts, f"{self._package}.{kind.name}", self._values)
        self._loaded[kind.name] = loaded
        return loaded

    def _values(self, kind: PluginKind) -> dict[str, Any]:
        """The names that a module of a kind is given, with a shallow copy of the options of its own."""
        values = {name: self._value(kind, name) for name in kind.injected}
        return {**values, **self.scope.names, **self._given.get(kind.name, {})}

    def _value(self, kind: PluginKind, name: str) -> Any:
        if name == kind.own_table:
            return self.table(kind.name)
        if name == "__plugins__":
            return self
        if name in SERVICES:
            return self.service(name)
        if name == "__pillar__" and kind.name == "renderers":
            return self._pillar_of_renderers()
        return self.table(TABLES[name]) if name in TABLES else self.scope.value(name)

    def _forget_modules(self) -> None:
        for kind in self._loaded.values():
            kind.clear()


class _Injection:
    """Names that a module has for the time of one call."""

    def __init__(self, module: ModuleType, names: dict[str, Any]) -> None:
        self._module = module
        self._names = names
        self._before: dict[str, Any] = {}

    def __enter__(self) -> None:
        space = self._module.__dict__
        self._before = {name: space.get(name, _ABSENT) for name in self._names}
        space.update(self._names)

    def __exit__(self, *exc_info: object) -> None:
        for name, value in self._before.items():
            if value is _ABSENT:
                self._module.__dict__.pop(name, None)
            else:
                self._module.__dict__[name] = value


def _free_number() -> int:
    """The lowest number that no open space has, so that module and logger names do not grow without end."""
    with _numbering:
        number = next(number for number in range(len(_numbers_in_use) + 1) if number not in _numbers_in_use)
        _numbers_in_use.add(number)
    return number
