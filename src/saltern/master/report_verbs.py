"""The operator's verb about reports: questions about the history, answered from the job store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from saltern.access.call import Call
from saltern.access.caller import Caller
from saltern.client import contract
from saltern.errors import AuthorizationError, UserError
from saltern.jobs.reports import Reports
from saltern.master.verb_services import Answers, VerbServices, end, read_query
from saltern.model.job import JobQuery

_LIST_JOBS = Call("jobs.list_jobs", client="runner")

_KINDS: Mapping[str, tuple[int, Callable[[Reports, JobQuery, list[str]], Awaitable[Any]]]] = {
    "last": (0, lambda reports, query, _: reports.last(query)),
    "failed": (0, lambda reports, query, _: reports.failed(query)),
    "causes": (1, lambda reports, query, jids: reports.causes(query, *jids)),
    "matrix": (0, lambda reports, query, _: reports.matrix(query)),
    "diff": (2, lambda reports, _, jids: reports.diff(*jids)),
    "slow": (0, lambda reports, query, _: reports.slow(query)),
    "audit": (0, lambda reports, query, _: reports.audit(query)),
}
"""Each kind with how many jids it takes, and what answers it."""


async def report(do: VerbServices, caller: Caller, request: contract.Report) -> Answers:
    if not do.door.may_look(caller, _LIST_JOBS):
        raise AuthorizationError(
            f"User {caller.user} may not look at other users' jobs.", hint="'@jobs' in external_auth lets a user."
        )
    if request.kind not in _KINDS:
        raise UserError(f"there is no report {request.kind!r}", hint=f"One of {', '.join(_KINDS)}.")
    most, answer = _KINDS[request.kind]
    if len(request.jids) > most or (request.kind == "diff" and len(request.jids) != most):
        raise UserError(f"the report {request.kind!r} takes {most} jids, and was given {len(request.jids)}")
    reports = Reports(do.store, most=max(request.jobs, 1))
    found = await answer(reports, read_query(request.query, JobQuery), request.jids)
    yield end(report=found)
