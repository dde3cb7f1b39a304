"""States that change other states: `extend`, the reverse requisites, `exclude` (behaviours STA-08, STA-09, REQ-01)."""

from __future__ import annotations

import fnmatch
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from saltern.states.declarations import illegal_requisite
from saltern.states.faults import Fault, Likely, Spot
from saltern.states.gather import HighData
from saltern.states.requisites import NOT_SHARED, REQUISITES, REVERSE, references


def reconcile(high: HighData) -> None:
    """Carry out what states say of others, in Salt's order; what cannot be is added to the errors."""
    index = _Index(high.states)
    for extension in high.extends:
        for name, body in extension.items():
            _extend(high, index, name, body)
    if not high.errors:
        missing: dict[Any, Fault] = {}
        given: set[Any] = set()  # as in Salt, `id: name` in reverse means a state only where that is given more already
        for addition in [*_additions(high, index)]:
            if _add(high, index, addition):
                given.add(addition.name)
            elif addition.module != "id" or addition.name not in given:
                missing[addition.name] = _not_there(high, index, addition.name, addition.spot)
        high.errors += missing.values()
    _exclude(high)


class _Index:
    """The ids of states by what others call them, so that a reference is found without looking at all states."""

    def __init__(self, states: Mapping[Any, Any]) -> None:
        self._named: dict[tuple[str, Any], dict[Any, None]] = {}
        self._of_sls: dict[Any, list[Any]] = {}
        self.likely = Likely()
        for one, body in states.items():
            for module in _modules(body):
                self.add(one, module, body[module])
            if isinstance(body, Mapping):
                self._of_sls.setdefault(body["__sls__"], []).append(one)

    def add(self, one: Any, module: str, arguments: Any) -> None:
        name = _name_of(arguments)
        if name is not None and isinstance(name, Hashable):
            self._named.setdefault((module, name), {})[one] = None

    def remove(self, one: Any, module: str, arguments: Any) -> None:
        name = _name_of(arguments)
        if isinstance(name, Hashable):
            self._named.get((module, name), {}).pop(one, None)

    def the_one(self, modules: Sequence[str], name: Any) -> Any | None:
        """The one id of which a state of these modules has that `name`."""
        found = {one: None for module in modules for one in self._named.get((module, name), ())}
        return next(iter(found)) if len(found) == 1 else None

    def of_sls(self, name: Any) -> Sequence[Any]:
        """The ids that stand in an SLS file."""
        return self._of_sls.get(name, ())


def _name_of(arguments: Any) -> Any:
    """The `name` among the arguments of a state; None where there is none."""
    for one in arguments if isinstance(arguments, list) else ():
        if isinstance(one, Mapping) and "name" in one:
            return one["name"]
    return None


class _Addition(NamedTuple):
    """Arguments that a state (an id or a name, and its module) is given by another one, which stands at `spot`."""

    name: Any
    module: str
    arguments: list[Any]
    spot: Spot


def _exclude(high: HighData) -> None:
    names = {item["id"] for item in high.excludes if isinstance(item, Mapping) and "id" in item}
    patterns = [
        item if isinstance(item, str) else item["sls"]
        for item in high.excludes
        if isinstance(item, str) or (isinstance(item, Mapping) and "sls" in item)
    ]
    if not names and not patterns:
        return
    high.states = {
        name: body
        for name, body in high.states.items()
        if name not in names and not any(fnmatch.fnmatchcase(_sls_of(body), one) for one in patterns)
    }


def _sls_of(body: Any) -> str:
    return str(body.get("__sls__")) if isinstance(body, Mapping) else ""


def _extend(high: HighData, index: _Index, name: Any, body: Mapping[str, Any]) -> None:
    target = name if name in high.states else index.the_one(_modules(body), name)
    if target is None:
        high.errors.append(_not_there(high, index, name, Spot(body["__sls__"], body["__env__"], ("extend", name))))
        return
    known = high.states[target]
    for module in _modules(body):
        arguments = body[module]
        index.remove(target, module, known.get(module))
        if isinstance(known.get(module), list) and isinstance(arguments, list):
            known[module] = merged(known[module], arguments)
        else:
            known[module] = arguments
        index.add(target, module, known[module])


def _add(high: HighData, index: _Index, addition: _Addition) -> bool:
    """Give a state arguments; whether it is there."""
    name, module = addition.name, addition.module
    target = name if module in high.states.get(name, ()) else index.the_one([module], name)
    if target is None:
        return False
    if isinstance(high.states[target][module], list):
        high.states[target][module] = merged(high.states[target][module], addition.arguments)
    return True


def _not_there(high: HighData, index: _Index, name: Any, spot: Spot) -> Fault:
    sls, saltenv = spot.sls, spot.saltenv
    told = (
        f"Cannot extend ID '{name}' in '{saltenv}:{sls}'. It is not part of the high state.\n"
        "This is likely due to a missing include statement or an incorrectly typed ID.\n"
        f"Ensure that a state with an ID of '{name}' is available\n"
        f"in environment '{saltenv}' and to SLS '{sls}'"
    )
    return Fault(told, spot, index.likely.question(name, high.states) or "Include the SLS file that holds this id.")


def merged(old: list[Any], new: list[Any]) -> list[Any]:
    """A state's arguments with those of an extension: requisites come together, all else is replaced."""
    result = [dict(one) if isinstance(one, Mapping) else one for one in old]
    for argument in new:
        if isinstance(argument, str):
            result = [one for one in result if not isinstance(one, str)]
            result.append(argument)
        elif isinstance(argument, Mapping):
            for key, value in argument.items():
                _set(result, key, value)
    return result


def _set(arguments: list[Any], key: str, value: Any) -> None:
    for one in arguments:
        if isinstance(one, dict) and key in one:
            both_lists = isinstance(one[key], list) and isinstance(value, list)
            one[key] = [*one[key], *value] if key in REQUISITES and both_lists else value
            return
    arguments.append({key: value})


def _additions(high: HighData, index: _Index) -> Iterator[_Addition]:
    """What `use` and the reverse requisites of all states give to others."""
    for name, body in high.states.items():
        for module in _modules(body):
            for word, value in _requisites(body[module]):
                wanted = [*_legal(high, value, Spot(body["__sls__"], body["__env__"], (name, module, word)))]
                if word == "use":
                    yield from _uses(high, index, wanted, name, module)
                elif word == "use_in":
                    yield from _used(high, index, wanted, name, module)
                elif word != "listen_in":  # the run looks for those who listen, and says who cannot be found
                    yield from _reversed(high, index, word, wanted, name, module)


def _requisites(arguments: Any) -> Iterator[tuple[str, Any]]:
    for argument in arguments if isinstance(arguments, list) else ():
        for word, value in argument.items() if isinstance(argument, Mapping) else ():
            if (word == "use" or word in REVERSE) and isinstance(value, list | Mapping):
                yield word, value


_References = Sequence[tuple[str, Any]]
"""See `requisites.references`."""


def _legal(high: HighData, value: Any, spot: Spot) -> Iterator[tuple[str, Any]]:
    """The references of a requisite that can mean a state; the others are added to the errors."""
    for kind, name in references(value):
        if isinstance(name, Hashable):
            yield kind, name
        else:
            hint = "A reference means one state: write '- module: id' on a line for each."
            high.errors.append(Fault(illegal_requisite(name, spot.sls), spot, hint))


# --- the states that a requisite in reverse means -------------------------------------------------------------------


def _reversed(
    high: HighData, index: _Index, word: str, wanted: _References, giver: Any, module: str
) -> Iterator[_Addition]:
    """The requisite on each state that is meant. Salt writes the first of n references n times, the next once less."""
    spot = Spot(high.states[giver]["__sls__"], high.states[giver]["__env__"], (giver, module, word))
    forward = word.removesuffix("_in")
    for place, (kind, name) in enumerate(wanted):
        if "." in kind:
            told = (
                f"Invalid requisite in {forward}: {kind} for {name}, in SLS '{spot.sls}'. Requisites must not"
                f" contain dots, did you mean '{kind.partition('.')[0]}'?"
            )
            high.errors.append(Fault(told, spot))
        given = [{forward: [{module: giver}] * (len(wanted) - place)}]
        if kind == "sls":
            given = [{forward: [{module: giver}]}]
        for target, found in _targets(high, index, kind, name):
            yield _Addition(target, found, given, spot)


def _targets(high: HighData, index: _Index, kind: str, name: Any) -> Iterator[tuple[Any, str]]:
    """The ids and modules that a reference means; where there is none, the reference itself, for the error."""
    if kind == "sls":
        for one in index.of_sls(name):
            yield from ((one, module) for module in _modules(high.states[one]))
    elif kind:
        yield name, kind
    elif name in high.states:
        yield from ((name, module) for module in _modules(high.states[name])[:1])


# --- arguments of other states --------------------------------------------------------------------------------------


def _uses(high: HighData, index: _Index, wanted: _References, taker: Any, module: str) -> Iterator[_Addition]:
    """What `use` takes over, reference by reference: the first that has an argument gives it."""
    for kind, name in wanted:
        for giver, found in _existing(high, index, kind, name, module):
            yield from _given(high, giver, found, taker, module)


def _used(high: HighData, index: _Index, wanted: _References, giver: Any, module: str) -> Iterator[_Addition]:
    for kind, name in wanted:
        for taker, found in _existing(high, index, kind, name, ""):
            yield from _given(high, giver, module, taker, found)


def _existing(high: HighData, index: _Index, kind: str, name: Any, module: str) -> Iterator[tuple[Any, str]]:
    """The states that a reference of `use` means; of an id alone that of the same `module`, else the first."""
    if kind == "sls":
        yield from _targets(high, index, kind, name)
        return
    body = high.states.get(name)
    if body is None and kind:
        found = index.the_one([kind], name)
        if found is not None:
            yield found, kind
    elif body is not None and (kind or module) in body:
        yield name, kind or module
    elif not kind:
        yield from _targets(high, index, kind, name)


def _given(high: HighData, giver: Any, found: str, taker: Any, module: str) -> Iterator[_Addition]:
    if not isinstance(high.states[taker][module], list) or not isinstance(high.states[giver][found], list):
        return
    own = {key for one in high.states[taker][module] if isinstance(one, Mapping) for key in one}
    given = [
        {key: value}
        for one in high.states[giver][found]
        if isinstance(one, Mapping)
        for key, value in one.items()
        if key not in own and key not in NOT_SHARED
    ]
    if given and giver != taker:
        spot = Spot(high.states[giver]["__sls__"], high.states[giver]["__env__"], (giver, found))
        yield _Addition(taker, module, given, spot)


def _modules(body: Any) -> list[str]:
    """The state modules under an id; none where that is malformed, which is told elsewhere."""
    if not isinstance(body, Mapping):
        return []
    return [module for module in body if not str(module).startswith("_")]
