"""The operator's verbs: one function for each request of `client.contract`, and who is let through to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from saltern.access.caller import Caller
from saltern.client import contract
from saltern.errors import PermissionRefused
from saltern.master import access_verbs, export_verbs, history_verbs, house_verbs, job_verbs, key_verbs, report_verbs
from saltern.master.verb_services import Answer, Answers, VerbServices

_OWN_CREDENTIALS = (contract.Ping, contract.Login, contract.Logout)
"""Requests that anybody may make, or that look at their credentials themselves."""

_STREAMS = (contract.Follow, contract.ReadBody, contract.ReadBodies, contract.ReadHistory, contract.FollowEvents)
"""Requests that only look, for as long as somebody wants to see."""

_Verb = Callable[[VerbServices, Caller, Any], Answers]
_VERBS: dict[type[msgspec.Struct], _Verb] = {
    contract.Ping: house_verbs.ping,
    contract.Resolve: job_verbs.resolve,
    contract.Publish: job_verbs.publish,
    contract.Follow: job_verbs.follow,
    contract.ReadBody: job_verbs.body,
    contract.ReadBodies: history_verbs.bodies,
    contract.ReadHistory: history_verbs.history,
    contract.ShowJob: job_verbs.job,
    contract.ListJobs: job_verbs.jobs,
    contract.ListOutcomes: job_verbs.outcomes,
    contract.CancelJobs: job_verbs.cancel,
    contract.ControlBatch: job_verbs.batch,
    contract.Keys: key_verbs.keys,
    contract.MakeToken: key_verbs.token,
    contract.FollowEvents: house_verbs.events,
    contract.SendEvent: house_verbs.send_event,
    contract.Call: house_verbs.call,
    contract.Fleet: house_verbs.fleet,
    contract.ControlExports: export_verbs.exports,
    contract.Report: report_verbs.report,
    contract.Login: access_verbs.login,
    contract.Logout: access_verbs.logout,
    contract.Explain: access_verbs.explain,
    contract.ReadAudit: access_verbs.audit,
}


class OperatorVerbs:
    """Callable as `master.operator.Verbs`. Each verb asks the door before it does anything."""

    def __init__(self, services: VerbServices) -> None:
        self._do = services
        self._work: set[asyncio.Future[list[Answer]]] = set()

    async def __call__(self, caller: Caller, request: contract.AnyRequest) -> Answers:
        caller = await self._admitted(caller, request)
        answers = _VERBS[type(request)](self._do, caller, request)
        if isinstance(request, _STREAMS):
            async for answer in answers:
                yield answer
            return
        # What was begun is carried through, also when the caller is gone before it is done.
        work = asyncio.ensure_future(_all_of(answers))
        self._work.add(work)
        work.add_done_callback(self._done)
        for answer in await asyncio.shield(work):
            yield answer

    async def _admitted(self, peer: Caller, request: contract.AnyRequest) -> Caller:
        if isinstance(request, _OWN_CREDENTIALS):
            return peer
        try:
            return await self._do.door.admit(peer, request.user, request.credentials)
        except PermissionRefused as error:
            job_verbs.tell_refusal(self._do, request, error)
            raise

    def _done(self, work: asyncio.Future[list[Answer]]) -> None:
        self._work.discard(work)
        if not work.cancelled():
            work.exception()  # told to the caller, if there still is one


async def _all_of(answers: Answers) -> list[Answer]:
    return [answer async for answer in answers]
