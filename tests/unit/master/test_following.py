"""Following a job: nothing that comes while the record is read is waited for."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from saltern.client.contract import Follow
from saltern.jobs.backends.memory import MemoryJobStore
from saltern.master import following
from saltern.master.live import LiveJob, LiveJobs
from saltern.master.progress import ProgressHub
from saltern.master.recent import RecentBodies
from saltern.model.job import Body, Change, Job, Outcome, OutcomeQuery, State

JID = "20261126080000000001"
RETURN = Change(jid=JID, minion="m1", state=State.RETURNED, at=1.0, retcode=0, success=True, body=Body(data=b"\xc3"))


class Hurried(MemoryJobStore):
    """The minion returns while the record is read, right behind what was read."""

    live: LiveJobs

    async def outcomes(self, query: OutcomeQuery) -> list[Outcome]:
        found = await super().outcomes(query)
        if not found and self.live.get(JID):
            await self.record([RETURN])
            self.live.moved(JID, "m1", State.RETURNED)
            self.live.wake([JID])
        return found


async def test_a_return_that_comes_while_the_record_is_read_is_seen_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_LOOK", 3600.0)
    store, live = Hurried(), LiveJobs()
    store.live = live
    job = Job(jid=JID, fun="test.ping", created=1.0)
    await store.create(job, ["m1"])
    live.add(LiveJob(job, b"", ["m1"]))
    fleet: Any = None
    follow = following.Following(store, live, RecentBodies(0), ProgressHub(), fleet, "master")

    async with asyncio.timeout(10):
        answers = [answer async for answer in follow.follow(Follow(jid=JID, wait=3600))]

    assert [item["outcome"].state for answer in answers[:-1] for item in answer["items"]] == [
        State.QUEUED, State.RETURNED,
    ]  # fmt: skip
    assert answers[-1]["counts"] == {State.RETURNED: 1}
