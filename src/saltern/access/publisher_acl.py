"""The options `publisher_acl` and `publisher_acl_blacklist` (behaviour ACL-02)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from saltern.access.call import Call
from saltern.access.caller import Caller
from saltern.access.peer import groups_of
from saltern.access.permissions import Permission, check_pattern, matches, read_permissions
from saltern.errors import ConfigError


class PublisherAcl(msgspec.Struct, frozen=True):
    """What local users may do: permissions by user (a name, glob or regular expression) or by `GROUP%`."""

    table: tuple[tuple[str, tuple[Permission, ...]], ...] = ()
    groups: Callable[[str], Collection[str]] = groups_of

    def permissions(self, caller: Caller) -> list[Permission]:
        return [one for who, granted in self.table if self._concerns(who, caller) for one in granted]

    def _concerns(self, who: str, caller: Caller) -> bool:
        if not caller.local_name:
            return False
        if who.endswith("%"):
            return who[:-1] in self.groups(caller.local_name)
        return _names(who, caller.local_name)


class Blacklist(msgspec.Struct, frozen=True):
    """Whom and what nobody's permission covers, root's neither. Texts of `modules` match the start of a name."""

    users: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()

    def has_user(self, caller: Caller) -> bool:
        return any(_names(pattern, caller.user) for pattern in self.users)

    def has_function(self, call: Call) -> bool:
        return any(re.match(pattern, call.function) for pattern in self.modules)


def read_publisher_acl(option: Any) -> PublisherAcl:
    """From `{user or GROUP%: [permission, ...]}`; `ConfigError` says what is wrong."""
    if not isinstance(option or {}, Mapping):
        raise ConfigError("publisher_acl must be a map of users to lists of functions.")
    return PublisherAcl(
        tuple((str(who), read_permissions(entries, f"publisher_acl:{who}")) for who, entries in (option or {}).items())
    )


def read_blacklist(option: Any) -> Blacklist:
    """From `{users: [...], modules: [...]}`; `ConfigError` says what is wrong."""
    if not isinstance(option or {}, Mapping):
        raise ConfigError("publisher_acl_blacklist must be a map with users and modules.")
    lists = {name: (option or {}).get(name) or [] for name in ("users", "modules")}
    for name, entries in lists.items():
        if not isinstance(entries, list):
            raise ConfigError(f"publisher_acl_blacklist:{name} must be a list.")
    where = "publisher_acl_blacklist:modules"
    return Blacklist(
        users=tuple(str(entry) for entry in lists["users"]),
        modules=tuple(check_pattern(entry, where) for entry in lists["modules"]),
    )


def _names(pattern: str, user: str) -> bool:
    if pattern == user or fnmatchcase(user, pattern):
        return True
    try:
        return matches(pattern, user)
    except re.error:  # a glob that is no regular expression
        return False
