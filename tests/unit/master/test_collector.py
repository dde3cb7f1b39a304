"""What minions are told of their returns, and when: after the store has them, and several at once in a crowd."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from saltern.errors import StoreError
from saltern.events.backends.memory import MemoryEventLog
from saltern.events.bus import EventBus
from saltern.jobs.backends.memory import MemoryJobStore
from saltern.master.collector import Collector, CollectorOptions
from saltern.master.live import LiveJob, LiveJobs
from saltern.master.recent import RecentBodies
from saltern.model.job import Change, Job, State, Verdict
from saltern.transport.codec import decoder_for_minion
from saltern.transport.frames import ReturnFrame, Stored

JOBS = [f"2026010203040500000{number}" for number in range(3)]
MINIONS = [f"m{number}" for number in range(100)]


class Line:
    """A link that keeps what it was given."""

    def __init__(self) -> None:
        self.told: list[Stored] = []

    def send_encoded(self, data: bytes) -> None:
        self.told += decoder_for_minion().feed(data)  # type: ignore[arg-type]


class Gate(MemoryJobStore):
    """A store that takes a batch when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []
        self.turns = asyncio.Semaphore(0)

    async def record(self, changes: Sequence[Change]) -> list[Verdict]:
        self.batches.append(len(changes))
        await self.turns.acquire()
        return await super().record(changes)


class Scene:
    def __init__(self) -> None:
        self.store = Gate()
        self.lines = {minion: Line() for minion in MINIONS}
        bus = EventBus(MemoryEventLog())
        self.live = LiveJobs()
        self.collector = Collector(self.store, self.live, bus, RecentBodies(), CollectorOptions())

    async def publish(self) -> None:
        for jid in JOBS:
            await self.store.create(Job(jid=jid, fun="test.ping", tgt="*", tgt_type="glob", user="root"), MINIONS)

    def give(self, jid: str, minions: Sequence[str] = MINIONS, name: str = "") -> None:
        head = msgspec.msgpack.encode({"jid": name or jid, "fun": "test.ping"})
        for minion in minions:
            self.collector.add(self.lines[minion], minion, ReturnFrame(jid, head, b"\xc3", 0, 1))  # type: ignore[arg-type]

    async def let(self, count: int) -> None:
        for _ in range(count):
            self.store.turns.release()
        for _ in range(20):
            await asyncio.sleep(0)

    def told(self) -> dict[str, list[Any]]:
        return {minion: [(frame.jids, frame.refused) for frame in line.told] for minion, line in self.lines.items()}


@pytest.fixture
async def scene() -> Scene:
    made = Scene()
    await made.publish()
    return made


async def test_a_minion_is_told_when_its_return_is_stored_and_not_before(scene: Scene):
    scene.give(JOBS[0], ["m0"])
    await scene.let(0)
    assert scene.store.batches == [1]
    assert scene.told()["m0"] == []
    await scene.let(1)
    assert scene.told()["m0"] == [([JOBS[0]], {})]


async def test_in_a_crowd_minions_are_told_of_several_returns_at_once(scene: Scene):
    scene.give(JOBS[0])
    await scene.let(0)
    scene.give(JOBS[1])
    await scene.let(1)
    first = scene.told()
    scene.give(JOBS[2])
    await scene.let(1)
    assert scene.told() == first, "the next batch is in the store's hands"
    await scene.let(1)
    assert scene.store.batches == [100, 100, 100]
    for told in scene.told().values():
        assert [jid for jids, _ in told for jid in jids] == JOBS
    assert sum(map(len, scene.told().values())) < 300, "some were told of two in one frame"


async def test_a_store_that_fails_unforeseen_gets_the_returns_again(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("saltern.master.collector._RETRY_PAUSE", 0.01)
    record, failures = scene.store.record, [RuntimeError("no socket"), KeyError("x"), StoreError("away")]

    async def fail_first(changes: Sequence[Change]) -> list[Verdict]:
        if failures:
            raise failures.pop(0)
        return await record(changes)

    monkeypatch.setattr(scene.store, "record", fail_first)
    scene.give(JOBS[0], ["m0"])
    await asyncio.sleep(0.1)
    await scene.let(1)
    assert failures == []
    assert scene.told()["m0"] == [([JOBS[0]], {})]


async def test_a_return_that_was_stored_when_nobody_could_say_so_ends_its_outcome(scene: Scene):
    job = Job(jid="20260102030405000009", fun="test.ping", tgt="*", tgt_type="glob", user="root")
    await scene.store.create(job, ["m0"])
    scene.live.add(LiveJob(job, b"", ["m0"]))
    returned = Change(jid=job.jid, minion="m0", state=State.RETURNED, at=1.0, retcode=0, success=True)
    await MemoryJobStore.record(scene.store, [returned])
    scene.give(job.jid, ["m0"])
    await scene.let(1)
    assert scene.told()["m0"] == [([job.jid], {})]
    assert scene.live.get(job.jid) is None


async def test_all_are_told_when_the_master_stops(scene: Scene):
    scene.give(JOBS[0])
    await scene.let(0)
    scene.give(JOBS[1])
    await scene.let(2)
    await scene.collector.close()
    assert all([jid for jids, _ in told for jid in jids] == JOBS[:2] for told in scene.told().values())


async def test_what_is_refused_is_told_with_what_is_stored(scene: Scene):
    unknown = "20260102030405999999"
    scene.give(unknown, ["m0", "m1"])
    scene.give(JOBS[0], ["m0"])
    await scene.let(1)
    refused = {unknown: "this master has no such job"}
    assert scene.told()["m0"] == [([JOBS[0]], refused)]
    assert scene.told()["m1"] == [([], refused)]
