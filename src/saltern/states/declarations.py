"""One SLS file's data: states in all their forms made one form, and what is wrong with them (STA-04, STA-06)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from saltern.states.faults import Fault, Spot
from saltern.states.requisites import ORDERING

Body = dict[str, Any]
"""What stands under an id: state modules to lists of a function and arguments; names with `__` are about it."""


def expanded(name: Any, body: Any, sls: str) -> tuple[Any, list[str]]:
    """A body in its long form: `mod.fun: [args]` and `mod.fun` become `mod: [args, fun]`; and what is wrong with it.

    As in Salt, states that were in the short form come behind the others of their id.
    """
    if isinstance(body, str) and "." in body:
        module, function = body.split(".")[:2]
        return {module: [function]}, []
    if not isinstance(body, Mapping):
        return body, []
    found: Body = {}
    problems = []
    for key, value in sorted(body.items(), key=_is_short):
        module, dot, rest = str(key).partition(".")
        function = rest.partition(".")[0]
        if str(key).startswith("_") or not dot:
            found[key] = list(value) if isinstance(value, list) else value
        elif module in found:
            problems.append(f"ID '{name}' in SLS '{sls}' contains multiple state declarations of the same type")
        elif value is None:
            found[key] = None
        else:
            found[module] = [*value, function] if isinstance(value, list) else value
    return found, problems


def _is_short(item: tuple[Any, Any]) -> bool:
    key = str(item[0])
    return "." in key and not key.startswith("_") and isinstance(item[1], list)


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
        about = body if isinstance(body, Mapping) else {}
        sls, saltenv = about.get("__sls__") or "", about.get("__env__") or ""
        found += [
            Fault(problem.text, Spot(sls, saltenv, (name, *problem.way)), problem.hint)
            for problem in _problems_of_id(name, body, sls)
        ]
    return found


class _Problem(NamedTuple):
    """`way` leads from the id to the place."""

    text: str
    way: tuple[Any, ...] = ()
    hint: str = ""


def _problems_of_id(name: Any, body: Any, sls: str) -> Iterator[_Problem]:
    if not isinstance(name, str):
        kind = type(name).__name__
        told = f"ID '{name}' in SLS '{sls}' is not formed as a string, but is type {kind}. It may need to be quoted."
        yield _Problem(told, (), f"Put the id in quotes: '{name}'.")
        return
    if not isinstance(body, Mapping):
        yield _Problem(f"The type {name} in {body} is not formatted as a dictionary")
        return
    for module, arguments in body.items():
        if str(module).startswith("_"):
            continue
        if arguments is None and "." in module:
            told = (
                f"ID '{name}' in SLS '{sls}' contains a short declaration ({module}) with a trailing colon. When not"
                " passing any arguments to a state, the colon must be omitted."
            )
            yield _Problem(told, (module,))
            continue
        if not isinstance(arguments, list):
            hint = "Arguments are a list: each one begins with '- '." if arguments else _NO_ARGUMENTS
            yield _Problem(f"State '{name}' in SLS '{sls}' is not formed as a list", (module,), hint)
            continue
        for problem in _problems_of_arguments(name, arguments, sls):
            yield problem._replace(way=(module, *problem.way))
        for problem in _problems_of_function(name, arguments, sls):
            yield problem._replace(way=(module,))


_NO_ARGUMENTS = "A state without arguments is written without the colon, or with an empty list: []."


def _problems_of_arguments(name: str, arguments: list[Any], sls: str) -> Iterator[_Problem]:
    for argument in arguments:
        for at, (key, value) in enumerate(argument.items() if isinstance(argument, Mapping) else ()):
            if key == "names" and not isinstance(value, list):
                told = f"The 'names' argument in state '{name}' in SLS '{sls}' needs to be formed as a list"
                yield _Problem(told, (key,), "Write each name on a line of its own, with '- ' before it.")
            elif key in ORDERING:
                for problem in _problems_of_requisite(key, value, name, sls):
                    yield problem._replace(way=(key, *problem.way), hint=problem.hint or _REQUISITES)
                if at == 0 and len(argument) > 1:
                    told = f"Multiple dictionaries defined in argument of state '{name}' in SLS '{sls}'"
                    yield _Problem(told, (key,), _ONE_ARGUMENT)
                    break


def _problems_of_requisite(word: str, value: Any, name: str, sls: str) -> Iterator[_Problem]:
    if not isinstance(value, list):
        yield _Problem(f"The {word} statement in state '{name}' in SLS '{sls}' needs to be formed as a list")
        return
    for at, item in enumerate(value):
        if isinstance(item, str):
            continue
        if not isinstance(item, Mapping) or len(item) != 1:
            shown = f"OrderedDict({list(item.items())})" if isinstance(item, Mapping) else item
            told = (
                f"Requisite declaration {shown} in state {name} in SLS {sls} is not formed as a single key dictionary"
            )
            yield _Problem(told, (at,), _ONE_EACH if isinstance(item, Mapping) else "")
            continue
        for problem in _problems_of_reference(*next(iter(item.items())), name, sls):
            yield problem._replace(way=(at,))


_REQUISITES = "A requisite holds a list of references: '- module: id', one on each line."
_ONE_ARGUMENT = "Give each argument its own '- ': another one stands in the item of this requisite."
_ONE_EACH = "Give each reference its own '- ': two keys stand in one item here."


def _problems_of_reference(module: Any, target: Any, name: str, sls: str) -> Iterator[_Problem]:
    if "." in str(module):
        told = (
            f"Invalid requisite type '{module}' in state '{name}', in SLS '{sls}'. Requisite types must not contain"
            f" dots, did you mean '{str(module).partition('.')[0]}'?"
        )
        yield _Problem(told, (), f"Name the state module alone: '{str(module).partition('.')[0]}'.")
    if isinstance(target, list | Mapping):
        yield _Problem(illegal_requisite(target, sls))


def illegal_requisite(target: Any, sls: str) -> str:
    """What Salt says of a reference whose name is no name, such as a list."""
    return f'Illegal requisite "{target}" in SLS "{sls}", please check your syntax.\n'


def _problems_of_function(name: str, arguments: list[Any], sls: str) -> Iterator[_Problem]:
    functions = [one for one in arguments if isinstance(one, str)]
    for function in functions:
        if " " in function.strip():
            told = (
                f'The function "{function}" in state "{name}" in SLS "{sls}" has whitespace, a function with whitespace'
                ' is not supported, perhaps this is an argument that is missing a ":"'
            )
            yield _Problem(told)
    if not functions:
        hint = "Name the function with its module, such as 'pkg.installed'."
        yield _Problem(f"No function declared in state '{name}' in SLS '{sls}'", (), hint)
    elif len(functions) > 1:
        told = f"Too many functions declared in state '{name}' in SLS '{sls}'. Please choose one of the following: "
        hint = "An argument has a colon: 'name: value'. Without it, it counts as a function."
        yield _Problem(told + ", ".join(functions), (), hint)
