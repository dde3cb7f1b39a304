"""Functions made of functions."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any


def namespaced_function(function: Any, global_dict: dict[str, Any], *_: Any, **__: Any) -> Any:
    """The function with other globals: those of the plugin that takes it over, which sees what is injected there."""
    inherited = {name: value for name, value in function.__globals__.items() if name not in global_dict}
    global_dict.update(inherited)
    made = FunctionType(function.__code__, global_dict, function.__name__, function.__defaults__, function.__closure__)
    made.__dict__.update(function.__dict__)
    made.__kwdefaults__ = function.__kwdefaults__
    made.__doc__ = function.__doc__
    return made


def alias_function(fun: Any, name: str, doc: str | None = None) -> Callable[..., Any]:
    """A copy of a function with a name and a docstring of its own."""
    made = FunctionType(fun.__code__, fun.__globals__, str(name), fun.__defaults__, fun.__closure__)
    made.__dict__.update(fun.__dict__)
    made.__kwdefaults__ = fun.__kwdefaults__
    made.__doc__ = (
        doc if isinstance(doc, str) else f"\nThis function is an alias of ``{fun.__name__}``.\n{fun.__doc__ or ''}"
    )
    return made
