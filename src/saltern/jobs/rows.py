"""How states, notes and changes look in a row, whatever database holds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from saltern.jobs.transition import bounded, keeps_body, microseconds, size_of, started_at
from saltern.model.job import Change, Outcome, State

STATES = (
    State.QUEUED, State.SENT, State.RUNNING, State.RETURNED, State.FAILED,
    State.EXPIRED, State.LOST, State.REFUSED, State.CANCELLED, State.TIMED_OUT,
)  # fmt: skip
"""The number of a state in a row is its place here; new ones go to the end."""

NUMBER = {state: number for number, state in enumerate(STATES)}
OPEN = frozenset((0, 1, 2))
ENDS = frozenset((4, 5, 6, 7, 8, 9))
"""Every end but `returned`."""


class Write(NamedTuple):
    """What a change writes into the row of its outcome: times in microseconds, `note` MessagePack.

    `key` tells the outcome in the way of the store; `kept` says whether a body goes with it.
    """

    key: int
    state: int
    changed: int
    started: int | None
    retcode: int | None
    success: bool | None
    size: int
    note: bytes
    kept: bool


def note_of(change: Change) -> bytes:
    """The seldom used texts of a change; empty when there are none."""
    if change.elsewhere:
        return msgspec.msgpack.encode([change.out, change.reason, change.by, change.elsewhere])
    if change.out or change.reason or change.by:
        return msgspec.msgpack.encode([change.out, change.reason, change.by])
    return b""


def write_of(key: int, change: Change, note: bytes) -> Write:
    kept = keeps_body(change)
    return Write(
        key=key,
        state=NUMBER[change.state],
        changed=microseconds(change.at),
        started=started_at(change),
        retcode=bounded(change.retcode),
        success=change.success,
        size=size_of(change.body) if kept else 0,
        note=note,
        kept=kept,
    )


def outcome_of(
    jid: str,
    minion: str,
    state: int,
    seq: int,
    changed: int,
    started: int | None,
    retcode: int | None,
    success: bool | int | None,
    size: int,
    note: bytes,
) -> Outcome:
    """The outcome that a row describes."""
    moment = changed / 1e6
    out, reason, by, *more = msgspec.msgpack.decode(note) if note else ("", "", "")
    return Outcome(
        jid=jid,
        minion=minion,
        state=STATES[state],
        seq=seq,
        changed=moment,
        started=None if started is None else started / 1e6,
        finished=moment if state not in OPEN else None,
        retcode=retcode,
        success=None if success is None else bool(success),
        out=out,
        size=size,
        reason=reason,
        by=by,
        elsewhere=more[0] if more else 0,
    )


def counts_in(numbers: Sequence[int]) -> Mapping[str, int]:
    """The states that occur, from counts in the order of `STATES`."""
    return {str(STATES[number]): count for number, count in enumerate(numbers) if count}
