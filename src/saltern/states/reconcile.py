"""States that change other states: `extend`, the reverse requisites, `exclude` (behaviours STA-08, STA-09, REQ-01)."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from saltern.states.gather import HighData
from saltern.states.requisites import NOT_SHARED, REQUISITES, REVERSE, references


def reconcile(high: HighData) -> None:
    """Carry out what states say of others, in Salt's order; what cannot be is added to the errors."""
    _exclude(high)
    for extension in high.extends:
        for name, body in extension.items():
            _extend(high, name, body)
    for extension in _reversed_requisites(high):
        for name, body in extension.items():
            _extend(high, name, body)


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
        if name not in names and not any(fnmatch.fnmatchcase(body["__sls__"], one) for one in patterns)
    }


def _extend(high: HighData, name: Any, body: Mapping[str, Any]) -> None:
    target = name if name in high.states else _by_name(high, name, body)
    if target is None:
        high.errors.append(
            f"Cannot extend ID '{name}' in '{body['__env__']}:{body['__sls__']}'. It is not part of the high state.\n"
            "This is likely due to a missing include statement or an incorrectly typed ID.\n"
            f"Ensure that a state with an ID of '{name}' is available\n"
            f"in environment '{body['__env__']}' and to SLS '{body['__sls__']}'"
        )
        return
    known = high.states[target]
    for module, arguments in body.items():
        if module.startswith("__"):
            continue
        if isinstance(known.get(module), list) and isinstance(arguments, list):
            known[module] = merged(known[module], arguments)
        else:
            known[module] = arguments


def _by_name(high: HighData, name: Any, body: Mapping[str, Any]) -> Any | None:
    """The one id of which a state of these modules has that `name`."""
    modules = {module for module in body if not module.startswith("__")}
    found = [one for one, states in high.states.items() if any(_name_of(states, module) == name for module in modules)]
    return found[0] if len(found) == 1 else None


def _name_of(states: Mapping[str, Any], module: str) -> Any:
    arguments = states.get(module)
    if not isinstance(arguments, list):
        return None
    return next((one["name"] for one in arguments if isinstance(one, Mapping) and "name" in one), None)


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


def _reversed_requisites(high: HighData) -> Iterator[dict[str, Any]]:
    """An extension for each state that another one names in a reverse requisite."""
    for name, body in list(high.states.items()):
        for module, arguments in body.items():
            if module.startswith("__") or not isinstance(arguments, list):
                continue
            for argument in arguments:
                for word in REVERSE if isinstance(argument, Mapping) else ():
                    if word in argument and isinstance(argument[word], list | Mapping):
                        yield from _extensions(high, word, argument[word], name, module)


def _extensions(high: HighData, word: str, value: Any, giver: Any, module: str) -> Iterator[dict[str, Any]]:
    body = high.states[giver]
    about = {"__sls__": body["__sls__"], "__env__": body["__env__"]}
    forward = word.removesuffix("_in")
    for wanted, target in references(value):
        for name, found in _targets(high, wanted, target):
            if word == "use_in":
                given = _given(body[module], high.states.get(name, {}).get(found, ()))
            else:
                given = [{forward: [{module: giver}]}]
            yield {name: {found: given, **about}}


def _given(arguments: list[Any], taken: Sequence[Any]) -> list[Any]:
    """The arguments of a state that another one takes over: those that it does not have itself (`use_in`)."""
    own = {key for one in taken if isinstance(one, Mapping) for key in one}
    return [
        {key: value}
        for one in arguments
        if isinstance(one, Mapping)
        for key, value in one.items()
        if key not in own and key not in NOT_SHARED
    ]


def _targets(high: HighData, module: str, name: Any) -> Iterator[tuple[Any, str]]:
    """The ids and modules that a reference means; where there is none, the reference itself, for the error."""
    if module == "sls":
        for one, body in list(high.states.items()):
            if body["__sls__"] == name:
                yield from ((one, found) for found in _modules(body))
        return
    if name in high.states:
        modules = [module] if module in high.states[name] else _modules(high.states[name]) if not module else []
        if modules:
            yield from ((name, found) for found in modules)
            return
    matching = [
        one
        for one, body in high.states.items()
        if module in body and (_name_of(body, module) == name or fnmatch.fnmatchcase(str(one), str(name)))
    ]
    yield from ((one, module) for one in matching or [name])


def _modules(body: Mapping[str, Any]) -> list[str]:
    return [module for module in body if not module.startswith("__")]
