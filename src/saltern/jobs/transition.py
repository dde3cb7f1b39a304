"""How a change is taken into an outcome: the rules that every store of jobs shares."""

from __future__ import annotations

import math

import msgspec

from saltern.model.job import Body, Change, Outcome, State, Verdict, may_follow

OUTCOME_BYTES = 100
"""What one outcome without its body counts for in `Retention.bytes`: about what a row takes on disk."""

_LATEST = 10**16 - 1
_INT64 = 2**63


def judge(old: State, new: State) -> Verdict:
    """Whether an outcome in state `old` takes a change to `new`: stored, a repeat, or stale."""
    if new is old:
        return Verdict.REPEAT
    return Verdict.STORED if may_follow(old, new) else Verdict.STALE


def applied(old: Outcome, change: Change, seq: int) -> Outcome:
    """The outcome that `change` makes of `old`. What the change does not say is forgotten, save when it started."""
    at = microseconds(change.at)
    began = started_at(change)
    return msgspec.structs.replace(
        old,
        state=change.state,
        seq=seq,
        changed=at / 1e6,
        started=old.started if began is None else began / 1e6,
        finished=at / 1e6 if change.state.final else None,
        retcode=bounded(change.retcode),
        success=change.success,
        out=change.out,
        reason=change.reason,
        by=change.by,
        elsewhere=change.elsewhere,
        size=size_of(change.body) if keeps_body(change) else 0,
    )


def keeps_body(change: Change) -> bool:
    """A body belongs to an end; one that comes with an open state is not kept."""
    return change.body is not None and change.state.final


def size_of(body: Body | None) -> int:
    if body is None:
        return 0
    if body.data is not None:
        return len(body.data)
    return body.path.stat().st_size if body.path is not None else 0


def started_at(change: Change) -> int | None:
    """When the minion began, in microseconds; an outcome that becomes `running` begins at that moment."""
    if change.started is not None:
        return microseconds(change.started)
    return microseconds(change.at) if change.state is State.RUNNING else None


def microseconds(moment: float) -> int:
    """A moment (seconds since 1970) in whole microseconds; minions send these, so what is no moment becomes 0."""
    return min(max(round(moment * 1e6), 0), _LATEST) if math.isfinite(moment) else 0


def bounded(number: int | None) -> int | None:
    """A retcode within 64 bits: a minion may send any number."""
    return None if number is None else min(max(number, -_INT64), _INT64 - 1)
