"""What a file declares: states by id, their modules, and the one function that each module has."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

from saltern.errors import RenderError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_KINDS = ("require", "watch", "listen", "onchanges", "onfail", "prereq", "use")
_ANY = ("require_any", "watch_any", "onchanges_any", "onfail_any", "onfail_all")
REQUISITES = frozenset((*_KINDS, *(f"{kind}_in" for kind in _KINDS), *_ANY))
_CALLS = (("cmd", "call"), ("cmd", "wait_call"))


class PyDslError(RenderError):
    """A file declares what cannot be. Where it does is seen to by what runs the file."""

    def __init__(self, message: str, *, line: int = 0, hint: str = "") -> None:
        super().__init__(message, line=line, hint=hint, unforeseen=True)


class Events(NamedTuple):
    """Who is told of what happens to declarations: that a function came to be, and that a state is to run now."""

    created: Callable[[StateFunction], None]
    run: Callable[[StateId], Any]
    line: Callable[[], int]


class StateId:
    """`state('id')`: its attributes are state modules, a call runs what it has at once and takes it out of the file."""

    def __init__(self, id_: Any, events: Events) -> None:
        # Every name without `_` is a state module's, and below it a function's: what is ours has to begin with one.
        self._id = id_
        self._events = events
        self._modules: dict[str, StateModule] = {}

    def __getattr__(self, module: str) -> StateModule:
        if module.startswith("_"):
            raise AttributeError(module)
        if module not in self._modules:
            self._modules[module] = StateModule(self, module, self._events)
        return self._modules[module]

    __getitem__ = __getattr__

    def __iter__(self) -> Iterator[StateModule]:
        return iter(list(self._modules.values()))

    def __call__(self) -> Any:
        return self._events.run(self)

    def __str__(self) -> str:
        return str(self._id)

    def _without(self, module: str) -> bool:
        """Take a module away; whether none is left."""
        self._modules.pop(module, None)
        return not self._modules


class StateModule:
    """`state('id').file`: its attributes are state functions, of which it takes one, and that one's requisites."""

    def __init__(self, state: StateId, name: str, events: Events) -> None:
        self._state = state
        self._name = name
        self._events = events
        self._line = events.line()
        self._function: StateFunction | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        function = self._made()
        return getattr(function, name) if name in REQUISITES else function.named(name)

    def __call__(self, function: str, /, *args: Any, **kwargs: Any) -> StateFunction:
        return self._made().named(function)(*args, **kwargs)

    def __str__(self) -> str:
        return self._name

    def _made(self) -> StateFunction:
        if self._function is None:
            self._function = StateFunction(self._state, self._name)
            self._events.created(self._function)
        return self._function

    def _written(self) -> list[Any]:
        """The function as an SLS file has it; an error where nothing says which one it is."""
        if self._function is None or not self._function.name:
            raise PyDslError(
                f"No state function specified for module: {self._name}",
                line=self._line,
                hint=f"The state '{self._state}' needs one; to only refer to it write require({self._name}='id').",
            )
        return self._function.written()


class _Needs(NamedTuple):
    """The place among the arguments at which the requisites of a kind stand."""

    kind: str


class StateFunction:
    """`state('id').file.managed`: calls add arguments, `require` and its kin add requisites. All give it back."""

    def __init__(self, state: StateId, module: str) -> None:
        self.state = state
        self.module = module
        self.name = ""
        self.before: dict[str, Any] | None = None
        """The state that it requires because of the order in which the file has them."""
        self._arguments: list[Any] = []
        self._needs: dict[str, list[Any]] = {}

    @property
    def reference(self) -> dict[str, str]:
        return {self.module: str(self.state)}

    def __str__(self) -> str:
        return f"{self.module}.{self.name} of state '{self.state}'"

    def named(self, name: str) -> StateFunction:
        """Say which function it is, once."""
        if self.name and self.name != name:
            raise PyDslError(f"Multiple state functions({name}) not allowed in a state module({self.module})!")
        self.name = name
        return self

    def __call__(self, /, *args: Any, **kwargs: Any) -> StateFunction:
        if args and callable(args[0]) and (self.module, self.name) in _CALLS:
            function, *rest = args
            name = getattr(function, "__name__", type(function).__name__)
            args, kwargs = (name,), {"func": function, "args": rest, "kws": kwargs}
        if args:
            self._arguments += [{"name": args[0]}, *args[1:]]
        for key, value in kwargs.items():
            if key in REQUISITES and isinstance(value, list):
                self._needed(key).extend(value)
            else:
                self._arguments.append({key: value})
        return self

    def __getattr__(self, kind: str) -> Callable[..., StateFunction]:
        if kind not in REQUISITES:
            raise AttributeError(
                f"A state function has no requisite '{kind}': there are {', '.join(sorted(REQUISITES))}"
            )
        return functools.partial(self._require, kind)

    def _require(self, kind: str, /, *modules: StateModule, **ids: Any) -> StateFunction:
        needs = self._needed(kind) if modules or ids else []
        for module in modules:
            if not isinstance(module, StateModule):
                raise PyDslError(f"Invalid a requisite reference declaration! {module}: None", hint=_HINT)
            _add(needs, {str(module): str(module._state)})
        for name, id_ in ids.items():
            if not isinstance(id_, str | StateId):
                raise PyDslError(f"Invalid a requisite reference declaration! {name}: {id_}", hint=_HINT)
            _add(needs, {name: str(id_)})
        return self

    def _needed(self, kind: str) -> list[Any]:
        """The requisites of a kind. They stand in one list: of several in a state, all but the last would be lost."""
        if kind not in self._needs:
            self._needs[kind] = []
            self._arguments.append(_Needs(kind))
        return self._needs[kind]

    def written(self) -> list[Any]:
        """Its name and its arguments; requisites are in lists and dictionaries anew, which others may change."""
        arguments = [self._needs_of(one) if isinstance(one, _Needs) else one for one in self._arguments]
        if self.before is not None and "require" not in self._needs:
            arguments.insert(0, {"require": [dict(self.before)]})
        return [*([self.name] if self.name else []), *arguments]

    def _needs_of(self, place: _Needs) -> dict[str, list[Any]]:
        found = [dict(one) if isinstance(one, dict) else one for one in self._needs[place.kind]]
        if place.kind == "require" and self.before is not None and self.before not in found:
            found.insert(0, dict(self.before))
        return {place.kind: found}


def _add(needs: list[Any], need: dict[str, str]) -> None:
    if need not in needs:
        needs.append(need)


_HINT = "Write require(state('id').module) or require(module='id')."


def function_of(module: StateModule) -> StateFunction | None:
    """The function of a module, as far as one came to be."""
    return module._function


def body_of(state: StateId) -> dict[str, list[Any]]:
    """The modules of a state, each with its function, as an SLS file has them."""
    return {str(module): module._written() for module in state}


def taken_out(state: StateId, module: str) -> bool:
    """Take a module away from a state; whether none is left."""
    return state._without(module)
