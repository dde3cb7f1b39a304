"""Jobs and returns in the shapes in which Salt stores and shows them (MJC-05b to MJC-08, JOB-11)."""

from __future__ import annotations

from typing import Any

from saltern.model.jid import jid_to_time
from saltern.model.job import Job, Outcome
from saltern.model.secrets import masked

UNKNOWN_JOB = "Cannot contact returner or no job with this jid"


def publish_load(job: Job) -> dict[str, Any]:
    """The load of a publish request as `.load.p` has it: what was asked, without the key that allowed it."""
    more = {"metadata": job.metadata, "ret_config": job.ret_config, "ret_kwargs": masked(job.ret_kwargs)}
    given = {name: value for name, value in more.items() if value}
    return {
        "cmd": "publish",
        "tgt": job.tgt,
        "tgt_type": job.tgt_type,
        "fun": job.fun,
        "arg": job.arg,
        "ret": job.ret,
        "jid": job.jid,
        "user": job.user,
        "kwargs": {**job.kwargs, "delimiter": job.delimiter, **given},
    }


def job_instance(job: Job) -> dict[str, Any]:
    """How `jobs.list_jobs` shows a job."""
    instance: dict[str, Any] = {
        "Function": job.fun,
        "Arguments": job.arg,
        "Target": job.tgt,
        "Target-type": job.tgt_type,
        "User": job.user or "root",
        "StartTime": jid_to_time(job.jid),
    }
    if job.metadata is not None:
        instance["Metadata"] = job.metadata
    return instance


def unknown_instance(jid: str) -> dict[str, Any]:
    """What stands in the place of a job that is not known."""
    return {"Error": UNKNOWN_JOB, "StartTime": jid_to_time(jid)}


def stored_return(outcome: Outcome, value: Any) -> dict[str, Any]:
    """One minion's entry in the answer of `get_jid`."""
    retcode = outcome.retcode
    if retcode is None:
        retcode = 0 if outcome.success else 1
    entry = {"return": value, "retcode": retcode, "success": bool(outcome.success)}
    return {**entry, "out": outcome.out} if outcome.out else entry


def return_load(job: Job, outcome: Outcome, value: Any) -> dict[str, Any]:
    """What a returner's `returner` function is given, and what the event of a return carries."""
    load = {
        "cmd": "_return",
        "id": outcome.minion,
        "jid": outcome.jid,
        "fun": outcome.fun or job.fun,
        "fun_args": job.arg if outcome.fun_args is None else outcome.fun_args,
        **stored_return(outcome, value),
        "user": job.user,
    }
    if job.metadata is not None:
        load["metadata"] = job.metadata
    if job.master:
        load["master_id"] = job.master
    return load
