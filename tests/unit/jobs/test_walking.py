"""Walking through histories that are larger than a page, by number of jobs, of outcomes and of bytes."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from bench.history import FLEET, START, history

from saltern.jobs.backends.memory import MemoryJobStore
from saltern.jobs.backends.sqlite import SqliteJobStore
from saltern.jobs.contract import JobStore
from saltern.jobs.walking import Walk, whole
from saltern.model.job import Body, Change, Job, JobQuery, State

JOBS, RETURNS = 1_700, 6_000


class _Counting:
    """Counts the questions."""

    def __init__(self, store: JobStore) -> None:
        self._store = store
        self.asked: Counter[str] = Counter()

    def __getattr__(self, name: str) -> object:
        self.asked[name] += 1
        return getattr(self._store, name)


@pytest.fixture(scope="module")
def store() -> MemoryJobStore:
    made = MemoryJobStore()

    async def fill() -> None:
        for one in history(RETURNS, JOBS):
            await made.create(one.job, one.minions)
            await made.record(one.changes)

    asyncio.run(fill())
    return made


@pytest.mark.parametrize(
    ("most", "expected"), [(0, JOBS), (1, 1), (499, 499), (500, 500), (501, 501), (1_200, 1_200), (9_999, JOBS)]
)
async def test_all_jobs_come_or_as_many_as_are_wanted(store: MemoryJobStore, most: int, expected: int) -> None:
    jids = [summary.job.jid async for summary in Walk(store).jobs(JobQuery(limit=1), most=most)]

    assert len(jids) == expected
    assert jids == sorted(jids, reverse=True)


async def test_all_outcomes_come_with_their_bodies_in_few_questions(store: MemoryJobStore) -> None:
    counting = _Counting(store)
    walk = Walk(counting)  # type: ignore[arg-type]
    bodies, jids = {}, []
    async for summary, outcome, body in walk.bodies(walk.outcomes(walk.jobs(JobQuery()))):
        bodies[outcome.jid, outcome.minion] = await whole(body) if body is not None else None
        jids += [summary.job.jid] if summary.job.jid not in jids[-1:] else []

    made = {
        (change.jid, change.minion): change.body.data if change.body else None
        for one in history(RETURNS, JOBS)
        for change in one.changes
    }
    assert bodies == made
    assert jids == sorted({jid for jid, _ in made}, reverse=True)
    assert counting.asked["outcomes"] < 10
    assert counting.asked["bodies_of"] < 40


async def test_outcomes_of_one_minion_and_of_states_alone(store: MemoryJobStore) -> None:
    walk = Walk(store)
    minion = next(one.minions[0] for one in history(RETURNS, JOBS))

    failed = [step[1] async for step in walk.outcomes(walk.jobs(JobQuery()), (State.FAILED,))]
    own = [step[1] async for step in walk.outcomes(walk.jobs(JobQuery()), minion=minion)]

    changes = [change for one in history(RETURNS, JOBS) for change in one.changes]
    assert {(each.jid, each.minion) for each in failed} == {
        (each.jid, each.minion) for each in changes if each.state is State.FAILED
    }
    assert sorted(each.jid for each in own) == [each.jid for each in changes if each.minion == minion]


async def test_a_job_with_more_than_a_page_and_bodies_above_a_bound(tmp_path: Path) -> None:
    store = SqliteJobStore(tmp_path / "jobs")
    minions = [f"m{number:05d}" for number in range(FLEET // 2)]
    await store.create(Job(jid="20260921143320000000", fun="test.ping", created=START), minions)
    data = {minion: minion.encode() * (200_000 if number in (7, 4_000) else 3) for number, minion in enumerate(minions)}
    await store.record([
        Change(jid="20260921143320000000", minion=minion, state=State.RETURNED, at=START,
               body=Body(data=value, size=len(value)))
        for minion, value in data.items()
    ])  # fmt: skip
    walk = Walk(store)
    steps = walk.outcomes(walk.named(["20260921143320000000", "20260921143320000001"]))
    found = {
        outcome.minion: await whole(body) if body else None
        async for _, outcome, body in walk.bodies(steps, largest=1_000, skip={minions[3]})
    }
    await store.close()

    assert found == {
        minion: value if len(value) < 1_000 else None for minion, value in data.items() if minion != minions[3]
    }
