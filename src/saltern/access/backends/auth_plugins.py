"""The back ends of `external_auth` as plugins in Salt's form, of the kind `auth` (behaviour ACL-05).

A plugin has `auth(username, password)`, and may have `groups(username)`, `acl(username)` and
`process_acl(entries, opts)`. It may name further arguments; it gets those that were sent with the credentials.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from saltern.access.records import Account
from saltern.errors import AuthenticationError
from saltern.model.credentials import Credentials
from saltern.plugins.signature import takes_any_keyword, unknown_keywords
from saltern.plugins.space import PluginSpace
from saltern.plugins.table import FunctionTable

log = logging.getLogger(__name__)


class AuthPlugins:
    """`space` makes a plugin space for one login; `opts` are the master's options."""

    def __init__(self, space: Callable[[], AbstractContextManager[PluginSpace]], opts: Mapping[str, Any]) -> None:
        self._space = space
        self._opts = opts

    def names(self) -> list[str]:
        with self._space() as space:
            table = space.table("auth")
            return [name for name in table.module_names() if f"{name}.auth" in table]

    def verify(self, credentials: Credentials) -> Account | None:
        eauth = credentials.eauth
        with self._space() as space:
            table = space.table("auth")
            if not eauth or f"{eauth}.auth" not in table:
                available = ", ".join(name for name in table.module_names() if f"{name}.auth" in table)
                raise AuthenticationError(
                    f'The specified external authentication system "{eauth}" is not available',
                    hint=f"Available eauth types: {available}",
                )
            if not _call(table, eauth, "auth", credentials):
                return None
            return _account(table, credentials)

    def account(self, eauth: str, username: str) -> Account:
        with self._space() as space:
            return _account(space.table("auth"), Credentials(eauth=eauth, username=username))

    def expand(self, eauth: str, entries: list[Any]) -> list[Any]:
        with self._space() as space:
            table = space.table("auth")
            name = f"{eauth}.process_acl"
            if name not in table:
                return entries
            try:
                expanded = table[name](list(entries), dict(self._opts))
            except Exception as error:  # the boundary to a plugin
                raise _failure(name, error) from error
            return list(expanded or ())


def _account(table: FunctionTable, credentials: Credentials) -> Account:
    eauth = credentials.eauth
    groups = _call(table, eauth, "groups", credentials) if f"{eauth}.groups" in table else ()
    entries = _call(table, eauth, "acl", credentials) if f"{eauth}.acl" in table else None
    return Account(
        name=credentials.username,
        eauth=eauth,
        groups=tuple(map(str, groups or ())),
        entries=list(entries) if isinstance(entries, list | tuple) else None,
    )


def _call(table: FunctionTable, eauth: str, name: str, credentials: Credentials) -> Any:
    """Call a plugin's function with those of the credentials that it takes; what it raises lets nobody in."""
    function = table[f"{eauth}.{name}"]
    # What was sent beside name and password must not take their place.
    given = {**credentials.more, "username": credentials.username, "password": credentials.password}
    if takes_any_keyword(function):
        taken: dict[str, Any] = given
    else:
        taken = {key: value for key, value in given.items() if key not in unknown_keywords(function, given)}
    try:
        return function(**taken)
    except Exception as error:  # the boundary to a plugin
        raise _failure(f"{eauth}.{name}", error) from error


def _failure(name: str, error: Exception) -> AuthenticationError:
    # Its text is left out: it may hold what the plugin was given.
    log.error("%s failed: %s", name, type(error).__name__)
    return AuthenticationError(f"{name} failed: {type(error).__name__}", hint="The master's log says when.")
