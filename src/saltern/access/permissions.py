"""Permissions in Salt's form, and whether they cover a request (behaviours ACL-02 to ACL-04).

A list of entries, any of which may cover a function::

    - test.*                        # a regular expression on the function's name, on any minion
    - 'web*':                       # a target (compound): only where all minions asked for are within it
        - pkg.install
        - service.restart:          # with these arguments only
            args: ['nginx|apache2']
            kwargs: {no_block: 'True'}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from saltern.errors import ConfigError
from saltern.model.target import Target

Expand = Callable[[Target], Collection[str]]
"""Gives the ids that a target means now."""


class Arguments(msgspec.Struct, frozen=True):
    """Regular expressions that the arguments of a call must match; what is not named may be anything."""

    args: tuple[str, ...] = ()
    kwargs: tuple[tuple[str, str], ...] = ()

    def cover(self, call: Call) -> bool:
        given = [*call.args]
        named: Mapping[str, Any] = given.pop() if given and _is_kwargs(given[-1]) else {}
        if len(given) < len(self.args):
            return False
        return all(matches(pattern, str(value)) for pattern, value in zip(self.args, given, strict=False)) and all(
            name in named and matches(pattern, str(named[name])) for name, pattern in self.kwargs
        )


class Permission(msgspec.Struct, frozen=True):
    """One function (regular expression), where, and with what. `target` None: on any minion."""

    function: str
    target: str | None = None
    arguments: Arguments = Arguments()


class Call(msgspec.Struct, frozen=True):
    """One function of a request with its positional arguments, keyword arguments as a last dict with `__kwarg__`."""

    function: str
    args: tuple[Any, ...] = ()


def read_permissions(entries: Any, where: str) -> tuple[Permission, ...]:
    """Permissions from their configured form; `ConfigError` names `where`, the option, and what is wrong."""
    if isinstance(entries, str):
        entries = [entries]
    if not isinstance(entries, Sequence):
        raise ConfigError(f"{where} must be a list of functions.")
    return tuple(permission for entry in entries for permission in _read_entry(entry, where))


def covers(permissions: Collection[Permission], call: Call, minions: Collection[str], expand: Expand) -> bool:
    """Whether one permission allows this call on all these minions."""
    for permission in permissions:
        if not matches(permission.function, call.function) or not permission.arguments.cover(call):
            continue
        if permission.target is None:
            return True
        if set(minions) <= set(expand(Target(expr=permission.target, kind="compound"))):
            return True
    return False


def matches(pattern: str, text: str) -> bool:
    """Whether a regular expression matches the whole text."""
    return re.fullmatch(pattern, text) is not None


def check_pattern(pattern: Any, where: str) -> str:
    """A regular expression from configuration; `ConfigError` when it is none."""
    try:
        re.compile(pattern)
    except (re.error, TypeError) as error:
        raise ConfigError(f"{where}: {pattern!r} is no regular expression: {error}") from error
    return str(pattern)


def _read_entry(entry: Any, where: str, target: str | None = None) -> Iterator[Permission]:
    if isinstance(entry, str):
        yield Permission(check_pattern(entry, where), target)
        return
    if not isinstance(entry, Mapping):
        raise ConfigError(f"{where}: {entry!r} is neither a function nor a target with functions.")
    for name, inner in entry.items():
        if isinstance(inner, Mapping):
            yield Permission(check_pattern(name, where), target, _read_arguments(inner, where))
        elif target is None and isinstance(inner, (str, Sequence)):
            for function in [inner] if isinstance(inner, str) else inner:
                yield from _read_entry(function, where, str(name))
        else:
            raise ConfigError(f"{where}: what belongs to {name!r} must be a list of functions.")


def _read_arguments(entry: Mapping[str, Any], where: str) -> Arguments:
    unknown = set(entry) - {"args", "kwargs"}
    if unknown:
        raise ConfigError(f"{where}: {sorted(map(str, unknown))[0]!r} is not known; args and kwargs are.")
    args, kwargs = entry.get("args") or [], entry.get("kwargs") or {}
    if not isinstance(args, Sequence) or isinstance(args, str) or not isinstance(kwargs, Mapping):
        raise ConfigError(f"{where}: args must be a list and kwargs a map.")
    return Arguments(
        # An empty place in the list stands for "anything".
        args=tuple(".*" if pattern is None else check_pattern(pattern, where) for pattern in args),
        kwargs=tuple((str(name), check_pattern(pattern, where)) for name, pattern in kwargs.items()),
    )


def _is_kwargs(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("__kwarg__") is True
