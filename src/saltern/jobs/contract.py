"""What a store of jobs and outcomes must do. Its definition is the suite in `tests/contracts/test_job_store.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from saltern.model.job import Body, Change, Job, JobQuery, JobSummary, Outcome, OutcomeQuery, Retention, Verdict


class JobStore(Protocol):
    """Keeps jobs, one outcome for each minion concerned, and the bodies of returns.

    What a call has answered is durable. All calls may run concurrently. A store that cannot take or give raises
    `StoreError` (`StoreFull`, `StoreCorrupt`), naming the file or server.
    """

    async def create(self, job: Job, minions: Sequence[str]) -> None:
        """Write a job and one `queued` outcome for each minion, all or nothing; `JobExists` if the jid is taken."""

    async def record(self, changes: Sequence[Change]) -> list[Verdict]:
        """Apply changes in their order, durable when this returns; one verdict for each change.

        A body's `path` is taken over whatever the verdict; when this raises the file is left where it is.
        """

    async def job(self, jid: str) -> JobSummary | None:
        """The job with its counts, or None."""

    async def jobs(self, query: JobQuery) -> list[JobSummary]:
        """The jobs that a query describes, newest first."""

    async def outcomes(self, query: OutcomeQuery) -> list[Outcome]:
        """The outcomes that a query describes, in the order of `seq`."""

    async def body(self, jid: str, minion: str) -> Body | None:
        """The body of a return, or None. A `path` may be read and must not be changed."""

    async def bodies(self, jid: str, minions: Sequence[str]) -> dict[str, Body]:
        """The bodies of several returns of one job at once; minions without one are left out."""

    async def bodies_of(self, outcomes: Sequence[Outcome]) -> list[Body | None]:
        """The body of each outcome, whatever its job; None where it has none, or has become another since."""

    async def expire(self, keep: Retention, now: float) -> int:
        """Drop the oldest jobs (by `created`) until all bounds hold; how many jobs were dropped.

        `keep.bytes` counts loads, bodies and `transition.OUTCOME_BYTES` for each outcome.
        """

    async def latest(self) -> str:
        """The highest jid in the store, or an empty text."""

    async def close(self) -> None:
        """Write what is pending and let go of files and connections."""
