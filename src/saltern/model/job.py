"""A job, its outcomes and its returns: the record that everybody who waits follows."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Any

import msgspec


class State(enum.StrEnum):
    """Where one job stands on one minion."""

    QUEUED = "queued"
    """The row is written; the minion has not been sent the job (it may be away, and the job due until a time)."""
    SENT = "sent"
    """Pushed to a connected minion that has not acknowledged it yet."""
    RUNNING = "running"
    """The minion acknowledged the job and works on it."""
    RETURNED = "returned"
    """The minion gave a return and its retcode is 0."""
    FAILED = "failed"
    """The minion gave a return and its retcode is not 0."""
    EXPIRED = "expired"
    """Never delivered: the minion was away and the job was not, or is no longer, due."""
    LOST = "lost"
    """The minion took the job and was restarted, or not seen again, before it could give a return."""
    REFUSED = "refused"
    """The minion did not take the job: not targeted, blackout, or a policy of its own."""
    CANCELLED = "cancelled"
    """Somebody cancelled it; `by` says who and `changed` when."""
    TIMED_OUT = "timed_out"
    """It ran longer than the job's timeout and was stopped."""

    @property
    def final(self) -> bool:
        return self not in _OPEN

    @property
    def has_return(self) -> bool:
        return self in (State.RETURNED, State.FAILED)


_OPEN = (State.QUEUED, State.SENT, State.RUNNING)


def may_follow(old: State, new: State) -> bool:
    """Whether an outcome in state `old` may become `new`.

    An open outcome may move on to anything that is not behind it. A return that arrives late is the truth: it replaces
    an end that only supposed it would not come (expired, lost, timed out), and never another return.
    """
    if old in _OPEN:
        return new.final or _OPEN.index(new) > _OPEN.index(old)
    return new.has_return and old in (State.EXPIRED, State.LOST, State.TIMED_OUT)


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for. Times are seconds since 1970, UTC.

    `fun` and `arg` are Salt's: one function name with its list of arguments, or several names with a list of such
    lists. Keyword arguments travel as a trailing dict flagged `__kwarg__`.
    """

    jid: str
    fun: str | list[str]
    arg: list[Any] = []
    tgt: str | list[str] = "*"
    tgt_type: str = "glob"
    delimiter: str = ":"
    user: str = ""
    created: float = 0.0
    ret: str = ""
    ret_config: str = ""
    ret_kwargs: dict[str, Any] = {}
    metadata: dict[str, Any] | None = None
    kwargs: dict[str, Any] = {}
    """What else the request carried, as Salt keeps it (`show_jid`, `delimiter`, …); `batch` is how many at a time."""
    missing: list[str] = []
    """Ids named in a list target that have no accepted key."""
    deliver_until: float | None = None
    """Until when a minion that is away may still be given the job; None: not at all."""
    timeout: float | None = None
    """Seconds that a minion may work on it."""
    master: str = ""
    """The id of the master that published it."""

    @property
    def fun_text(self) -> str:
        return self.fun if isinstance(self.fun, str) else ",".join(self.fun)


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """The value that a function gave back: MessagePack, in memory or in a file.

    Exactly one of `data` and `path` is set. A store that is given a `path` takes the file over (moves it).
    """

    data: bytes | None = None
    path: Path | None = None
    size: int = 0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The state of one job on one minion, without the body of the return.

    `seq` grows with each change of any outcome of a store and is the cursor by which a job is followed.
    """

    jid: str
    minion: str
    state: State
    seq: int = 0
    changed: float = 0.0
    started: float | None = None
    finished: float | None = None
    retcode: int | None = None
    success: bool | None = None
    out: str = ""
    size: int = 0
    reason: str = ""
    by: str = ""
    elsewhere: int = 0
    """Bytes of a value that the minion gave back and that is not stored here."""
    fun: str = ""
    """Set where the return names another function than the job does (returns without a job of their own)."""
    fun_args: list[Any] | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is to become of one outcome. `at` is seconds since 1970, UTC."""

    jid: str
    minion: str
    state: State
    at: float
    retcode: int | None = None
    success: bool | None = None
    out: str = ""
    reason: str = ""
    by: str = ""
    started: float | None = None
    body: Body | None = None
    elsewhere: int = 0
    """Bytes of the value where it is not stored here."""


class Verdict(enum.StrEnum):
    """What a store says of a change."""

    STORED = "stored"
    REPEAT = "repeat"
    """The same change was stored before; nothing was written."""
    STALE = "stale"
    """The outcome is past that state; nothing was written."""
    UNKNOWN_JOB = "unknown_job"
    NOT_TARGETED = "not_targeted"
    """The job is known and does not concern this minion."""


class JobQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which jobs to list; all conditions must hold. Texts of `functions`, `targets` and `users` may be globs."""

    functions: tuple[str, ...] = ()
    not_functions: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    minion: str = ""
    """Only jobs that concern this minion (exact id)."""
    states: tuple[State, ...] = ()
    """Only jobs with at least one outcome in one of these states (of `minion`, when that is given)."""
    metadata: dict[str, Any] | None = None
    """At least one of these pairs is in the job's metadata."""
    since: float | None = None
    until: float | None = None
    before: str = ""
    """Only jids below this one: the cursor of paging, newest first."""
    limit: int = 100


class JobSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A job with the count of its outcomes in each state; the counts sum to the size of its target."""

    job: Job
    counts: dict[str, int]


class OutcomeQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which outcomes to give, ordered by `seq`. `after` is the cursor: the highest `seq` that was seen."""

    jid: str = ""
    jids: tuple[str, ...] = ()
    """Several jobs, when there is no `jid`."""
    minion: str = ""
    states: tuple[State, ...] = ()
    since: float | None = None
    until: float | None = None
    """With `since` the moments between which an outcome became what it is."""
    after: int = 0
    settled: bool = False
    """Only what was there when the reading began, for those who go on behind the highest cursor that they saw: what
    changes meanwhile is left to the next page, so that no lower cursor can come behind it."""
    limit: int = 1000


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """How much a job cache keeps; 0 means no bound."""

    seconds: int = 86_400
    jobs: int = 0
    bytes: int = 0


UNCACHED = "nocache"
"""As `UNPUBLISHED`, of a return that is to be an event and nothing more."""
UNPUBLISHED = "req"
"""Salt's word for the jid, in the return of a job that no master published: the master makes the job of it."""


class Return(msgspec.Struct, frozen=True, kw_only=True):
    """What a minion gave back for a job, as it lies in the outbox and travels to the master."""

    jid: str
    fun: str | list[str]
    fun_args: list[Any] = []
    state: State = State.RETURNED
    retcode: int | dict[str, int] | list[int] = 0
    success: bool | dict[str, bool] | list[bool] = True
    out: str = ""
    reason: str = ""
    by: str = ""
    user: str = ""
    started: float = 0.0
    finished: float = 0.0
    metadata: dict[str, Any] | None = None
    ret: str = ""
    schedule: str = ""
    master: str = ""
    """The id of the master that gave the job."""
    tgt: str | list[str] = ""
    tgt_type: str = "glob"

    @property
    def worst(self) -> int:
        """One number for all: the highest retcode of a compound call."""
        return worst_of(self.retcode)

    @property
    def succeeded(self) -> bool:
        if isinstance(self.success, bool):
            return self.success
        return all(self.success.values() if isinstance(self.success, dict) else self.success)


def worst_of(retcode: int | dict[str, int] | list[int]) -> int:
    """The highest of several retcodes."""
    if isinstance(retcode, int):
        return retcode
    return max(retcode.values() if isinstance(retcode, dict) else retcode, default=0)
