"""The table of functions that plugins know as `__salt__`, `__states__`, …: `module.function`, loaded on first use."""

from __future__ import annotations

from collections.abc import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from saltern.plugins.loaded import LoadedKind


class FunctionMissingError(KeyError):
    """There is no such function here. `key` is what was asked for, `reason` the text that JOB-13 gives for it."""

    def __init__(self, key: str, reason: str, neighbours: Iterable[str] = ()) -> None:
        super().__init__(key)
        self.key = key
        self.reason = reason
        self._neighbours = neighbours

    @property
    def hint(self) -> str:
        """A sentence with the function that is spelt most alike, or an empty text."""
        import difflib

        close = difflib.get_close_matches(self.key, list(self._neighbours), 1)
        return f"Did you mean '{close[0]}'?" if close else ""

    def __str__(self) -> str:
        return f"{self.reason} {self.hint}".strip()


class FunctionTable(Mapping[str, "Callable[..., Any]"]):
    """The functions of one kind in one space.

    Looking a function up loads the files that may define it, until one does. Iterating, `len` and `in` for all keys
    load every module of the kind. In templates a module is an attribute too: `salt.test.ping()`.
    """

    salt_type = "salt.utils.templates.AliasedLoader"
    """What a template is told that this is."""

    def __init__(self, loaded: LoadedKind) -> None:
        self._loaded = loaded

    def __getitem__(self, key: str) -> Callable[..., Any]:
        function = self._loaded.functions.get(key) or self._loaded.find(key)
        if function is None:
            raise FunctionMissingError(key, self.why_missing(key), self.functions_of(key.partition(".")[0]))
        return function

    def __contains__(self, key: object) -> bool:
        return key in self._loaded

    def __iter__(self) -> Iterator[str]:
        self._loaded.load_all()
        return iter(sorted(self._loaded.functions))

    def __len__(self) -> int:
        self._loaded.load_all()
        return len(self._loaded.functions)

    def __getattr__(self, name: str) -> ModuleView:
        if name.startswith("_") or not self.functions_of(name):
            raise AttributeError(self.why_missing(name))
        return ModuleView(self, name)

    # Two tables are equal when they are the same; a mapping's own comparison would load every module.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"<functions of kind {self._loaded.kind.name}>"

    def functions_of(self, name: str) -> dict[str, Callable[..., Any]]:
        """The public functions of one module by their full names, sorted; empty when there is no such module."""
        self._loaded.load_module(name)
        prefix = f"{name}."
        return {key: self._loaded.functions[key] for key in sorted(self._loaded.functions) if key.startswith(prefix)}

    def module_names(self) -> list[str]:
        """The names of all modules that can be loaded, sorted."""
        return sorted({key.partition(".")[0] for key in self})

    def module_doc(self, name: str) -> str | None:
        """The docstring of a module."""
        self._loaded.load_module(name)
        module = self._loaded.module_named(name)
        return None if module is None else module.__doc__

    def file_of(self, name: str) -> str:
        """The stem of the file that serves a module name; empty when none does."""
        self._loaded.load_module(name)
        return self._loaded.stem_of(name)

    def refused(self) -> dict[str, str]:
        """The modules that cannot be loaded: stem of the file to the reason (which may be empty)."""
        self._loaded.load_all()
        return dict(sorted(self._loaded.refused.items()))

    def outputter(self, key: str) -> str:
        """The outputter that a module declares for a function; an empty text when it declares none."""
        return self._loaded.outputters.get(key, "")

    def why_missing(self, key: str) -> str:
        """Why there is no such function: the text that JOB-13 gives for it."""
        name = key.partition(".")[0]
        reason = self._loaded.why_refused(name)
        if reason is None:
            return f"'{key}' is not available."
        return f"'{name}' __virtual__ returned False" + (f": {reason}" if reason else "")


class ModuleView:
    """One module of a table, its functions as attributes."""

    def __init__(self, table: FunctionTable, name: str) -> None:
        self._table = table
        self._name = name

    def __getattr__(self, function: str) -> Callable[..., Any]:
        try:
            return self._table[f"{self._name}.{function}"]
        except KeyError as error:
            raise AttributeError(str(error)) from error
