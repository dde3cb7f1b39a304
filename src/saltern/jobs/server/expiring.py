"""Dropping the oldest jobs in small transactions, between which others write."""

from __future__ import annotations

import time
from typing import NamedTuple

from saltern.jobs.server.session import Session
from saltern.jobs.server.tables import COUNTS
from saltern.jobs.server.writing import Totals, numbers, portions
from saltern.model.job import Retention

_JOBS = 500
_OUTCOMES = 20_000
"""How much one step drops at most; at least one job."""
_STEP_SECONDS = 0.1
"""How long a step should take: others wait for it."""
_LEAST_JOBS = 100
_NUMBERS_AT_ONCE = 10_000
_FORGOTTEN = 3600.0
"""Seconds after which a body that no outcome took is given up; the master that brought it is gone."""
_SILENT = 7 * 86_400.0


class _Old(NamedTuple):
    job: int
    created: float
    bytes: int
    outcomes: int


class Pace:
    """How many jobs a step drops: as many as the server can in the time that others may wait."""

    def __init__(self) -> None:
        self.jobs = _LEAST_JOBS

    def took(self, seconds: float) -> None:
        fitting = int(self.jobs * _STEP_SECONDS / max(seconds, 0.001))
        self.jobs = max(_LEAST_JOBS, min(_JOBS, fitting, 2 * self.jobs))


async def expire_step(session: Session, keep: Retention, now: float, pace: Pace) -> tuple[int, bool]:
    """Drop some of the oldest jobs: how many, and whether there may be more. The transaction is committed."""
    await session.begin()
    totals = await Totals.locked(session)
    began = time.monotonic()  # by now nobody else writes
    chosen = _choose(await _oldest(session, pace.jobs), totals, keep, now)
    for some in portions([old.job for old in chosen], _NUMBERS_AT_ONCE):
        await _drop(session, numbers(some))
    await totals.save(session)
    await session.commit()
    pace.took(time.monotonic() - began)
    return len(chosen), bool(chosen)


async def tidy(session: Session, now: float) -> None:
    """Remove what masters that are gone have left: bodies on their way, and their names."""
    rows = await session.fetch("SELECT id FROM saltern_upload WHERE begun < %s", (now - _FORGOTTEN,))
    for some in portions([int(row[0]) for row in rows], _NUMBERS_AT_ONCE):
        await session.begin()
        for table in ("saltern_body", "saltern_upload"):
            await session.execute(f"DELETE FROM {table} WHERE id IN ({numbers(some)})")  # noqa: S608  (numbers)
        await session.commit()
    await session.execute("DELETE FROM saltern_writer WHERE seen < %s", (now - _SILENT,))


async def _oldest(session: Session, count: int) -> list[_Old]:
    rows = await session.fetch(
        f"SELECT id, created, bytes, {COUNTS.replace(', ', ' + ')} FROM saltern_job"  # noqa: S608  (constants)
        f" ORDER BY created, jid LIMIT {count}"
    )
    return [_Old(int(job), float(created), int(size), int(count)) for job, created, size, count in rows]


def _choose(oldest: list[_Old], totals: Totals, keep: Retention, now: float) -> list[_Old]:
    """Those that are to go now; the totals lose them."""
    chosen: list[_Old] = []
    outcomes = 0
    for old in oldest:
        aged = keep.seconds and old.created < now - keep.seconds
        if not (aged or (keep.jobs and totals.jobs > keep.jobs) or (keep.bytes and totals.bytes > keep.bytes)):
            break
        outcomes += old.outcomes
        if chosen and outcomes > _OUTCOMES:
            break
        chosen.append(old)
        totals.jobs -= 1
        totals.bytes -= old.bytes
    return chosen


async def _drop(session: Session, jobs: str) -> None:
    rows = await session.fetch(
        f"SELECT body FROM saltern_outcome WHERE job IN ({jobs}) AND body IS NOT NULL"  # noqa: S608  (numbers)
    )
    for some in portions([int(row[0]) for row in rows], _NUMBERS_AT_ONCE):
        await session.execute(f"DELETE FROM saltern_body WHERE id IN ({numbers(some)})")  # noqa: S608  (numbers)
    await session.execute(f"DELETE FROM saltern_outcome WHERE job IN ({jobs})")  # noqa: S608  (numbers)
    await session.execute(f"DELETE FROM saltern_job WHERE id IN ({jobs})")  # noqa: S608  (numbers)
