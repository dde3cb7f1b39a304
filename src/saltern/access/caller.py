"""Who asks."""

from __future__ import annotations

import msgspec

from saltern.errors import AuthorizationError


class Caller(msgspec.Struct, frozen=True):
    """An operator as the master sees it. `trusted`: root, or the user that the master runs as; it may do anything
    that the blacklist leaves."""

    user: str
    uid: int
    trusted: bool = False


def acting_for(caller: Caller, user: str) -> Caller:
    """The caller under the name of another user (`sudo_bob`), which only a trusted one may take."""
    if not user or user == caller.user:
        return caller
    if not caller.trusted:
        raise AuthorizationError(f"User {caller.user} may not act as {user}.")
    return msgspec.structs.replace(caller, user=user)


def require_trusted(caller: Caller, what: str) -> None:
    """For what no rule can grant; `what` completes the sentence "may not ..."."""
    if not caller.trusted:
        raise AuthorizationError(
            f"User {caller.user} may not {what}.", hint="Root may, and the user that the master runs as."
        )
