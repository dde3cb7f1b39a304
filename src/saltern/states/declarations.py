"""One SLS file's data: states in all their forms made one form, and what is wrong with them (STA-04, STA-06)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from saltern.states.requisites import FORWARD, REVERSE

Body = dict[str, Any]
"""What stands under an id: state modules to lists of a function and arguments; names with `__` are about it."""


def expanded(name: Any, body: Any, sls: str) -> tuple[Any, list[str]]:
    """A body in its long form: `mod.fun: [args]` and `mod.fun` become `mod: [args, fun]`; and what is wrong with it."""
    if isinstance(body, str) and "." in body:
        module, _, function = body.partition(".")
        return {module: [function]}, []
    if not isinstance(body, Mapping):
        return body, []
    found: Body = {}
    problems = []
    for key, value in body.items():
        module, dot, function = str(key).partition(".")
        if str(key).startswith("_") or not dot:
            found[key] = list(value) if isinstance(value, list) else value
        elif module in found:
            problems.append(f"ID '{name}' in SLS '{sls}' contains multiple state declarations of the same type")
        elif value is None:
            problems.append(
                f"ID '{name}' in SLS '{sls}' contains a short declaration ({key}) with a trailing colon. When not"
                " passing any arguments to a state, the colon must be omitted."
            )
        else:
            found[module] = [*value, function] if isinstance(value, list) else value
    return found, problems


def put_in_order(body: Body, order: Iterator[int]) -> None:
    """Give each state of a body that says no `order` the next number."""
    for module, arguments in body.items():
        if module.startswith("_") or not isinstance(arguments, list):
            continue
        if not any(isinstance(one, Mapping) and "order" in one for one in arguments):
            arguments.append({"order": next(order)})


def problems_of(high: Mapping[Any, Any]) -> list[str]:
    """What is wrong with high data, in Salt's words."""
    found: list[str] = []
    for name, body in high.items():
        if str(name).startswith("__"):
            continue
        found += _problems_of_id(name, body, body.get("__sls__", "") if isinstance(body, Mapping) else "")
    return found


def _problems_of_id(name: Any, body: Any, sls: str) -> Iterator[str]:
    if not isinstance(name, str):
        kind = type(name).__name__
        yield (f"ID '{name}' in SLS '{sls}' is not formed as a string, but is type {kind}. It may need to be quoted.")
        return
    if not isinstance(body, Mapping):
        yield f"The type {name} in {body} is not formed as a dictionary"
        return
    for module, arguments in body.items():
        if module.startswith("__"):
            continue
        if not isinstance(arguments, list):
            yield f"State '{name}' in SLS '{sls}' is not formed as a list"
            continue
        yield from _problems_of_arguments(name, arguments, sls)
        yield from _problems_of_function(name, arguments, sls)


def _problems_of_arguments(name: str, arguments: list[Any], sls: str) -> Iterator[str]:
    for argument in arguments:
        if not isinstance(argument, Mapping):
            continue
        if len(argument) != 1:
            yield f"Multiple dictionaries defined in argument of state '{name}' in SLS '{sls}'"
        for key, value in argument.items():
            if key == "names":
                if not isinstance(value, list):
                    yield f"The names statement in state '{name}' in SLS '{sls}' needs to be formed as a list"
            elif key in FORWARD:
                yield from _problems_of_requisite(key, value, name, sls)
            elif key in REVERSE and not isinstance(value, list | Mapping):
                yield f"The {key} statement in state '{name}' in SLS '{sls}' needs to be formed as a list"


def _problems_of_requisite(word: str, value: Any, name: str, sls: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"The {word} statement in state '{name}' in SLS '{sls}' needs to be formed as a list"
        return
    for item in value:
        if isinstance(item, str):
            continue
        if not isinstance(item, Mapping) or len(item) != 1:
            yield (
                f"Requisite declaration {item} in state {name} in SLS {sls} is not formed as a single key dictionary"
            )


def _problems_of_function(name: str, arguments: list[Any], sls: str) -> Iterator[str]:
    functions = [one for one in arguments if isinstance(one, str)]
    for function in functions:
        if " " in function.strip():
            yield (
                f'The function "{function}" in state "{name}" in SLS "{sls}" has whitespace, a function with whitespace'
                ' is not supported, perhaps this is an argument that is missing a ":"'
            )
    if not functions:
        yield f"No function declared in state '{name}' in SLS '{sls}'"
    elif len(functions) > 1:
        yield (
            f"Too many functions declared in state '{name}' in SLS '{sls}'. Please choose one of the following: "
            + ", ".join(functions)
        )
