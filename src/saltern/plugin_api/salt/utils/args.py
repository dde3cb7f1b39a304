"""Arguments of functions, and of command lines."""

from __future__ import annotations

import inspect
import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any

from saltern.plugin_api.errors import SaltInvocationError


def clean_kwargs(**kwargs: Any) -> dict[str, Any]:
    """Keyword arguments without those that every publication brings (`__pub_…`)."""
    return {name: value for name, value in kwargs.items() if not name.startswith("__")}


def invalid_kwargs(invalid_kwargs: Mapping[str, Any], raise_exc: bool = True) -> str | None:
    """Refuse keyword arguments that a function does not know, or return the text of the refusal."""
    if not invalid_kwargs:
        return None
    named = [f"{name}={value}" for name, value in invalid_kwargs.items()]
    said = f"The following keyword arguments are not valid: {', '.join(named)}"
    if raise_exc:
        raise SaltInvocationError(said)
    return said


def shlex_split(s: Any, **kwargs: Any) -> Any:
    """A text as the words that a shell would make of it; anything else as it is."""
    return shlex.split(s, **kwargs) if isinstance(s, str) else s


def split_input(val: Any, mapper: Callable[[Any], Any] | None = None) -> list[Any]:
    """The items of a list, or of a text parted by commas."""
    items = val if isinstance(val, list) else str(val).split(",")
    return [mapper(item) if mapper else str(item).strip() for item in items]


def test_mode(**kwargs: Any) -> bool:
    """Whether the keyword argument `test` is given and true."""
    from saltern.plugin_api.salt.utils.data import is_true

    return any(name.lower() == "test" and is_true(value) for name, value in kwargs.items())


def get_function_argspec(func: Callable[..., Any], is_class_method: bool | None = None) -> inspect.FullArgSpec:
    return inspect.getfullargspec(func)


def arg_lookup(fun: Callable[..., Any], aspec: Any = None) -> dict[str, Any]:
    """The arguments of a function: `args` without a default, `kwargs` with theirs."""
    spec = aspec or get_function_argspec(fun)
    defaults = spec.defaults or ()
    first = len(spec.args) - len(defaults)
    return {"args": list(spec.args[:first]), "kwargs": dict(zip(spec.args[first:], defaults, strict=True))}


def parse_kwarg(string_: str) -> tuple[str | None, str | None]:
    """Name and text of `name=value`; (None, None) for anything else."""
    found = re.match(r"([^\d\W][\w.-]*)=(?!=)(.*)", string_, re.DOTALL)
    return (found[1], found[2]) if found else (None, None)


def yamlify_arg(arg: Any) -> Any:
    """What a word of the command line means: a number, a list, a dictionary, … or the text itself."""
    if not isinstance(arg, str) or not arg.strip() or "#" in arg or "\n" in arg:
        return arg
    if arg.lower() in ("none", "null", "~"):
        return arg if arg == "none" else None
    from saltern.errors import RenderError
    from saltern.plugin_api.yaml.load import load_yaml

    try:
        value = load_yaml(arg)
    except RenderError:
        return arg
    if isinstance(value, list | dict):
        return value if arg.startswith(("[", "{")) else arg
    return value if isinstance(value, bool | int | float | str) and "_" not in arg else arg
