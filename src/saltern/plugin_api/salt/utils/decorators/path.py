"""Functions that need programs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

from saltern.plugin_api.errors import CommandNotFoundError
from saltern.plugin_api.salt.utils.path import which as _which
from saltern.plugin_api.salt.utils.path import which_bin as _which_bin

Function = Callable[..., Any]


def which(exe: str) -> Callable[[Function], Function]:
    """Refuse the call with `CommandNotFoundError` where a program is not in the path."""
    return _needing(lambda: _which(exe), f"The '{exe}' binary was not found in $PATH.")


def which_bin(exes: Iterable[str]) -> Callable[[Function], Function]:
    """Refuse the call with `CommandNotFoundError` where none of these programs is in the path."""
    names = list(exes)
    return _needing(lambda: _which_bin(names), f"None of provided binaries({names}) was found in $PATH.")


def _needing(found: Callable[[], Any], complaint: str) -> Callable[[Function], Function]:
    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            if found() is None:
                raise CommandNotFoundError(complaint)
            return function(*args, **kwargs)

        return called

    return decorate
