"""The option `external_auth`: what those may do who log in (behaviour ACL-03).

::

    external_auth:
      pam:                     # the back end that checks the password
        ann: [test.*]
        admins%: [.*]          # the members of a group, in addition
        '*': [test.ping]       # those who are not named themselves
      file:
        ^filename: /etc/saltern/users    # an option of the back end
        bob: ['@runner']
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from saltern.access.permissions import Permission, read_permissions
from saltern.access.records import Account
from saltern.errors import ConfigError

_ANYBODY = "*"
_OPTION = "^"


class ExternalAuth(msgspec.Struct, frozen=True):
    """Entries by back end and user. `globs`: users are named by globs too (`auth.enable_expanded_auth_matching`)."""

    table: Mapping[str, Mapping[str, list[Any]]] = {}
    globs: bool = False

    def entries(self, account: Account) -> list[Any]:
        """What an account is granted, as it is written; its own or those for anybody, and those of its groups."""
        if account.entries is not None:
            return account.entries
        users = self.table.get(account.eauth, {})
        own = [one for name in self._names(users, account.name) for one in users[name]]
        return own + [one for group in account.groups for one in users.get(f"{group}%", ())]

    def _names(self, users: Mapping[str, list[Any]], name: str) -> list[str]:
        if name in users and not name.endswith("%"):
            return [name]
        if self.globs:
            return [known for known in users if not known.endswith("%") and fnmatchcase(name, known)]
        return [_ANYBODY] if _ANYBODY in users else []


def permissions_of(account: Account, entries: list[Any]) -> tuple[Permission, ...]:
    """Entries as permissions; `ConfigError` when they make no sense."""
    return read_permissions(entries, f"external_auth:{account.eauth}:{account.name}")


def read_external_auth(option: Any, *, globs: bool = False) -> ExternalAuth:
    """From the option; `ConfigError` says what is wrong."""
    if not isinstance(option or {}, Mapping):
        raise ConfigError("external_auth must be a map of back ends to maps of users.")
    return ExternalAuth(
        {str(eauth): _read_users(users, f"external_auth:{eauth}") for eauth, users in (option or {}).items()}, globs
    )


def _read_users(users: Any, where: str) -> dict[str, list[Any]]:
    if not isinstance(users or {}, Mapping):
        raise ConfigError(f"{where} must be a map of users to lists of functions.")
    return {str(name): _read_entries(entries, f"{where}:{name}") for name, entries in (users or {}).items()
            if not str(name).startswith(_OPTION)}  # fmt: skip


def _read_entries(entries: Any, where: str) -> list[Any]:
    listed = [entries] if isinstance(entries, str | Mapping) else entries
    read_permissions(listed, where)  # what makes no sense is told at the start
    return list(listed)
