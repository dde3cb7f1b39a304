"""What the Python API gives back."""

from __future__ import annotations

from typing import Any

import msgspec

from saltern.model.job import Job, Outcome


class MasterInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers on the socket."""

    master: str = ""
    version: str = ""
    pid: int = 0
    ready: bool = False


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """A job was written down and is on its way."""

    jid: str
    minions: list[str] = []
    missing: list[str] = []
    """Ids of a list target without an accepted key."""
    away: list[str] = []
    """Ids that are not connected now."""


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """An outcome of a followed job changed.

    `body` is the value as MessagePack; None while there is no return, and where it is larger than was asked for (then
    `Client.body` streams it).
    """

    outcome: Outcome
    body: bytes | None = None

    @property
    def value(self) -> Any:
        """The value of the return, decoded; None when there is no body."""
        return None if self.body is None else msgspec.msgpack.decode(self.body)


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a job printed while it runs. `stream`: `stdout`, `stderr` or `prog` (then data is MessagePack)."""

    minion: str
    stream: str
    data: bytes
    number: int = 0


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a followed job.

    `pending`: the minions without a final outcome, and why: `not_connected`, `no_answer` or `running`.
    """

    counts: dict[str, int] = {}
    pending: dict[str, str] = {}
    cursor: int = 0


class JobResult(msgspec.Struct, frozen=True, kw_only=True):
    """A job that was run and waited for."""

    published: Published
    updates: dict[str, Update]
    """The last known outcome of each minion that has one that is final."""
    finished: Finished

    @property
    def values(self) -> dict[str, Any]:
        """What each minion that gave a return gave back, by its id."""
        return {minion: update.value for minion, update in self.updates.items() if update.outcome.state.has_return}

    @property
    def ok(self) -> bool:
        """Every minion of the target gave a return with retcode 0."""
        states = [update.outcome.state for update in self.updates.values()]
        complete = len(states) == len(self.published.minions) and not self.published.missing
        return complete and all(state == "returned" for state in states)


class ListedJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job with the count of its outcomes in each state."""

    job: Job
    counts: dict[str, int] = {}


class EventItem(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the master's log; `data` is MessagePack of a dict."""

    seq: int
    tag: str
    stamp: float
    data: bytes

    @property
    def value(self) -> Any:
        return msgspec.msgpack.decode(self.data)


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A join token, and until when it holds (seconds since 1970, UTC)."""

    token: str
    expires: float = 0.0


class CallResult(msgspec.Struct, frozen=True, kw_only=True, rename={"value": "return"}):
    """What a runner or wheel function gave back."""

    jid: str = ""
    value: Any = None
    success: bool | None = None
    out: str = ""


class FleetMinion(msgspec.Struct, frozen=True, kw_only=True):
    """What the master knows of a minion's connection. `running`: jid to process id."""

    connected: bool = False
    version: str = ""
    seen: float = 0.0
    address: str = ""
    running: dict[str, int] = {}
