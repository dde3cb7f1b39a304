"""Who asks."""

from __future__ import annotations

import msgspec

from saltern.access.permissions import Permission
from saltern.errors import AuthorizationError

_SUDO = "sudo_"
"""In front of the name of a user who became root by sudo, as Salt records him."""


class Caller(msgspec.Struct, frozen=True):
    """An operator as the master sees it.

    `trusted`: root, or the user that the master runs as; it may do anything that the blacklist leaves. One who logged
    in has `eauth`, the back end that knows him, and the `permissions` that it gives him; these count and no others.
    `local_name` is the system user whose permissions in `publisher_acl` count, empty for one who logged in.
    """

    user: str
    uid: int
    trusted: bool = False
    eauth: str = ""
    permissions: tuple[Permission, ...] = ()
    local_name: str = ""
    origin: str = ""

    @property
    def account(self) -> tuple[str, str]:
        """What tells callers apart: a name of one back end is not the same name of another."""
        return self.eauth, self.user


def acting_for(caller: Caller, user: str, *, sudo_acl: bool = False) -> Caller:
    """The caller under the name of another user (`sudo_bob`), which only a trusted one may take.

    With `sudo_acl` a `sudo_` user has no more than what `publisher_acl` gives the user behind it.
    """
    if not user or user == caller.user:
        return caller
    if not caller.trusted:
        raise AuthorizationError(f"User {caller.user} may not act as {user}.")
    if sudo_acl and user.startswith(_SUDO):
        return msgspec.structs.replace(caller, user=user, trusted=False, local_name=user.removeprefix(_SUDO))
    return msgspec.structs.replace(caller, user=user)
