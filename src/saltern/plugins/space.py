"""The plugin space: module objects of its own, loaded on first use and given the values of one scope.

A space serves one call at a time, so injection is plain assignment of plain values. Concurrency is more spaces; code
and name index are shared, which makes a further space cheap.
"""

from __future__ import annotations

import sys
from types import ModuleType

from saltern.plugins.kinds import KINDS, TABLES
from saltern.plugins.loading import LoadError, ask_virtual, call_init, execute, forget, public_functions
from saltern.plugins.table import FunctionTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from saltern.plugins.entry import PluginFile
    from saltern.plugins.index import PluginIndex
    from saltern.plugins.kinds import PluginKind
    from saltern.plugins.scope import Scope

_PREFIX = "saltern_plugins"
_ABSENT: Any = object()
_numbers_in_use: set[int] = set()


class PluginSpace:
    """Loads plugins and holds what they share. `close` it when done: its modules are registered in the process."""

    def __init__(self, index: PluginIndex, scope: Scope) -> None:
        self.index = index
        self.scope = scope
        self._number = _free_number()
        self._kinds: dict[str, KindOfSpace] = {}

    def __enter__(self) -> PluginSpace:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def table(self, kind: str) -> FunctionTable:
        """The functions of a kind; KeyError when there is no such kind."""
        return self._kind(kind).table

    def injected_into(self, target: ModuleType | Callable[..., Any], **names: Any) -> _Injection:
        """A context in which a module, or that of a function, has these names (`__low__`, …); afterwards it has not."""
        return _Injection(target if isinstance(target, ModuleType) else sys.modules[target.__module__], names)

    def reload(self) -> None:
        """Forget what is loaded and look at the directories again. Tables that were handed out stay valid."""
        self.index.refresh()
        self._forget_modules()

    def close(self) -> None:
        """Forget the modules."""
        self._forget_modules()
        self._kinds.clear()
        _numbers_in_use.discard(self._number)

    def module_name(self, kind: str, stem: str) -> str:
        return f"{_PREFIX}.{self._number}.{kind}.{stem}"

    def values_for(self, kind: PluginKind) -> dict[str, Any]:
        """The names that a module of a kind is given, with a shallow copy of the options of its own."""
        values = {name: self._value(kind, name) for name in kind.injected}
        return {**values, **self.scope.names}

    def _kind(self, name: str) -> KindOfSpace:
        found = self._kinds.get(name)
        if found is None:
            found = self._kinds[name] = KindOfSpace(self, KINDS[name])
        return found

    def _value(self, kind: PluginKind, name: str) -> Any:
        if name == kind.own_table:
            return self.table(kind.name)
        if name == "__plugins__":
            return self
        return self.table(TABLES[name]) if name in TABLES else self.scope.value(name)

    def _forget_modules(self) -> None:
        for kind in self._kinds.values():
            kind.clear()


class KindOfSpace:
    """What is loaded of one kind in one space. `functions` are keyed `module.function`."""

    def __init__(self, space: PluginSpace, kind: PluginKind) -> None:
        self.kind = kind
        self.table = FunctionTable(self)
        self.functions: dict[str, Callable[..., Any]] = {}
        self.outputters: dict[str, str] = {}
        self.refused: dict[str, str] = {}
        self._space = space
        self._modules: dict[str, ModuleType] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self._loading: set[str] = set()
        self._complete: set[str] = set()

    def clear(self) -> None:
        for module in self._modules.values():
            forget(module.__name__)
        for kept in (self.functions, self.outputters, self.refused, self._modules, self._names, self._complete):
            kept.clear()

    def find(self, key: str) -> Callable[..., Any] | None:
        """The function, after loading what may define it, or None."""
        name, _, function = key.partition(".")
        if not function or name in self._complete:
            return None
        for file in self._candidates(name):
            self._publish(file, name)
            if key in self.functions:
                return self.functions[key]
        self._complete.add(name)
        return None

    def load_module(self, name: str) -> None:
        """Load every file that is the module `name`."""
        if name not in self._complete:
            for file in self._candidates(name):
                self._publish(file, name)
            self._complete.add(name)

    def load_all(self) -> None:
        for name in self._providers():
            self.load_module(name)
        for file in self._space.index.names(self.kind.name):
            if self._is_wanted(file.stem):
                self._publish(file, file.stem)

    def module_named(self, name: str) -> ModuleType | None:
        return next((self._modules[stem] for stem, names in self._names.items() if name in names), None)

    def stem_of(self, name: str) -> str:
        return next((stem for stem, names in self._names.items() if name in names), "")

    def why_refused(self, name: str) -> str | None:
        """Why the files that could have been the module `name` are not loaded; None when there is no such file."""
        files = [file for file in self._candidates(name) if file.stem == name or name in file.names]
        reasons = [self.refused[file.stem] for file in files if file.stem in self.refused]
        if not reasons or any(name in self._names.get(file.stem, ()) for file in files):
            return None
        return ", ".join(dict.fromkeys(filter(None, reasons)))

    def _candidates(self, name: str) -> list[PluginFile]:
        index = self._space.index.names(self.kind.name)
        provider = self._providers().get(name)
        if provider is not None:
            chosen = index.stem(provider)
            return [] if chosen is None else [chosen]
        if not self._is_wanted(name):
            return []
        return [file for file in index.candidates(name) if self._is_wanted(file.stem, name)]

    def _providers(self) -> Mapping[str, str]:
        """Module names that the configuration gives to a certain file (`providers: {pkg: yumpkg}`)."""
        opts = self._space.scope.opts
        return opts.get("providers") or {} if self.kind.name == "modules" else {}

    def _is_wanted(self, *names: str) -> bool:
        """Whether the options let a module be loaded that is known by these names (behaviour LDR-07)."""
        opts = self._space.scope.opts
        disabled = opts.get(f"disable_{self.kind.name}") or ()
        whitelist = opts.get(f"whitelist_{self.kind.name}") or ()
        return not any(name in disabled for name in names) and (
            not whitelist or any(name in whitelist for name in names)
        )

    def _publish(self, file: PluginFile, asked: str) -> None:
        """Load a file and add its functions under its names, where they are not taken."""
        # A module whose `__virtual__` asks for a function of its own name must not load itself again.
        if file.stem in self.refused or file.stem in self._names or file.stem in self._loading:
            return
        self._loading.add(file.stem)
        try:
            module, names = self._load(file, asked)
        except LoadError as reason:
            self.refused[file.stem] = str(reason)
            return
        finally:
            self._loading.discard(file.stem)
        self._modules[file.stem] = module
        self._names[file.stem] = names
        self._add_functions(module, names)

    def _load(self, file: PluginFile, asked: str) -> tuple[ModuleType, tuple[str, ...]]:
        module = execute(file, self._space.module_name(self.kind.name, file.stem))
        try:
            values = self._space.values_for(self.kind)
            module.__dict__.update(values)
            names = (asked,) if self._providers().get(asked) == file.stem else ask_virtual(module, file.stem)
            call_init(module, module.__dict__.get("__opts__", {}))
        except LoadError:
            forget(module.__name__)
            raise
        return module, names

    def _add_functions(self, module: ModuleType, names: tuple[str, ...]) -> None:
        outputters = getattr(module, "__outputter__", {})
        for public, function in public_functions(module, self.table).items():
            for name in names:
                key = f"{name}.{public}"
                if key not in self.functions:
                    self.functions[key] = function
                    if public in outputters:
                        self.outputters[key] = outputters[public]


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
    number = next(number for number in range(len(_numbers_in_use) + 1) if number not in _numbers_in_use)
    _numbers_in_use.add(number)
    return number
