"""Decorators of plugin functions."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable
from typing import Any

from saltern.plugin_api.depends import depends
from saltern.plugin_api.errors import SaltInvocationError

__all__ = ["allow_one_of", "depends", "ensure_unicode_args", "ignores_kwargs", "memoize", "require_one_of", "timing"]

_log = logging.getLogger(__name__)

Function = Callable[..., Any]


def memoize(func: Function) -> Function:
    """Keep what a function returned for the same arguments."""
    kept: dict[Any, Any] = {}

    @functools.wraps(func)
    def remembered(*args: Any, **kwargs: Any) -> Any:
        key = (tuple(map(str, args)), tuple(sorted((name, str(value)) for name, value in kwargs.items())))
        if key not in kept:
            kept[key] = func(*args, **kwargs)
        return kept[key]

    return remembered


def timing(function: Function) -> Function:
    """Log how long a function took."""

    @functools.wraps(function)
    def timed(*args: Any, **kwargs: Any) -> Any:
        start = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            _log.debug("%s took %.5f s", function.__qualname__, time.perf_counter() - start)

    return timed


def ensure_unicode_args(function: Function) -> Function:
    """Text of Python 3 is Unicode: the function as it is."""
    return function


def ignores_kwargs(*kwarg_names: str) -> Callable[[Function], Function]:
    """Leave out keyword arguments of these names."""

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **{name: value for name, value in kwargs.items() if name not in kwarg_names})

        return called

    return decorate


def require_one_of(*kwarg_names: str) -> Callable[[Function], Function]:
    """Refuse a call that has none, or several, of these keyword arguments."""
    return _counted(kwarg_names, at_least=1)


def allow_one_of(*kwarg_names: str) -> Callable[[Function], Function]:
    """Refuse a call that has several of these keyword arguments."""
    return _counted(kwarg_names, at_least=0)


def _counted(names: tuple[str, ...], *, at_least: int) -> Callable[[Function], Function]:
    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            given = [name for name in names if kwargs.get(name) is not None]
            if len(given) > 1:
                raise SaltInvocationError(f"Only one of the following is allowed: {', '.join(names)}")
            if len(given) < at_least:
                raise SaltInvocationError(f"One of the following is required: {', '.join(names)}")
            return function(*args, **kwargs)

        return called

    return decorate
