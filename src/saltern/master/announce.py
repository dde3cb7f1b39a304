"""What the event log is told of jobs (behaviours EVT-02 and EVT-04)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from saltern.model.job import Body, Job, Return

_LISTED = 20_000
"""Ids in one event."""
_encode = msgspec.msgpack.Encoder().encode


class _ReturnEvent(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The return load as Salt's event carries it. A struct, because there is one for each return of each job."""

    cmd: str
    id: str
    jid: str
    fun: str | list[str]
    fun_args: list[Any]
    retcode: Any
    success: Any
    stamp: str = msgspec.field(name="_stamp")
    value: msgspec.Raw | msgspec.UnsetType = msgspec.field(name="return", default=msgspec.UNSET)
    return_size: int = 0
    user: str = ""
    out: str = ""
    metadata: dict[str, Any] | None = None
    schedule: str = ""
    state: str = ""
    """Set where the return is not that of the function: lost, refused, cancelled, timed out."""


def new_event(job: Job, minions: Sequence[str]) -> dict[str, Any]:
    """Data of `salt/job/<jid>/new`. Of a very long list the event has the length, and the job cache the ids."""
    return {
        "jid": job.jid, "tgt": job.tgt, "tgt_type": job.tgt_type, "user": job.user, "fun": job.fun, "arg": job.arg,
        "minions": list(minions) if len(minions) <= _LISTED else [], "minions_count": len(minions),
        "missing": job.missing,
    }  # fmt: skip


def return_event(jid: str, minion: str, given: Return, body: Body, most: int, stamp: str) -> bytes:
    """Data of `salt/job/<jid>/ret/<minion>` as MessagePack.

    `stamp` is the event's `_stamp`. A value of more than `most` bytes is not in it: then `return_size` says how large
    it is, and the job cache has it.
    """
    data = body.data if body.data and body.size <= most else None
    return _encode(
        _ReturnEvent(
            cmd="_return",
            id=minion,
            jid=jid,
            fun=given.fun,
            fun_args=given.fun_args,
            retcode=given.retcode,
            success=given.success,
            stamp=stamp,
            value=msgspec.Raw(data) if data else msgspec.UNSET,
            return_size=0 if data else body.size,
            user=given.user,
            out=given.out,
            metadata=given.metadata,
            schedule=given.schedule,
            state="" if given.state.has_return else given.state,
        )
    )
