"""A job as it goes to its minions."""

from __future__ import annotations

from typing import Any

import msgspec

from saltern.model.job import Job
from saltern.transport.frames import JobFrame

_LIST_SENT = 64
"""A longer list of ids is not sent to each minion in it: the frame reaches only those whom it concerns."""


def job_frame(job: Job, *, follow: bool = False) -> JobFrame:
    """The same for all of its minions; only what is relevant to them (behaviour JOB-08)."""
    tgt = job.tgt
    if job.tgt_type == "list" and len(tgt if isinstance(tgt, list) else tgt.split(",")) > _LIST_SENT:
        tgt = []
    load: dict[str, Any] = {
        "fun": job.fun, "arg": job.arg, "tgt": tgt, "tgt_type": job.tgt_type, "jid": job.jid, "ret": job.ret,
        "user": job.user,
    }  # fmt: skip
    extra = {
        "delimiter": job.delimiter if job.delimiter != ":" else "",
        "master_id": job.master,
        "ret_config": job.ret_config,
        "ret_kwargs": job.ret_kwargs,
        "metadata": job.metadata,
        "module_executors": job.kwargs.get("module_executors"),
        "executor_opts": job.kwargs.get("executor_opts"),
    }
    load.update({name: value for name, value in extra.items() if value})
    return JobFrame(job.jid, msgspec.msgpack.encode(load), job.timeout or 0.0, follow)
