"""The job cache in memory: for trials and tests, gone when the process ends."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from saltern.errors import JobExists, StoreError
from saltern.jobs.matching import concerns, describes
from saltern.jobs.transition import OUTCOME_BYTES, applied, judge, keeps_body, size_of
from saltern.model.job import (
    Body,
    Change,
    Job,
    JobQuery,
    JobSummary,
    Outcome,
    OutcomeQuery,
    Retention,
    State,
    Verdict,
)  # fmt: skip


@dataclass
class _Record:
    """One job with its outcomes and bodies, by minion."""

    job: Job
    outcomes: dict[str, Outcome]
    bodies: dict[str, Body] = field(default_factory=dict)
    bytes: int = 0

    def summary(self) -> JobSummary:
        return JobSummary(job=self.job, counts=dict(Counter(str(each.state) for each in self.outcomes.values())))

    def concerns(self, query: JobQuery) -> bool:
        if query.minion and query.minion not in self.outcomes:
            return False
        if not query.states:
            return True
        those = [self.outcomes[query.minion]] if query.minion else self.outcomes.values()
        return any(outcome.state in query.states for outcome in those)


class MemoryJobStore:
    """Keeps everything in dicts; bodies that come as files are kept as files in a directory of its own."""

    def __init__(self) -> None:
        self._records: dict[str, _Record] = {}
        self._seq = 0
        self._folder: Path | None = None
        self._closed = False

    async def create(self, job: Job, minions: Sequence[str]) -> None:
        self._check_open()
        if job.jid in self._records:
            raise JobExists(f"There is a job {job.jid} already")
        outcomes = {
            minion: Outcome(jid=job.jid, minion=minion, state=State.QUEUED, seq=self._next(), changed=job.created)
            for minion in dict.fromkeys(minions)
        }
        size = len(msgspec.msgpack.encode(job)) + OUTCOME_BYTES * len(outcomes)
        self._records[job.jid] = _Record(job, outcomes, bytes=size)

    async def record(self, changes: Sequence[Change]) -> list[Verdict]:
        self._check_open()
        return [self._take(change) for change in changes]

    async def job(self, jid: str) -> JobSummary | None:
        record = self._records.get(jid)
        return record.summary() if record else None

    async def jobs(self, query: JobQuery) -> list[JobSummary]:
        found = (
            record
            for _, record in sorted(self._records.items(), reverse=True)
            if describes(query, record.job) and record.concerns(query)
        )
        return [record.summary() for record, _ in zip(found, range(query.limit), strict=False)]

    async def outcomes(self, query: OutcomeQuery) -> list[Outcome]:
        jids = (query.jid,) if query.jid else dict.fromkeys(query.jids) or self._records
        found = [
            outcome
            for jid in jids
            if jid in self._records
            for outcome in self._records[jid].outcomes.values()
            if concerns(query, outcome)
        ]
        return sorted(found, key=lambda outcome: outcome.seq)[: max(query.limit, 0)]

    async def body(self, jid: str, minion: str) -> Body | None:
        record = self._records.get(jid)
        return record.bodies.get(minion) if record else None

    async def bodies(self, jid: str, minions: Sequence[str]) -> dict[str, Body]:
        record = self._records.get(jid)
        return {minion: record.bodies[minion] for minion in minions if minion in record.bodies} if record else {}

    async def bodies_of(self, outcomes: Sequence[Outcome]) -> list[Body | None]:
        return [self._body_of(outcome) for outcome in outcomes]

    async def expire(self, keep: Retention, now: float) -> int:
        oldest_first = sorted(self._records.values(), key=lambda record: (record.job.created, record.job.jid))
        count, size = len(oldest_first), sum(record.bytes for record in oldest_first)
        dropped = 0
        for record in oldest_first:
            aged = keep.seconds and record.job.created < now - keep.seconds
            if not (aged or (keep.jobs and count > keep.jobs) or (keep.bytes and size > keep.bytes)):
                break
            count, size, dropped = count - 1, size - record.bytes, dropped + 1
            self._drop(record)
        return dropped

    async def latest(self) -> str:
        return max(self._records, default="")

    async def close(self) -> None:
        self._closed = True
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError("The job cache is closed")

    def _next(self) -> int:
        self._seq += 1
        return self._seq

    def _take(self, change: Change) -> Verdict:
        verdict = self._judge(change)
        if verdict is Verdict.STORED:
            record = self._records[change.jid]
            old = record.outcomes[change.minion]
            # Asked before the body moves: its size is read from where it lies.
            record.outcomes[change.minion] = new = applied(old, change, self._next())
            record.bytes += new.size - old.size
            _discard(record.bodies.pop(change.minion, None))
            if change.body is not None and keeps_body(change):
                record.bodies[change.minion] = self._kept(change.body, new.seq)
                return verdict
        _discard(change.body)
        return verdict

    def _judge(self, change: Change) -> Verdict:
        record = self._records.get(change.jid)
        if record is None:
            return Verdict.UNKNOWN_JOB
        old = record.outcomes.get(change.minion)
        return judge(old.state, change.state) if old else Verdict.NOT_TARGETED

    def _kept(self, body: Body, seq: int) -> Body:
        size = size_of(body)
        if body.path is None:
            return Body(data=body.data, size=size)
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="saltern-jobs-"))
        return Body(path=Path(shutil.move(body.path, self._folder / str(seq))), size=size)

    def _body_of(self, outcome: Outcome) -> Body | None:
        record = self._records.get(outcome.jid)
        now = record.outcomes.get(outcome.minion) if record else None
        return record.bodies.get(outcome.minion) if record and now and now.seq == outcome.seq else None

    def _drop(self, record: _Record) -> None:
        del self._records[record.job.jid]
        for body in record.bodies.values():
            _discard(body)


def _discard(body: Body | None) -> None:
    if body is not None and body.path is not None:
        body.path.unlink(missing_ok=True)
