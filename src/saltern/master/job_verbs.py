"""The operator's verbs about jobs: start, follow, look up, cancel."""

from __future__ import annotations

from typing import Any

import msgspec

from saltern.access.call import Call, call_of
from saltern.access.caller import Caller
from saltern.access.door import Ask
from saltern.client import contract
from saltern.errors import AuthorizationError, JobNotFound, NotFound, PermissionRefused, UserError
from saltern.events import tags
from saltern.master.publishing import is_own, target_of
from saltern.master.verb_services import Answer, Answers, VerbServices, end, read_query
from saltern.model.jid import is_jid
from saltern.model.job import Job, JobQuery, JobSummary, OutcomeQuery
from saltern.model.secrets import masked

LOOK_AT_MINIONS = Call("manage.status", client="runner")
LIST_JOBS = Call("jobs.list_jobs", client="runner")


async def publish(do: VerbServices, caller: Caller, request: contract.Publish) -> Answers:
    try:
        yield await do.publishing.publish(caller, request)
    except PermissionRefused as error:
        tell_refusal(do, request, error)
        raise


def tell_refusal(do: VerbServices, request: contract.AnyRequest, error: PermissionRefused) -> None:
    """Whoever waits for the job that a request named hears that there will be none (behaviour JOB-05)."""
    if isinstance(request, contract.Publish) and is_jid(request.jid):
        do.bus.fire(tags.job_refused(request.jid), {"error": error.to_data()})


async def resolve(do: VerbServices, caller: Caller, request: contract.Resolve) -> Answers:
    await do.door.let_look(caller, Ask(action="resolve", calls=[LOOK_AT_MINIONS]))
    found = do.publishing.resolve(target_of(request))
    away = [minion for minion in found.minions if not do.fleet.is_connected(minion)]
    yield end(minions=found.minions, missing=found.missing, away=away)


async def follow(do: VerbServices, caller: Caller, request: contract.Follow) -> Answers:
    await see_job(do, caller, request.jid)
    async for answer in do.following.follow(request):
        yield answer


async def body(do: VerbServices, caller: Caller, request: contract.ReadBody) -> Answers:
    await see_job(do, caller, request.jid)
    async for answer in do.following.body(request):
        yield answer


async def job(do: VerbServices, caller: Caller, request: contract.ShowJob) -> Answers:
    await see_job(do, caller, request.jid)
    summary = await job_there(do, request.jid)
    yield end(job=shown(summary.job), counts=summary.counts)


async def jobs(do: VerbServices, caller: Caller, request: contract.ListJobs) -> Answers:
    query = read_query(request.query, JobQuery)
    everybodys = do.door.may_look(caller, LIST_JOBS)
    if not everybodys:
        query = msgspec.structs.replace(query, users=(caller.user,))
    found = [each for each in await do.store.jobs(query) if everybodys or is_own(caller, each.job)]
    yield end(jobs=[{"job": shown(each.job), "counts": each.counts} for each in found])


def shown(job: Job) -> dict[str, Any]:
    """A job as its record is shown: what its returners need to log in is for them alone."""
    shown: dict[str, Any] = msgspec.to_builtins(job)
    return {**shown, "ret_kwargs": masked(job.ret_kwargs)}


async def outcomes(do: VerbServices, caller: Caller, request: contract.ListOutcomes) -> Answers:
    query = read_query(request.query, OutcomeQuery)
    await see_job(do, caller, query.jid)
    yield end(outcomes=msgspec.to_builtins(await do.store.outcomes(query)))


async def cancel(do: VerbServices, caller: Caller, request: contract.CancelJobs) -> Answers:
    if not request.jid and not request.minions:
        raise UserError("nothing to cancel: name a jid, minions, or both")
    job = await _job_of(do, request.jid)
    if request.jid and job is None and caller.trusted:
        raise JobNotFound(f"no job {request.jid} in the job cache")
    await _let_end(do, caller, job, request.jid, request.minions)
    told = await do.delivery.cancel(request.jid, request.minions, caller.user)
    yield end(cancelled=[list(pair) for pair in told])


async def batch(do: VerbServices, caller: Caller, request: contract.ControlBatch) -> Answers:
    if request.action == "status":
        await see_job(do, caller, request.jid)
        status: Answer | None = await do.batches.status(request.jid)
    else:
        await _let_end(do, caller, await _job_of(do, request.jid), request.jid, [])
        status = await _control(do, caller, request)
    if status is None:
        raise NotFound(f"job {request.jid} is no batch")
    yield end(batch=status)


async def _control(do: VerbServices, caller: Caller, request: contract.ControlBatch) -> Answer | None:
    if request.action == "pause":
        return await do.batches.pause(request.jid, caller.user)
    if request.action == "resume":
        return await do.batches.resume(request.jid)
    if request.action == "stop":
        return await do.batches.stop(request.jid, caller.user, kill=request.kill)
    raise UserError(f"a batch can be shown, paused, resumed or stopped, not {request.action!r}")


async def _let_end(do: VerbServices, caller: Caller, job: Job | None, jid: str, minions: list[str]) -> None:
    """A user ends what he started himself, and other jobs if he may end them by a job of his own."""
    if job is not None and is_own(caller, job):
        return
    minions = minions or await _minions_of(do, jid)
    ask = Ask(
        action="cancel", calls=[call_of("saltutil.kill_job", [jid])], minions=minions, tgt=",".join(minions), jid=jid
    )
    await do.publishing.permit_on(caller, ask)


async def see_job(do: VerbServices, caller: Caller, jid: str) -> None:
    """A user sees what he started himself, and other jobs if he may look them up."""
    if do.door.may_look(caller, Call("jobs.lookup_jid", (jid,), client="runner")):
        return
    job = await _job_of(do, jid)
    if job is None or not is_own(caller, job):
        raise AuthorizationError(
            f"User {caller.user} may not look at other users' jobs.", hint="'@jobs' in external_auth lets a user."
        )


async def job_there(do: VerbServices, jid: str) -> JobSummary:
    """The job; `JobNotFound` when it is not in the job cache."""
    summary = await do.store.job(jid)
    if summary is None:
        raise JobNotFound(f"no job {jid} in the job cache", hint="saltern jobs list shows what is there")
    return summary


async def _job_of(do: VerbServices, jid: str) -> Job | None:
    summary = await do.store.job(jid) if jid else None
    return None if summary is None else summary.job


async def _minions_of(do: VerbServices, jid: str) -> list[str]:
    found: list[str] = []
    query = OutcomeQuery(jid=jid)
    while page := await do.store.outcomes(query):
        found += [outcome.minion for outcome in page]
        query = msgspec.structs.replace(query, after=page[-1].seq)
    return list(dict.fromkeys(found))
