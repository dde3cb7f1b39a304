"""States, references to states, and the document that they make in the order in which they are written."""

from __future__ import annotations

from typing import Any, NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_KINDS = ("listen", "onchanges", "onfail", "prereq", "require", "use", "watch")
REQUISITES = frozenset(kind + form for kind in _KINDS for form in ("", "_in", "_any", "_all"))


class InvalidFunction(Exception):
    """A kind of state has no such function."""


class DuplicateState(Exception):
    """A function of a kind of state stands twice under one id."""


class Extended(NamedTuple):
    """The id of a state of another file, which is given more arguments."""

    id: str


class Document:
    """The SLS data of one file. `needed` are the requisites of the `with` blocks around what is written next."""

    def __init__(self) -> None:
        self.needed: list[Requisite] = []
        self.is_open = True
        self._includes: list[Any] = []
        self._states: dict[str, dict[str, State]] = {}
        self._extended: dict[str, dict[str, State]] = {}

    def include(self, *names: Any) -> None:
        """Have the states of other SLS files too."""
        self._includes.extend(names)

    def add(self, state: State) -> None:
        """Take a state up, unless the document is closed, as it is while a file is imported for its names."""
        if not self.is_open:
            return
        ids = self._extended if isinstance(state.id, Extended) else self._states
        functions = ids.setdefault(state.name, {})
        if state.function in functions:
            raise DuplicateState(f"A state with id ''{state.name}'', type ''{state.function}'' exists")
        for requisite in self.needed:
            state.require(requisite)
        functions[state.function] = state

    def data(self) -> dict[str, Any]:
        """The document as SLS data."""
        data: dict[str, Any] = {"include": self._includes} if self._includes else {}
        if self._extended:
            data["extend"] = _written(self._extended)
        return {**data, **_written(self._states)}


class State:
    """One state. In a `with` it is required by the states of the block."""

    def __init__(self, document: Document, id_: Any, module: str, function: str, arguments: dict[str, Any]) -> None:
        self.id = id_
        self.name = id_.id if isinstance(id_, Extended) else id_
        self.function = f"{module}.{function}"
        self.arguments = arguments
        self._document = document
        self._reference = Requisite(document, module, self.name)
        document.add(self)

    def require(self, requisite: Requisite) -> None:
        """Give the state one more requisite, after those that it has of that kind."""
        self.arguments[requisite.kind] = [*_as_list(self.arguments.get(requisite.kind, [])), requisite]

    def written(self) -> list[dict[str, Any]]:
        """The arguments as an SLS file has them, by their names."""
        return [{name: _value(name, self.arguments[name])} for name in sorted(self.arguments)]

    def __enter__(self) -> State:
        self._reference.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self._reference.__exit__(*raised)

    def __str__(self) -> str:
        return f"{self.name} = {self.function}:{self.written()}"


class Requisite:
    """A reference to a state: the value of a requisite, or in a `with` the requisite of the states of the block."""

    def __init__(self, document: Document, module: str, id_: str, kind: str = "require") -> None:
        self.kind = kind
        self._document = document
        self._reference = {module: id_}

    def written(self) -> dict[str, str]:
        return dict(self._reference)

    def __enter__(self) -> Requisite:
        self._document.needed.append(self)
        return self

    def __exit__(self, *raised: object) -> None:
        self._document.needed.pop()


class StateFactory:
    """A kind of state: `Pkg("id")` refers to a state, `Pkg.installed("id", ...)` is one."""

    def __init__(self, document: Document, module: str, functions: frozenset[str]) -> None:
        self._document = document
        self._module = module
        self._functions = functions

    def __call__(self, id_: str, requisite: str = "require") -> Requisite:
        return Requisite(self._document, self._module, id_, requisite)

    def __getattr__(self, function: str) -> Callable[..., State]:
        if function not in self._functions:
            raise InvalidFunction(f"The function '{function}' does not exist in the StateFactory for '{self._module}'")

        def make_state(id_: Any, **arguments: Any) -> State:
            return State(self._document, id_, self._module, function, arguments)

        return make_state


def _written(ids: dict[str, dict[str, State]]) -> dict[str, Any]:
    return {id_: {name: state.written() for name, state in functions.items()} for id_, functions in ids.items()}


def _value(name: str, value: Any) -> Any:
    """An argument as data; references may stand alone or in lists."""
    if name in REQUISITES:
        value = _as_list(value)
    if isinstance(value, Requisite):
        return value.written()
    return [one.written() if isinstance(one, Requisite) else one for one in value] if isinstance(value, list) else value


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
