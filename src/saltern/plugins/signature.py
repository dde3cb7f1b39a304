"""What arguments a function takes, read from its code object: `inspect` costs more than a whole call should."""

from __future__ import annotations

from types import FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

_TAKES_KEYWORDS = 0x08
"""CO_VARKEYWORDS, as in the documentation of `inspect`."""


def takes_any_keyword(function: Callable[..., Any]) -> bool:
    """Whether a function has `**kwargs`."""
    names = _keyword_names(function)
    return names is None


def unknown_keywords(function: Callable[..., Any], keywords: Iterable[str]) -> list[str]:
    """The keywords that a function cannot take."""
    names = _keyword_names(function)
    return [] if names is None else [keyword for keyword in keywords if keyword not in names]


def _keyword_names(function: Any) -> frozenset[str] | None:
    """The names that may be given as keywords; None for any."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    if not isinstance(function, FunctionType):
        return _inspected(function)
    code = function.__code__
    if code.co_flags & _TAKES_KEYWORDS:
        return None
    taken = code.co_argcount + code.co_kwonlyargcount
    return frozenset(code.co_varnames[code.co_posonlyargcount : taken])


def _inspected(function: Callable[..., Any]) -> frozenset[str] | None:
    import inspect

    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(one.kind is one.VAR_KEYWORD for one in parameters):
        return None
    return frozenset(one.name for one in parameters if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY))
