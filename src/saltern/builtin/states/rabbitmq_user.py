"""Users of a RabbitMQ server are there with their passwords, tags and permissions, or are not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from saltern.plugin_api import CommandExecutionError, Functions, Opts, SaltInvocationError
from saltern.plugin_api.rabbitmq import words_of_list
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts

_PARTS = ("configure", "write", "read")
_Step = tuple[str, dict[str, Any], Callable[[], Any]]
"""The key of a change, the change, and what makes it."""


class _Wanted(NamedTuple):
    name: str
    password: str | None
    force: bool
    tags: list[str]
    permissions: dict[str, dict[str, str]]
    runas: str | None


def __virtual__() -> bool | tuple[bool, str]:
    return "rabbitmq.user_exists" in __salt__ or (False, "the module rabbitmq is not available")


def present(
    name: str,
    password: str | None = None,
    force: bool = False,
    tags: Any = None,
    perms: Any = (),
    runas: str | None = None,
) -> dict[str, Any]:
    """A user is there. What is given of `password`, `tags` (a list or words) and `perms` is as it is given.

    `perms` is a list of virtual hosts, each with three expressions: what the user may configure, write and read. With
    `force` the password is set each time, or taken away when none is given.
    """
    changes: dict[str, Any] = {}
    try:
        users = __salt__["rabbitmq.list_users"](runas=runas)
        wanted = _Wanted(name, password, force, words_of_list(tags), _permissions(perms), runas)
        for key, change, make in _steps(wanted, users.get(name)):
            if not __opts__["test"]:
                make()
            _add(changes, key, change)
    except (CommandExecutionError, SaltInvocationError) as error:
        return result_of(name, False, f"Error: {error}", changes)
    if not changes:
        asked_more = force or wanted.tags or wanted.permissions
        as_it_is = f"'{name}' is already in the desired state." if asked_more else f"User '{name}' is already present."
        return result_of(name, True, as_it_is)
    if not __opts__["test"]:
        return result_of(name, True, f"'{name}' was configured.", changes)
    foreseen = f"Configuration for '{name}' will change." if name in users else f"User '{name}' is set to be created."
    return result_of(name, None, foreseen, changes)


def absent(name: str, runas: str | None = None) -> dict[str, Any]:
    """A user is not there."""
    try:
        if not __salt__["rabbitmq.user_exists"](name, runas=runas):
            return result_of(name, True, f"The user '{name}' is not present.")
        changes = {"name": {"old": name, "new": ""}}
        if __opts__["test"]:
            return result_of(name, None, f"The user '{name}' will be removed.", changes)
        __salt__["rabbitmq.delete_user"](name, runas=runas)
    except CommandExecutionError as error:
        return result_of(name, False, f"Error: {error}")
    return result_of(name, True, f"The user '{name}' was removed.", changes)


def _steps(wanted: _Wanted, current: list[str] | None) -> Iterator[_Step]:
    """What has to be done, for a user who has the tags `current`, or is not there."""
    yield from _login_steps(wanted, is_new=current is None)
    had = current or [""]
    if wanted.tags and set(wanted.tags) != set(had):
        yield "tags", {"old": had, "new": wanted.tags}, _call("set_user_tags", wanted, wanted.tags)
    if not wanted.permissions:
        return
    listed = __salt__["rabbitmq.list_user_permissions"]
    held = {} if current is None else listed(wanted.name, runas=wanted.runas)
    for vhost, parts in wanted.permissions.items():
        if held.get(vhost) != parts:
            before = {vhost: held[vhost]} if vhost in held else {}
            yield "perms", {"old": before, "new": {vhost: parts}}, _permit(vhost, parts, wanted)


def _login_steps(wanted: _Wanted, *, is_new: bool) -> Iterator[_Step]:
    name, password, runas = wanted.name, wanted.password, wanted.runas
    if is_new:
        yield "user", {"old": "", "new": name}, _call("add_user", wanted, password)
    elif password:
        if wanted.force or not __salt__["rabbitmq.check_password"](name, password, runas=runas):
            yield "password", {"old": "", "new": "Set password."}, _call("change_password", wanted, password)
    elif wanted.force:
        yield "password", {"old": "Removed password.", "new": ""}, _call("clear_password", wanted)


def _call(function: str, wanted: _Wanted, *words: Any) -> Callable[[], Any]:
    return lambda: __salt__[f"rabbitmq.{function}"](wanted.name, *words, runas=wanted.runas)


def _permit(vhost: str, parts: Mapping[str, str], wanted: _Wanted) -> Callable[[], Any]:
    words = [parts[part] for part in _PARTS]
    return lambda: __salt__["rabbitmq.set_permissions"](vhost, wanted.name, *words, runas=wanted.runas)


def _permissions(perms: Any) -> dict[str, dict[str, str]]:
    """The permissions by virtual host and part; `SaltInvocationError` for what is none."""
    entries = [perms] if isinstance(perms, Mapping) else perms or []
    found = {}
    for vhost, words in (pair for entry in entries for pair in _pairs(entry)):
        if not isinstance(words, list | tuple) or len(words) != len(_PARTS):
            raise SaltInvocationError(f"the permissions of {vhost} have to be three expressions: {', '.join(_PARTS)}")
        found[str(vhost)] = dict(zip(_PARTS, ["" if word is None else str(word) for word in words], strict=True))
    return found


def _pairs(entry: Any) -> list[tuple[Any, Any]]:
    if not isinstance(entry, Mapping):
        raise SaltInvocationError(f"perms has to be a list of virtual hosts, each with its permissions, not {entry!r}")
    return list(entry.items())


def _add(changes: dict[str, Any], key: str, change: dict[str, Any]) -> None:
    """A change among the others: the permissions of several virtual hosts are one."""
    if key != "perms":
        changes[key] = change
        return
    for side in ("old", "new"):
        if change[side]:
            changes.setdefault("perms", {}).setdefault(side, {}).update(change[side])
