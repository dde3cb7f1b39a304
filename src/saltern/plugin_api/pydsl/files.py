"""Running the files of the renderer `pydsl`, and those that they include on the way."""

from __future__ import annotations

import sys
import uuid
from types import CodeType, ModuleType
from typing import Any

from saltern.errors import RenderError
from saltern.plugin_api.pydsl.declarations import (
    Events,
    PyDslError,
    StateFunction,
    StateId,
    body_of,
    function_of,
    taken_out,
)
from saltern.plugin_api.salt_names import offer_salt_names_to

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Place = tuple[str, str]
    RunNow = Callable[[str, dict[str, Any]], Any]
    IncludeNow = Callable[[str], "DslFile | None"]


class DslFile:
    """One file that is being run, its `__pydsl__`: what it includes, extends and declares, in the order of writing."""

    def __init__(self, file: str, sls: str) -> None:
        self.file = file
        self.module = ModuleType(sls)
        self.known: dict[Any, StateId] = {}
        """The states that it may speak of: its own, and those of the files that it includes."""
        self.includes: list[Any] = []
        self.is_ordered = False
        self._own: dict[Any, StateId] = {}
        self._extended: dict[str, dict[str, StateFunction]] = {}
        self._chain: list[StateFunction] = []

    def set(self, **options: Any) -> None:
        """Set options of this file: `ordered`, so that each state from here on requires the one before it."""
        for name, value in options.items():
            if name != "ordered":
                raise PyDslError(f"__pydsl__ has no option '{name}', only 'ordered'")
            self.is_ordered = bool(value)

    def add(self, id_: Any, state: StateId) -> None:
        self._own[id_] = self.known[id_] = state

    def follow(self, function: StateFunction) -> None:
        """Have a new function require the one before it, where the file is in order."""
        if self.is_ordered:
            function.before = self._chain[-1].reference if self._chain else None
            self._chain.append(function)

    def extend(self, function: Any) -> None:
        """Have a function say more of a state of another file, instead of being one of this file."""
        if self.is_ordered:
            raise RenderError("Cannot extend() after the ordered option was turned on!", hint="Extend before that.")
        if not isinstance(function, StateFunction):
            raise PyDslError(f"extend() takes state functions, such as state('id').cmd.run(...), and not '{function}'")
        id_ = str(function.state)
        self._extended.setdefault(id_, {})[function.module] = function
        if id_ in self._own and taken_out(self._own[id_], function.module):
            self._forget(id_)

    def detach(self, state: StateId) -> dict[str, Any]:
        """Take a state out of the file; its modules as an SLS file has them."""
        functions = [one for one in map(function_of, state) if one is not None]
        kept = [one for one in self._chain if one not in functions]
        followed = {id(one) for one in self._chain[: len(kept)]}
        for one in kept:
            if id(one) not in followed:
                told = f"Cannot run state({functions[0].module}: {state}) that is required by a runtime state"
                raise PyDslError(f"{told}({one.module}: {one.state}), at compile time.")
        self._chain = kept
        for one in functions:
            one.before = None
        self._forget(str(state))
        return body_of(state)

    def _forget(self, id_: str) -> None:
        self._own.pop(id_, None)
        self.known.pop(id_, None)

    def data(self) -> dict[str, Any]:
        """The file as SLS data."""
        data: dict[str, Any] = {"include": list(self.includes)} if self.includes else {}
        if self._extended:
            data["extend"] = {
                id_: {module: one.written() for module, one in functions.items()}
                for id_, functions in self._extended.items()
            }
        return {**data, **{id_: body_of(state) for id_, state in self._own.items() if any(True for _ in state)}}


class Session:
    """The files of one compilation. A file that another one includes is run when that says so, and only then."""

    def __init__(self) -> None:
        self._stack: list[tuple[DslFile, IncludeNow]] = []
        self._files: dict[Place, DslFile] = {}
        self._ready: dict[Place, tuple[str, dict[str, Any]]] = {}
        self._compiled: set[Place] = set()

    def file_of(self, place: Place) -> DslFile | None:
        """A file that ran already, or is running."""
        return self._files.get(place)

    def prepared(self, place: Place, text: str) -> dict[str, Any] | None:
        """The data of a file that ran because another one includes it: the compiler comes for each file once."""
        if self._stack:
            return None
        if place in self._compiled:  # a further compilation begins
            for known in (self._files, self._ready, self._compiled):
                known.clear()
        self._compiled.add(place)
        before, data = self._ready.pop(place, ("", None))
        return data if before == text else None

    def run(
        self, text: str, file: DslFile, place: Place, names: Mapping[str, Any], include: IncludeNow, run_now: RunNow
    ) -> dict[str, Any]:
        """The SLS data that a file writes. `include` runs another file, `run_now` states."""
        self._files[place] = file
        file.module.__dict__.update(names, __pydsl__=file, **self._functions(run_now))
        code = _compiled(text, file.file)
        offer_salt_names_to(code)
        self._stack.append((file, include))
        try:
            exec(code, file.module.__dict__)  # noqa: S102 - the file is code that the file tree is trusted to bring
            data = file.data()
        except RenderError as error:
            if not (error.file or error.line):
                error.line = _line_of(error, file.file)
            raise
        finally:
            self._stack.pop()
        if self._stack:
            self._ready[place] = (text, file.data())
        return data

    @property
    def _top(self) -> DslFile:
        if not self._stack:
            raise PyDslError("States can be declared while their file is rendered only, and not when states run")
        return self._stack[-1][0]

    def _functions(self, run_now: RunNow) -> dict[str, Any]:
        events = Events(
            created=lambda function: self._top.follow(function),
            run=lambda state: run_now(str(state), self._top.detach(state)),
            line=lambda: _line_now(self._top.file),
        )

        def state(id: Any = None) -> StateId:  # noqa: A002 - files may give it by name
            id_ = f".{uuid.uuid4()}" if id is None else id
            known = next((file.known[id_] for file, _ in reversed(self._stack) if id_ in file.known), None)
            if known is None:
                known = StateId(id_, events)
                self._top.add(id_, known)
            return known

        def extend(*functions: Any) -> None:
            for function in functions:
                self._top.extend(function)

        return {"state": state, "extend": extend, "include": self._include}

    def _include(self, *names: str, delayed: bool = False) -> Any:
        """Have the states of other files too; their modules, or None for those that this renderer does not run."""
        top = self._top
        if not all(isinstance(name, str) for name in names):
            raise PyDslError(f"include() takes names of SLS files, each as a text of its own, and not {names!r}")
        top.includes += [name for name in names if name not in top.includes]
        if delayed:
            return None
        modules = []
        for name in names:
            found = self._stack[-1][1](name)
            if found is not None:
                top.known = {**found.known, **top.known}
            modules.append(None if found is None else found.module)
        return modules[0] if len(modules) == 1 else modules


def _compiled(text: str, file: str) -> CodeType:
    try:
        return compile(text, file, "exec")
    except SyntaxError as error:
        told = f"{error.msg} (<string>, line {error.lineno})"
        raise RenderError(told, line=error.lineno or 0, column=error.offset or 0, unforeseen=True) from error


def _line_of(error: Exception, file: str) -> int:
    """The innermost line of a file on the way to an error."""
    line, traceback = 0, error.__traceback__
    while traceback is not None:
        line = traceback.tb_lineno if traceback.tb_frame.f_code.co_filename == file else line
        traceback = traceback.tb_next
    return line


def _line_now(file: str) -> int:
    """The line of a file that is being run; 0 where it is not."""
    frame = sys._getframe()
    while frame.f_code.co_filename != file:
        if frame.f_back is None:
            return 0
        frame = frame.f_back
    return frame.f_lineno
