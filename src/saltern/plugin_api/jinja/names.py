"""The functions that every template may call."""

from __future__ import annotations

from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context


class RaisedError(Exception):
    """A template called `raise`."""


def raise_error(message: Any) -> None:
    raise RaisedError(message)


@pass_context
def ifelse(context: Context, *args: Any) -> Any:
    """The value after the first condition that holds: `ifelse(condition, value, condition, value, ..., default)`.

    A condition is a compound target that this minion is one of, or any other value for what it is.
    """
    if len(args) % 2 == 0:
        raise ValueError("The ifelse function must have an odd number of arguments!")
    for condition, value in zip(args[:-1:2], args[1::2], strict=True):
        if context["salt"]["match.compound"](condition) if isinstance(condition, str) else condition:
            return value
    return args[-1]


@pass_context
def show_full_context(context: Context) -> dict[str, Any]:
    """All variables of the template; what is no plain value shows as text."""
    return {key: _shown(value) for key, value in context.get_all().items()}


def _shown(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | dict | list | tuple | None) else str(value)
