"""One transaction that writes a batch: new jobs, and changes of outcomes with their bodies.

Writers of all masters take turns by locking the one row of `saltern_meta`. So what they judge stands still, cursors are
given out in the order in which they become visible, and a follower misses none.
"""

from __future__ import annotations

import secrets
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from saltern.errors import JobExists
from saltern.jobs.matching import target_text
from saltern.jobs.rows import NUMBER, STATES, Write, note_of, write_of
from saltern.jobs.server.group import Answers, Asks, Create, Record
from saltern.jobs.server.session import OutcomeWrite, Row, Session
from saltern.jobs.server.spool import content_of
from saltern.jobs.server.texts import to_column
from saltern.jobs.transition import OUTCOME_BYTES, judge, microseconds
from saltern.model.job import Change, Verdict

_NAMES_AT_ONCE = 5_000
_NUMBERS_AT_ONCE = 10_000
_JOBS_AT_ONCE = 300
_JOB_COLUMNS = ("id", "jid", "created", "fun", "tgt", "usr", "tagged", "bytes", "data", *map(str, STATES))
_OUTCOME_COLUMNS = ("job", "minion", "state", "seq", "changed", "size")
_BODY_COLUMNS = ("id", "part", "data")


class Standing(NamedTuple):
    """Where an outcome stands before a batch."""

    state: int
    size: int
    body: int | None


class _Accepted(NamedTuple):
    change: Change
    write: Write
    upload: int | None


_Pair = tuple[int, int]
"""Numbers of a job and a minion."""


class Totals:
    """The row of `saltern_meta`, as a transaction changes it."""

    def __init__(self, seq: int, job: int, minion: int, jobs: int, size: int) -> None:
        self.seq = seq
        self.last_job = job
        self.last_minion = minion
        self.jobs = jobs
        self.bytes = size

    @classmethod
    async def locked(cls, session: Session) -> Totals:
        """Read the row; until the end of the transaction nobody else writes."""
        (row,) = await session.fetch("SELECT seq, last_job, last_minion, jobs, bytes FROM saltern_meta FOR UPDATE")
        return cls(*map(int, row))

    async def save(self, session: Session) -> None:
        await session.execute(
            "UPDATE saltern_meta SET seq = %s, last_job = %s, last_minion = %s, jobs = %s, bytes = %s",
            (self.seq, self.last_job, self.last_minion, self.jobs, self.bytes),
        )


class BatchWriter:
    """Writes the batches of one store, over one session after the other.

    After a commit of which nobody knows whether it came about, `landed` tells: each transaction leaves its number in
    this writer's row of `saltern_writer`.
    """

    def __init__(self) -> None:
        self._name = secrets.token_hex(16)
        self._number = 0
        self._minions: dict[str, int] = {}
        self._new: Mapping[str, int] = {}

    def next_batch(self) -> None:
        self._number += 1

    async def register(self, session: Session) -> None:
        """Once for each session: the row of this writer, in which nothing is written yet."""
        if not await session.fetch("SELECT batch FROM saltern_writer WHERE id = %s", (self._name,)):
            await session.execute(
                "INSERT INTO saltern_writer (id, batch, seen) VALUES (%s, %s, %s)", (self._name, 0, time.time())
            )

    async def landed(self, session: Session) -> bool:
        await session.begin()
        await Totals.locked(session)  # by then the transaction in doubt has ended, if the server was still at it
        rows = await session.fetch("SELECT batch FROM saltern_writer WHERE id = %s", (self._name,))
        await session.rollback()
        return bool(rows) and int(rows[0][0]) == self._number

    async def write(self, session: Session, asks: Asks) -> Answers:
        """All but the commit."""
        await session.begin()
        totals = await Totals.locked(session)
        batch = _Batch(session, totals, self._minions)
        answers = await batch.write(asks)
        self._new = batch.new_minions
        await totals.save(session)
        await session.execute(
            "UPDATE saltern_writer SET batch = %s, seen = %s WHERE id = %s", (self._number, time.time(), self._name)
        )
        return answers

    def committed(self) -> None:
        self._minions.update(self._new)


class _Batch:
    """The work of one transaction. What it learns of minions stays true whether or not it is committed."""

    def __init__(self, session: Session, totals: Totals, minions: dict[str, int]) -> None:
        self._session = session
        self._totals = totals
        self._known = minions
        self._new: dict[str, int] = {}
        self._moves: defaultdict[int, list[int]] = defaultdict(lambda: [0] * (len(STATES) + 1))

    async def write(self, asks: Asks) -> Answers:
        creations = [ask for ask in asks if isinstance(ask, Create)]
        records = [ask for ask in asks if isinstance(ask, Record)]
        changes = [change for record in records for change in record.changes]
        jobs = await self._jobs({*(ask.job.jid for ask in creations), *(change.jid for change in changes)})
        await self._learn({change.minion for change in changes})
        refused = await self._create(creations, jobs)
        verdicts = await self._record(records, jobs)
        answers: Answers = []
        for ask in asks:
            answers.append(verdicts[ask] if isinstance(ask, Record) else refused.get(ask))
        return answers

    # --- jobs -----------------------------------------------------------------------------------------------------

    async def _jobs(self, jids: set[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for some in portions(sorted(jids), _NAMES_AT_ONCE):
            by_column = {to_column(jid): jid for jid in some}
            rows = await self._session.fetch(
                f"SELECT jid, id FROM saltern_job WHERE jid IN ({marks(by_column)})",  # noqa: S608  (marks)
                list(by_column),
            )
            found |= {by_column[text_of(jid)]: int(number) for jid, number in rows}
        return found

    async def _create(self, creations: Sequence[Create], jobs: dict[str, int]) -> dict[Create, Exception]:
        refused: dict[Create, Exception] = {}
        made: list[tuple[int, Create]] = []
        for ask in creations:
            if ask.job.jid in jobs:
                refused[ask] = JobExists(f"There is a job {ask.job.jid} already")
                continue
            self._totals.last_job += 1
            jobs[ask.job.jid] = self._totals.last_job
            made.append((self._totals.last_job, ask))
        if made:
            await self._learn({minion for _, ask in made for minion in ask.minions}, make=True)
            await self._session.insert("saltern_job", _JOB_COLUMNS, [self._job_row(*one) for one in made])
            await self._session.insert("saltern_outcome", _OUTCOME_COLUMNS, self._queued(made))
        return refused

    def _job_row(self, number: int, ask: Create) -> Row:
        job = ask.job
        size = len(ask.load) + OUTCOME_BYTES * len(ask.minions)
        self._totals.jobs += 1
        self._totals.bytes += size
        texts = (to_column(job.fun_text), to_column(target_text(job)), to_column(job.user))
        counts = (len(ask.minions), *[0] * (len(STATES) - 1))
        return (
            number, to_column(job.jid), job.created, *texts, int(job.metadata is not None), size, ask.load, *counts
        )  # fmt: skip

    def _queued(self, made: Sequence[tuple[int, Create]]) -> Iterator[Row]:
        for number, ask in made:
            at = microseconds(ask.job.created)
            for minion in ask.minions:
                self._totals.seq += 1
                yield number, self._minion(minion), 0, self._totals.seq, at, 0

    # --- minions --------------------------------------------------------------------------------------------------

    def _minion(self, name: str) -> int | None:
        return self._known.get(name) or self._new.get(name)

    async def _learn(self, names: set[str], *, make: bool = False) -> None:
        unknown = sorted(name for name in names if self._minion(name) is None)
        for some in portions(unknown, _NAMES_AT_ONCE):
            by_column = {to_column(name): name for name in some}
            rows = await self._session.fetch(
                f"SELECT name, id FROM saltern_minion WHERE name IN ({marks(by_column)})",  # noqa: S608  (marks)
                list(by_column),
            )
            # Those were committed by somebody, and minions keep their numbers for ever.
            self._known.update((by_column[text_of(name)], int(number)) for name, number in rows)
        if make:
            await self._name([name for name in unknown if self._minion(name) is None])

    async def _name(self, names: Sequence[str]) -> None:
        first = self._totals.last_minion + 1
        self._new.update((name, number) for number, name in enumerate(names, first))
        self._totals.last_minion += len(names)
        if names:
            rows = [(number, to_column(name)) for number, name in enumerate(names, first)]
            await self._session.insert("saltern_minion", ("id", "name"), rows)

    # --- outcomes -------------------------------------------------------------------------------------------------

    async def _record(self, records: Sequence[Record], jobs: Mapping[str, int]) -> dict[Record, list[Verdict]]:
        pairs = {record: [self._pair(change, jobs) for change in record.changes] for record in records}
        wanted = {pair for some in pairs.values() for pair in some if pair is not None}
        standings = await self._standings(wanted)
        states = {pair: standing.state for pair, standing in standings.items()}
        accepted: dict[_Pair, _Accepted] = {}
        verdicts: dict[Record, list[Verdict]] = {}
        for record in records:
            verdicts[record] = [
                self._judge(record, place, pair, jobs, states, accepted) for place, pair in enumerate(pairs[record])
            ]
        if accepted:
            await self._apply(accepted, standings)
        return verdicts

    def _pair(self, change: Change, jobs: Mapping[str, int]) -> _Pair | None:
        job, minion = jobs.get(change.jid), self._minion(change.minion)
        return None if job is None or minion is None else (job, minion)

    async def _standings(self, pairs: set[_Pair]) -> dict[_Pair, Standing]:
        minions: defaultdict[int, list[int]] = defaultdict(list)
        for job, minion in sorted(pairs):
            minions[job].append(minion)
        found: dict[_Pair, Standing] = {}
        for some in portions(list(minions.items()), _JOBS_AT_ONCE):
            terms = " OR ".join(f"job = {job} AND minion IN ({numbers(those)})" for job, those in some)
            rows = await self._session.fetch(
                f"SELECT job, minion, state, size, body FROM saltern_outcome WHERE {terms}"  # noqa: S608  (numbers)
            )
            found |= {(int(row[0]), int(row[1])): Standing(*row[2:]) for row in rows}
        return found

    def _judge(
        self,
        record: Record,
        place: int,
        pair: _Pair | None,
        jobs: Mapping[str, int],
        states: dict[_Pair, int],
        accepted: dict[_Pair, _Accepted],
    ) -> Verdict:
        change = record.changes[place]
        if change.jid not in jobs:
            return Verdict.UNKNOWN_JOB
        if pair is None or pair not in states:
            return Verdict.NOT_TARGETED
        verdict = judge(STATES[states[pair]], change.state)
        if verdict is Verdict.STORED:
            write = write_of(0, change, note_of(change))
            if (before := accepted.pop(pair, None)) and write.started is None:
                write = write._replace(started=before.write.started)
            accepted[pair] = _Accepted(change, write, record.uploads.get(place))
            states[pair] = NUMBER[change.state]
        return verdict

    async def _apply(self, accepted: Mapping[_Pair, _Accepted], standings: Mapping[_Pair, Standing]) -> None:
        rows: list[OutcomeWrite] = []
        bodies: list[Row] = []
        uploads: list[int] = []
        for (job, minion), (change, write, upload) in accepted.items():
            self._totals.seq += 1
            body = self._totals.seq if write.kept else None
            if upload is not None and write.kept:
                body = upload
                uploads.append(upload)
            elif write.kept and change.body is not None:
                bodies.append((body, 0, content_of(change.body)))
            rows.append(OutcomeWrite(job, minion, self._totals.seq, write, body))
            self._tally(job, standings[job, minion], write)
        replaced = [old.body for pair in accepted if (old := standings[pair]).body is not None]
        for some in portions(replaced, _NUMBERS_AT_ONCE):
            await self._session.execute(f"DELETE FROM saltern_body WHERE id IN ({numbers(some)})")  # noqa: S608
        await self._session.update_outcomes(rows)
        if bodies:
            await self._session.insert("saltern_body", _BODY_COLUMNS, bodies)
        if uploads:
            await self._session.execute(f"DELETE FROM saltern_upload WHERE id IN ({numbers(uploads)})")  # noqa: S608
        await self._count()

    def _tally(self, job: int, old: Standing, write: Write) -> None:
        moves = self._moves[job]
        moves[old.state] -= 1
        moves[write.state] += 1
        moves[-1] += write.size - old.size
        self._totals.bytes += write.size - old.size

    async def _count(self) -> None:
        rows = [(job, *moved) for job, moved in self._moves.items()]
        for some in portions(rows, _JOBS_AT_ONCE):
            await self._session.add_to_jobs(some)

    @property
    def new_minions(self) -> Mapping[str, int]:
        return self._new


def portions(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for at in range(0, len(items), size):
        yield items[at : at + size]


def marks(values: Iterable[Any]) -> str:
    return ", ".join("%s" for _ in values)


def numbers(values: Iterable[int | None]) -> str:
    return ", ".join(str(int(value)) for value in values if value is not None)


def text_of(column: str | bytes) -> str:
    return column if isinstance(column, str) else bytes(column).decode()
