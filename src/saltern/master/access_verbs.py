"""The operator's verbs about access: log in and out, ask what is allowed, read the audit log."""

from __future__ import annotations

import msgspec

from saltern.access.call import Call, call_of, calls_of
from saltern.access.caller import Caller
from saltern.access.door import Ask
from saltern.access.records import AuditQuery
from saltern.client import contract
from saltern.errors import AuthenticationError, AuthorizationError
from saltern.master.job_verbs import LOOK_AT_MINIONS
from saltern.master.publishing import target_of
from saltern.master.verb_services import Answers, VerbServices, end, read_query


async def login(do: VerbServices, peer: Caller, request: contract.Login) -> Answers:
    if request.credentials is None:
        raise AuthenticationError("No authentication credentials given")
    try:
        token, record, entries = await do.door.login.make_token(peer, request.credentials, request.seconds)
    except AuthenticationError as error:
        await do.door.failed(peer, request.credentials, error)
        raise
    yield end(token=token, start=record.start, expire=record.expire, user=record.name, eauth=record.eauth,
               perms=entries)  # fmt: skip


async def logout(do: VerbServices, _: Caller, request: contract.Logout) -> Answers:
    token = request.credentials.token if request.credentials else ""
    yield end(ended=bool(token) and await do.door.login.revoke(token))


async def explain(do: VerbServices, caller: Caller, request: contract.Explain) -> Answers:
    if (request.eauth, request.who) != caller.account:
        call = Call("access.explain", (request.who,), client="runner")
        await do.door.let_look(caller, Ask(action="explain", calls=[call]))
    try:
        somebody = await do.door.somebody(request.eauth, request.who)
    except AuthorizationError as error:
        yield end(allowed=False, reason=error.message, misses=[error.hint], minions=[])
        return
    minions: list[str] = []
    if request.client:
        calls = [call_of(str(request.fun), request.arg, client=request.client)]
        decision = do.door.explain(somebody, calls)
    else:
        calls = calls_of(request.fun, request.arg)
        decision, minions = do.publishing.explain(somebody, calls, target_of(request))
    shown = minions if do.door.may_look(caller, LOOK_AT_MINIONS) else []
    yield end(allowed=decision.allowed, reason=decision.reason, misses=list(decision.misses), minions=shown)


async def audit(do: VerbServices, caller: Caller, request: contract.ReadAudit) -> Answers:
    await do.door.permit(caller, Ask(action="audit", calls=[Call("access.log", client="runner")]))
    rows = await do.door.audit.rows(read_query(request.query, AuditQuery))
    yield end(rows=[msgspec.to_builtins(row) for row in rows])
