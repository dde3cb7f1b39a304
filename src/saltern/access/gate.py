"""May this caller do that? (behaviours JOB-05 and ACL-02 to ACL-04)"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Protocol

import msgspec

from saltern.access.caller import Caller
from saltern.access.permissions import Call, Expand, Permission, covers
from saltern.access.publisher_acl import Blacklist
from saltern.errors import AuthorizationError

_ALWAYS = "saltutil.find_job"


class PermissionSource(Protocol):
    """Where permissions come from: an option such as `publisher_acl`, a login, a token."""

    def permissions(self, caller: Caller) -> Sequence[Permission]: ...


class Rules(msgspec.Struct, frozen=True):
    """All that the gate asks. Without a source nobody but trusted callers may do anything."""

    sources: tuple[PermissionSource, ...] = ()
    blacklist: Blacklist = Blacklist()


def authorise(caller: Caller, calls: Sequence[Call], minions: Collection[str], rules: Rules, expand: Expand) -> None:
    """Return when the caller may run these functions on these minions, all of both; else `AuthorizationError`.

    `minions` are the ids to which the job will go, as resolved before: a target that is read twice may mean different
    things. `expand` gives the ids that a permission's target means.
    """
    if rules.blacklist.has_user(caller):
        raise AuthorizationError(f"User {caller.user} is on the blacklist (publisher_acl_blacklist).")
    asked = [call for call in calls if call.function != _ALWAYS]
    for call in asked:
        if rules.blacklist.has_function(call):
            raise AuthorizationError(f"Function {call.function} is on the blacklist (publisher_acl_blacklist).")
    if caller.trusted or not asked:
        return
    permissions = [one for source in rules.sources for one in source.permissions(caller)]
    for call in asked:
        if not covers(permissions, call, minions, expand):
            raise _refusal(caller, call)


def calls_of(fun: str | Sequence[str], arg: Sequence[Any]) -> list[Call]:
    """The calls of a request in Salt's form: one function with its arguments, or several with a list of such lists."""
    if isinstance(fun, str):
        return [Call(fun, tuple(arg))]
    lists = [*arg, *([] for _ in range(len(fun) - len(arg)))]
    return [Call(name, tuple(args)) for name, args in zip(fun, lists, strict=False)]


def _refusal(caller: Caller, call: Call) -> AuthorizationError:
    return AuthorizationError(
        f"User {caller.user} may not run {call.function} on this target.",
        hint="publisher_acl in the master's configuration says who may run what, and where.",
    )
