"""What the renderer `stateconf` makes of the data of an SLS file (behaviour RND-09)."""

from __future__ import annotations

from typing import Any, NamedTuple

from saltern.errors import RenderError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NO_STATES = frozenset(("include", "exclude", "extend"))
_KINDS = ("require", "watch", "listen", "onchanges", "onfail", "prereq", "use")
_REQUISITES = frozenset(kind + form for kind in _KINDS for form in ("", "_in", "_any", "_all"))
_SET = "stateconf.set"


class Flags(NamedTuple):
    """What the `#!` line asks for."""

    goal: bool = True
    start: bool = False
    in_order: bool = False
    is_data: bool = False


def parameters(data: Any, sls: str, extended: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The arguments of all states `stateconf.set`, by their ids without a dot.

    `extended` are those that other files gave, by full ids, and win; requisites are joined.
    """
    found: dict[str, Any] = {}
    for id_, arguments in _sets(data):
        name = id_.removeprefix(".")
        given = dict(extended.get(f"{sls}::{name}" if _is_own(id_) else id_, {}))
        given.update({kind: [*given[kind], *arguments.get(kind, ())] for kind in _REQUISITES.intersection(given)})
        found[name] = {**arguments, **given}
    return found


def extensions(data: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What a finished file gives to the parameters of files that it includes, by full ids."""
    return dict(_sets(data.get("extend")))


def _sets(states: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for id_, body in states.items() if isinstance(states, dict) else ():
        arguments = body.get(_SET) if isinstance(body, dict) else None
        if isinstance(arguments, list):
            yield str(id_), {key: value for one in arguments if isinstance(one, dict) for key, value in one.items()}


class SlsFile:
    """The ids and references of one file, `sls` its name."""

    def __init__(self, sls: str, flags: Flags) -> None:
        self._sls = sls
        self._package = sls.rpartition(".")[0]
        self._flags = flags

    def finished(self, data: Any) -> dict[str, Any]:
        """The data with full ids, and the states that were asked for in addition."""
        if not isinstance(data, dict):
            raise RenderError("High data is not a dictionary and is invalid")
        data = {id_: _long_form(body) if id_ not in _NO_STATES else body for id_, body in data.items()}
        if self._flags.in_order:
            _chain(data)
        first = next(_references(data), None)
        if self._flags.start:
            _add(data, ".start", {"require_in": [first] if first else []}, "start")
        if self._flags.goal:
            _add(data, ".goal", {"require": list(_references(data))}, "goal")
        self._exclude(data)
        self._name(data)
        self._name(data.get("extend"))
        return self._renamed(data)

    def _exclude(self, data: dict[str, Any]) -> None:
        for item in data.get("exclude") or ():
            if isinstance(item, dict) and str(item.get("sls", "")).startswith("."):
                item["sls"] = self._relative(item["sls"])

    def _name(self, states: Any) -> None:
        """A state without a name is called by its id as it is written, and references get full ids."""
        for id_, module, arguments in _each_state(states):
            is_named = any(isinstance(one, dict) and "name" in one for one in arguments)
            if _is_own(id_) and "::" not in id_ and module.partition(".")[0] != "stateconf" and not is_named:
                arguments.insert(0, {"name": id_[1:]})
            for argument in arguments:
                if isinstance(argument, dict):
                    for kind in _REQUISITES.intersection(argument):
                        self._refer(argument[kind])

    def _refer(self, references: Any) -> None:
        for reference in references if isinstance(references, list) else ():
            if isinstance(reference, dict):
                reference.update({kind: self._full(id_) for kind, id_ in reference.items() if _is_own(id_)})

    def _renamed(self, data: dict[str, Any]) -> dict[str, Any]:
        """Full ids in the place of short ones, after the ids that were full before."""
        extended = data.get("extend")
        if isinstance(extended, dict):
            data["extend"] = self._renamed_ids(extended)
        return self._renamed_ids(data)

    def _renamed_ids(self, states: dict[str, Any]) -> dict[str, Any]:
        kept = {id_: body for id_, body in states.items() if not _is_own(id_)}
        for id_, body in states.items():
            if _is_own(id_):
                full = self._full(id_)
                if full in kept:
                    raise RenderError(f"Can't rename state id({id_}) into {full} because the later already exists!")
                kept[full] = body
        return kept

    def _full(self, id_: str) -> str:
        sls, separator, name = id_.partition("::")
        return f"{self._relative(sls)}::{name}" if separator else f"{self._sls}::{id_[1:]}"

    def _relative(self, sls: str) -> str:
        """The SLS that a name with a dot before it means: one beside this file."""
        return f"{self._package}{sls}" if self._package else sls[1:]


def _is_own(id_: Any) -> bool:
    return isinstance(id_, str) and id_.startswith(".")


def _long_form(body: Any) -> Any:
    """A state's body with a list for each function: `test.nop` alone is `{test.nop: []}`."""
    if isinstance(body, str):
        return {body: []}
    if not isinstance(body, dict):
        return body
    return {function: [] if given is None else given for function, given in body.items()}


def _each_state(states: Any) -> Iterator[tuple[str, str, list[Any]]]:
    """Id, function and arguments of each state of SLS data."""
    for id_, body in states.items() if isinstance(states, dict) else ():
        for function, arguments in body.items() if id_ not in _NO_STATES and isinstance(body, dict) else ():
            if isinstance(arguments, list) and not str(function).startswith("__"):
                yield str(id_), str(function), arguments


def _references(data: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    return ({function.partition(".")[0]: id_} for id_, function, _ in _each_state(data))


def _chain(data: dict[str, Any]) -> None:
    """Have each state require the one before it."""
    before: dict[str, str] | None = None
    for id_, function, arguments in _each_state(data):
        if before is not None:
            required = next((one["require"] for one in arguments if isinstance(one, dict) and "require" in one), None)
            if isinstance(required, list):
                required.insert(0, dict(before))
            else:
                arguments.append({"require": [dict(before)]})
        before = {function.partition(".")[0]: id_}


def _add(data: dict[str, Any], id_: str, requisite: dict[str, Any], kind: str) -> None:
    if id_ in data:
        raise RenderError(f"Can't generate {kind} state({id_})! The same state id already exists!")
    data[id_] = {_SET: [requisite]}
