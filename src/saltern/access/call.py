"""What is asked for, as permissions see it: a function with its arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec


class Call(msgspec.Struct, frozen=True):
    """One function with the arguments that it will be called with.

    `client` is `runner` or `wheel` for a function of the master, `events` for the event log, empty for a function of
    minions.
    """

    function: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = {}
    client: str = ""

    @property
    def module(self) -> str:
        return self.function.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.client} {self.function}".strip()


def call_of(function: str, arg: Sequence[Any] = (), kwarg: Mapping[str, Any] | None = None, client: str = "") -> Call:
    """A call with arguments in Salt's form, in which any dict flagged `__kwarg__` holds keyword arguments.

    They are sorted out exactly as where the function is called: a permission has to see what the function will see.
    """
    args = tuple(one for one in arg if not _holds_keywords(one))
    kwargs = {key: value for one in arg if _holds_keywords(one) for key, value in one.items() if key != "__kwarg__"}
    return Call(function, args, {**kwargs, **(kwarg or {})}, client)


def calls_of(fun: str | Sequence[str], arg: Sequence[Any]) -> list[Call]:
    """The calls of a request in Salt's form: one function with its arguments, or several with a list of such lists."""
    if isinstance(fun, str):
        return [call_of(fun, arg)]
    return [call_of(name, _list_at(arg, place)) for place, name in enumerate(fun)]


def _list_at(arg: Sequence[Any], place: int) -> Sequence[Any]:
    given = arg[place] if place < len(arg) else ()
    return given if isinstance(given, list | tuple) else (given,)


def _holds_keywords(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("__kwarg__") is True
