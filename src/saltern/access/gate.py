"""May this caller do that? (behaviours JOB-05 and ACL-02 to ACL-04)

Every request of an operator comes through here, whichever way it came to the master. What no rule allows is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from saltern.access.call import Call
from saltern.access.caller import Caller
from saltern.access.permissions import NOT_ABOUT_IT, Expand, Permission, objection
from saltern.access.publisher_acl import Blacklist, PublisherAcl
from saltern.errors import AuthorizationError

_ALWAYS = "saltutil.find_job"


class Rules(msgspec.Struct, frozen=True):
    """All that the gate asks. Without them nobody but trusted callers may do anything."""

    acl: PublisherAcl = PublisherAcl()
    blacklist: Blacklist = Blacklist()

    def permissions(self, caller: Caller) -> Sequence[Permission]:
        return caller.permissions if caller.eauth else self.acl.permissions(caller)


class Decision(msgspec.Struct, frozen=True):
    """Whether something is allowed, and by which rule or why not.

    `call` is the one that is refused, None when all are allowed; `misses` are the rules that came near, and what they
    lack.
    """

    reason: str
    call: Call | None = None
    misses: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        return self.call is None


def decide(caller: Caller, calls: Sequence[Call], minions: Collection[str], rules: Rules, expand: Expand) -> Decision:
    """Whether the caller may make these calls, those of minions on these minions, all of both.

    `minions` are the ids to which the job will go, as resolved before: a target that is read twice may mean different
    things. `expand` gives the ids that a permission's target means.
    """
    if (banned := _banned(caller, calls, rules.blacklist)) is not None:
        return banned
    if caller.trusted:
        return Decision(f"{caller.user} is root, or the user that the master runs as")
    permissions = rules.permissions(caller)
    reasons = []
    for call in calls:
        reason, misses = _covered(permissions, call, minions, expand)
        if not reason:
            return Decision(_refusal(caller, call, permissions), call, misses)
        reasons.append(reason)
    return Decision("; ".join(dict.fromkeys(reasons)))


def authorise(caller: Caller, calls: Sequence[Call], minions: Collection[str], rules: Rules, expand: Expand) -> str:
    """As `decide`: the rule that allows it, else `AuthorizationError`."""
    decision = decide(caller, calls, minions, rules, expand)
    if not decision.allowed:
        raise AuthorizationError(decision.reason, hint="; ".join(decision.misses) or _hint(caller))
    return decision.reason


def _banned(caller: Caller, calls: Sequence[Call], blacklist: Blacklist) -> Decision | None:
    """The refusal by `publisher_acl_blacklist`, which is about functions of minions only."""
    asked = [call for call in calls if not call.client]
    if asked and blacklist.has_user(caller):
        return Decision(f"User {caller.user} is on the blacklist (publisher_acl_blacklist).", asked[0])
    for call in asked:
        if call.function != _ALWAYS and blacklist.has_function(call):
            return Decision(f"Function {call.function} is on the blacklist (publisher_acl_blacklist).", call)
    return None


def _covered(
    permissions: Sequence[Permission], call: Call, minions: Collection[str], expand: Expand
) -> tuple[str, tuple[str, ...]]:
    """The rule that covers a call, empty when none does; then the rules about this function, and what they lack."""
    if call.function == _ALWAYS and not call.client:
        return f"everybody may run {_ALWAYS}", ()
    misses = []
    for permission in permissions:
        wrong = objection(permission, call, minions, expand)
        if not wrong:
            return permission.rule, ()
        if wrong != NOT_ABOUT_IT:
            misses.append(f"{permission.rule}: {wrong}")
    return "", tuple(misses)


def _refusal(caller: Caller, call: Call, permissions: Sequence[Permission]) -> str:
    where = "" if call.client else " on this target"
    nothing = "" if permissions else ": no rule names this user"
    return f"User {caller.user} may not run {call}{where}{nothing}."


def _hint(caller: Caller) -> str:
    option = f"external_auth:{caller.eauth}" if caller.eauth else "publisher_acl"
    return f"{option} in the master's configuration says who may run what, and where."
