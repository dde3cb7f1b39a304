"""Permissions in Salt's form, and whether they cover a call (behaviours ACL-02 to ACL-04).

A list of entries, any of which may cover a function::

    - test.*                        # a regular expression on the function's name, on any minion
    - 'web*':                       # a target (compound): only where all minions asked for are within it
        - pkg.install
        - service.restart:          # with these arguments only
            args: ['nginx|apache2']
            kwargs: {no_block: 'True'}
    - '@runner'                     # all runner functions; '@wheel' likewise, '@events' the event log
    - '@jobs'                       # the functions of one runner or wheel module
    - '@runner':                    # some runner functions, limited as above
        - manage.up
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from saltern.access.call import Call
from saltern.errors import ConfigError
from saltern.model.target import Target

Expand = Callable[[Target], Collection[str]]
"""Gives the ids that a target means now."""

NOT_ABOUT_IT = "it is about other functions"
_ANYTHING = "(?s:.*)"
_LIMITS = frozenset({"args", "kwargs"})


class Arguments(msgspec.Struct, frozen=True):
    """Regular expressions that the arguments of a call must match; what is not named may be anything."""

    args: tuple[str, ...] = ()
    kwargs: tuple[tuple[str, str], ...] = ()

    def objection(self, call: Call) -> str:
        """What is wrong with the arguments of a call; empty when nothing is."""
        for place, pattern in enumerate(self.args):
            if place >= len(call.args):
                return f"argument {place + 1} is missing and must match {pattern!r}"
            if not matches(pattern, str(call.args[place])):
                return f"argument {place + 1} does not match {pattern!r}"
        for name, pattern in self.kwargs:
            if name not in call.kwargs:
                return f"the keyword {name} is missing and must match {pattern!r}"
            if not matches(pattern, str(call.kwargs[name])):
                return f"the keyword {name} does not match {pattern!r}"
        return ""


class Permission(msgspec.Struct, frozen=True):
    """One function (regular expression), where, and with what.

    `target` None: on any minion. `scope` is empty for functions of minions, else what stands behind the `@`. `rule`
    says where it is written, for those who ask why.
    """

    function: str
    target: str | None = None
    arguments: Arguments = Arguments()
    scope: str = ""
    rule: str = ""

    def name_of(self, call: Call) -> str | None:
        """The name that `function` has to match; None when this permission is about something else."""
        if not self.scope:
            return None if call.client else call.function
        if call.client and self.scope in (call.client, f"{call.client}s"):
            return call.function
        # '@jobs' means the functions of that module, which a list behind it names without the module.
        return call.function.partition(".")[2] if call.client and self.scope == call.module else None


def read_permissions(entries: Any, where: str) -> tuple[Permission, ...]:
    """Permissions from their configured form; `ConfigError` names `where`, the option, and what is wrong."""
    if isinstance(entries, str):
        entries = [entries]
    if not isinstance(entries, Sequence):
        raise ConfigError(f"{where} must be a list of functions.")
    return tuple(permission for entry in entries for permission in _read_entry(entry, where))


def objection(permission: Permission, call: Call, minions: Collection[str], expand: Expand) -> str:
    """Why a permission does not cover a call on all these minions; empty when it does."""
    name = permission.name_of(call)
    if name is None or not matches(permission.function, name):
        return NOT_ABOUT_IT
    if wrong := permission.arguments.objection(call):
        return wrong
    if permission.target is None:
        return ""
    outside = set(minions) - set(expand(Target(expr=permission.target, kind="compound")))
    return f"{_some(outside)} not within {permission.target!r}" if outside else ""


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


def _read_entry(entry: Any, where: str) -> Iterator[Permission]:
    if isinstance(entry, str):
        yield _simple(entry, where)
    elif isinstance(entry, Mapping):
        for name, inner in entry.items():
            yield from _read_pair(str(name), inner, where)
    else:
        raise ConfigError(f"{where}: {entry!r} is neither a function nor a target with functions.")


def _simple(entry: str, where: str) -> Permission:
    rule = f"{where}: {entry}"
    if entry.startswith("@"):
        return Permission(".*", scope=entry[1:], rule=rule)
    return Permission(check_pattern(entry, where), rule=rule)


def _read_pair(name: str, inner: Any, where: str) -> Iterator[Permission]:
    """`'@scope': functions`, `target: functions` or `function: limits`."""
    if name.startswith("@"):
        yield from _read_functions(inner, f"{where}: {name}", Permission("", scope=name[1:]))
    elif _limits(inner):
        yield from _limited(Permission(""), name, inner, where)
    else:
        yield from _read_functions(inner, f"{where}: {name}", Permission("", target=name))


def _read_functions(entries: Any, where: str, base: Permission) -> Iterator[Permission]:
    if not isinstance(entries, str | Sequence):
        raise ConfigError(f"{where} must be followed by a list of functions.")
    for entry in [entries] if isinstance(entries, str) else entries:
        if isinstance(entry, str):
            yield msgspec.structs.replace(base, function=check_pattern(entry, where), rule=f"{where}: {entry}")
        elif isinstance(entry, Mapping) and all(_limits(inner) for inner in entry.values()):
            for name, inner in entry.items():
                yield from _limited(base, str(name), inner, where)
        else:
            raise ConfigError(f"{where}: {entry!r} is neither a function nor a function with args and kwargs.")


def _limits(inner: Any) -> list[Mapping[str, Any]]:
    """What stands behind a function, as alternatives, if it limits arguments; nothing if it is something else."""
    choices = inner if isinstance(inner, list) else [inner]
    return choices if choices and all(isinstance(one, Mapping) and (one.keys() & _LIMITS) for one in choices) else []


def _limited(base: Permission, name: str, inner: Any, where: str) -> Iterator[Permission]:
    function = check_pattern(name, where)
    for limits in _limits(inner):
        arguments = _read_arguments(limits, f"{where}: {name}")
        rule = f"{where}: {name} with {dict(limits)}"
        yield msgspec.structs.replace(base, function=function, arguments=arguments, rule=rule)


def _read_arguments(entry: Mapping[str, Any], where: str) -> Arguments:
    unknown = set(entry) - _LIMITS
    if unknown:
        raise ConfigError(f"{where}: {sorted(map(str, unknown))[0]!r} is not known; args and kwargs are.")
    args, kwargs = entry.get("args") or [], entry.get("kwargs") or {}
    if not isinstance(args, Sequence) or isinstance(args, str) or not isinstance(kwargs, Mapping):
        raise ConfigError(f"{where}: args must be a list and kwargs a map.")
    return Arguments(
        args=tuple(_argument_pattern(pattern, where) for pattern in args),
        kwargs=tuple((str(name), _argument_pattern(pattern, where)) for name, pattern in kwargs.items()),
    )


def _argument_pattern(pattern: Any, where: str) -> str:
    """An empty place stands for anything; what is there has to be there."""
    return _ANYTHING if pattern is None else check_pattern(pattern, where)


def _some(minions: Collection[str]) -> str:
    shown = sorted(minions)[:3]
    more = f" and {len(minions) - len(shown)} more" if len(minions) > len(shown) else ""
    return f"{', '.join(shown)}{more} {'is' if len(minions) == 1 else 'are'}"
