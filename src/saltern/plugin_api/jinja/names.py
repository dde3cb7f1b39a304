"""The functions that every template may call."""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

from saltern.plugin_api.jinja.filters.yaml_text import as_written
from saltern.plugin_api.ordered import OrderedMap


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


def shown(value: Any) -> Any:
    """What `{{ value }}` shows: of an ordered dictionary, also within others, the dictionary alone; and texts in
    dictionaries so that YAML reads their ends of lines as such.
    """
    if isinstance(value, dict | list | tuple) and _is_special(value):
        return _plain(value)
    return value


class _Text(str):
    """A text with an end of line or a tab, which shows as YAML has it: in single quotes it would not be read as one."""

    __slots__ = ()

    def __repr__(self) -> str:
        return as_written(str(self))


_BREAK = re.compile(r"[\n\r\t]")


def _is_special(value: Any) -> bool:
    if isinstance(value, dict):
        return isinstance(value, OrderedDict | OrderedMap) or any(
            _BREAK.search(item) if isinstance(item, str) else _is_special(item) for item in value.values()
        )
    return isinstance(value, list | tuple) and any(map(_is_special, value))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _text(item) if isinstance(item, str) else _plain(item) for key, item in value.items()}
    return type(value)(map(_plain, value)) if type(value) in (list, tuple) else value


def _text(text: str) -> str:
    return _Text(text) if _BREAK.search(text) else text


@pass_context
def show_full_context(context: Context) -> dict[str, Any]:
    """All variables of the template; what is no plain value shows as text."""
    return {key: _shown(value) for key, value in context.get_all().items()}


def _shown(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | dict | list | tuple | None) else str(value)
