"""The one door for all that operators ask: who is it, may he, and a row in the audit log."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Collection, Sequence

import msgspec

from saltern.access.call import Call
from saltern.access.caller import Caller, acting_for
from saltern.access.contract import AuditLog
from saltern.access.gate import Decision, Rules, authorise, decide
from saltern.access.login import Login
from saltern.access.peer import user_name
from saltern.access.permissions import Expand
from saltern.access.records import AuditRow
from saltern.errors import AuthenticationError, AuthorizationError, StoreError
from saltern.model.credentials import Credentials
from saltern.model.target import Target

log = logging.getLogger(__name__)


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """Something that somebody wants done. `minions` are those on which the functions of minions would run."""

    action: str
    calls: Sequence[Call]
    minions: Collection[str] = ()
    tgt: str = ""
    jid: str = ""


def no_target(_: Target) -> Collection[str]:
    """For what is not about minions: no target covers it."""
    return ()


class Door:
    def __init__(
        self, rules: Rules, login: Login, audit: AuditLog, *, sudo_acl: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self.login = login
        self.audit = audit
        self._rules = rules
        self._sudo_acl = sudo_acl
        self._now = now

    async def admit(self, peer: Caller, user: str, credentials: Credentials | None) -> Caller:
        """Who asks: the peer itself, the `user` that it acts for, or whoever the credentials are of."""
        if credentials is None:
            return acting_for(peer, user, sudo_acl=self._sudo_acl)
        try:
            return await self.login.caller(peer, credentials)
        except AuthenticationError as error:
            await self.failed(peer, credentials, error)
            raise

    async def failed(self, peer: Caller, credentials: Credentials, error: AuthenticationError) -> None:
        """Record credentials that were not right."""
        name = credentials.username or "a token"
        caller = Caller(name, peer.uid, eauth=credentials.eauth, origin=credentials.origin if peer.trusted else "")
        await self._record(caller, Ask(action="login", calls=()), "failed", error.message)

    async def permit(self, caller: Caller, ask: Ask, expand: Expand = no_target) -> None:
        """Return when the caller may do that, which is on record then; else `AuthorizationError`."""
        try:
            rule = authorise(caller, ask.calls, ask.minions, self._rules, expand)
        except AuthorizationError as error:
            await self._record(caller, ask, "refused", error.message)
            raise
        try:
            await self._record(caller, ask, "allowed", rule)
        except StoreError as error:
            # What cannot be recorded is not done, except by those who have to mend it.
            if not caller.trusted:
                raise
            log.error("%s did %s, which could not be recorded: %s", caller.user, ask.action, error)

    async def let_look(self, caller: Caller, ask: Ask) -> None:
        """As `permit`, for what only looks: it is not recorded when it is allowed."""
        if not self.explain(caller, ask.calls).allowed:
            await self.permit(caller, ask)

    def may_look(self, caller: Caller, call: Call) -> bool:
        """Whether the caller may make a call that only looks."""
        return self.explain(caller, [call]).allowed

    def explain(
        self, caller: Caller, calls: Sequence[Call], minions: Collection[str] = (), expand: Expand = no_target
    ) -> Decision:
        """What the answer would be, and why."""
        return decide(caller, calls, minions, self._rules, expand)

    async def somebody(self, eauth: str, user: str) -> Caller:
        """A user as he would be if he asked, by a back end or on this host."""
        if eauth:
            return await self.login.known(eauth, user)
        return Caller(user, -1, trusted=user in ("root", user_name(os.geteuid())), local_name=user)

    async def _record(self, caller: Caller, ask: Ask, decision: str, reason: str) -> None:
        await self.audit.record(
            AuditRow(
                at=self._now(),
                user=caller.user,
                action=ask.action,
                decision=decision,
                eauth=caller.eauth,
                uid=caller.uid,
                origin=caller.origin,
                fun=",".join(call.function for call in ask.calls),
                tgt=ask.tgt,
                minions=len(ask.minions),
                jid=ask.jid,
                reason=reason,
            )
        )
