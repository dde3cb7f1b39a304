"""The modules of one kind in one space: loaded on first use, and what they offer."""

from __future__ import annotations

from saltern.plugins.loading import LoadError, ask_virtual, call_init, execute, forget, public_functions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import ModuleType
    from typing import Any

    from saltern.plugins.entry import PluginFile
    from saltern.plugins.index import PluginIndex
    from saltern.plugins.kinds import PluginKind


class LoadedKind:
    """What is loaded of one kind in one space. `functions` are keyed `module.function`.

    `package` is the name below which modules are registered; `values` gives the names that a new module is injected.
    """

    def __init__(
        self,
        kind: PluginKind,
        index: PluginIndex,
        opts: Mapping[str, Any],
        package: str,
        values: Callable[[PluginKind], dict[str, Any]],
    ) -> None:
        self.kind = kind
        self.functions: dict[str, Callable[..., Any]] = {}
        self.outputters: dict[str, str] = {}
        self.refused: dict[str, str] = {}
        self._index = index
        self._opts = opts
        self._package = package
        self._values = values
        self._modules: dict[str, ModuleType] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self._loading: set[str] = set()
        self._complete: set[str] = set()

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and (key in self.functions or self.find(key) is not None)

    def clear(self) -> None:
        forget(self._package)
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
        for file in self._index.names(self.kind.name):
            if self._is_wanted(file.stem):
                self._publish(file, file.stem)

    def modules(self) -> Iterable[ModuleType]:
        return self._modules.values()

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
        index = self._index.names(self.kind.name)
        provider = self._providers().get(name)
        if provider is not None:
            chosen = index.stem(provider)
            return [] if chosen is None else [chosen]
        if not self._is_wanted(name):
            return []
        return [file for file in index.candidates(name) if self._is_wanted(file.stem, name)]

    def _providers(self) -> Mapping[str, str]:
        """Module names that the configuration gives to a certain file (`providers: {pkg: yumpkg}`)."""
        return self._opts.get("providers") or {} if self.kind.name == "modules" else {}

    def _is_wanted(self, *names: str) -> bool:
        """Whether the options let a module be loaded that is known by these names (behaviour LDR-07)."""
        disabled = self._opts.get(f"disable_{self.kind.name}") or ()
        whitelist = self._opts.get(f"whitelist_{self.kind.name}") or ()
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
        module = execute(file, f"{self._package}.{file.stem}")
        try:
            module.__dict__.update(self._values(self.kind))
            names = (asked,) if self._providers().get(asked) == file.stem else ask_virtual(module, file.stem)
            call_init(module, module.__dict__.get("__opts__", {}))
        except LoadError:
            forget(module.__name__)
            raise
        return module, names

    def _add_functions(self, module: ModuleType, names: tuple[str, ...]) -> None:
        outputters = getattr(module, "__outputter__", {})
        for public, function in public_functions(module, self).items():
            for name in names:
                key = f"{name}.{public}"
                if key not in self.functions:
                    self.functions[key] = function
                    if public in outputters:
                        self.outputters[key] = outputters[public]
