"""The definition of an event log: what `saltern.events.contract` promises, for every back end."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from saltern.errors import StoreError
from saltern.events.backends.memory import MemoryEventLog
from saltern.events.backends.segments import SegmentEventLog
from saltern.events.contract import EventLog

DATA = msgspec.msgpack.encode({"fun": "test.ping"})


def _memory(directory) -> EventLog:
    return MemoryEventLog()


def _segments(directory) -> EventLog:
    return SegmentEventLog(directory / "events")


def _small_segments(directory) -> EventLog:
    """Most of what is read comes from files."""
    return SegmentEventLog(directory / "events", segment_bytes=2000, window_bytes=3000)


@pytest.fixture(params=[_memory, _segments, _small_segments], ids=["memory", "segments", "small_segments"])
async def log(request, tmp_path):
    log = request.param(tmp_path)
    yield log
    await log.close()


async def fill(log: EventLog, count: int, *, tag: str = "salt/job/{}/new", turn: int = 7) -> list[int]:
    numbers = []
    for number in range(count):
        numbers.append(log.append(tag.format(number), DATA, 1000.0 + number))
        if number % turn == 0:
            await asyncio.sleep(0)
    return numbers


async def test_an_empty_log_has_no_events(log: EventLog):
    assert log.last() == 0
    assert list(await log.read(0)) == []


async def test_events_are_numbered_and_read_back_as_they_came(log: EventLog):
    numbers = await fill(log, 100)
    assert numbers == list(range(1, 101))
    assert log.last() == 100
    events = await log.read(0)
    assert [event.seq for event in events] == numbers
    assert [event.tag for event in events] == [f"salt/job/{number}/new" for number in range(100)]
    assert {event.data for event in events} == {DATA}
    assert [event.stamp for event in events] == [1000.0 + number for number in range(100)]


async def test_a_reader_sees_an_event_at_once(log: EventLog):
    log.append("a", DATA, 1.0)
    assert [event.tag for event in await log.read(0)] == ["a"]


async def test_a_cursor_goes_through_the_log_in_pages(log: EventLog):
    await fill(log, 250)
    cursor, seen = 0, []
    while page := await log.read(cursor, limit=30):
        assert len(page) <= 30
        seen += [event.seq for event in page]
        cursor = page[-1].seq
    assert seen == list(range(1, 251))


async def test_readers_do_not_disturb_each_other(log: EventLog):
    await fill(log, 60)
    pages = await asyncio.gather(*[log.read(start, limit=5) for start in range(50)])
    assert [[event.seq for event in page] for page in pages] == [
        list(range(start + 1, start + 6)) for start in range(50)
    ]


async def test_a_prefix_chooses_tags(log: EventLog):
    for number in range(200):
        log.append("salt/auth" if number % 50 == 0 else "salt/job/1/ret/m1", DATA, float(number))
    await asyncio.sleep(0)
    assert [event.seq for event in await log.read(0, prefix="salt/auth")] == [1, 51, 101, 151]
    assert [event.seq for event in await log.read(1, limit=2, prefix="salt/auth")] == [51, 101]
    assert list(await log.read(0, prefix="salt/key")) == []


async def test_any_tag_and_any_data_come_back(log: EventLog):
    events = [("ü/☃ tag", b""), ("x" * 500, bytes(range(256)) * 100), ("salt/auth", b"\x00" * 5000)]
    for tag, data in events:
        log.append(tag, data, 0.5)
        await asyncio.sleep(0)
    assert [(event.tag, event.data) for event in await log.read(0)] == events


async def test_wait_returns_at_once_for_an_event_that_is_there(log: EventLog):
    await fill(log, 3)
    await asyncio.wait_for(log.wait(2), 5)


async def test_all_who_wait_are_woken_by_the_next_event(log: EventLog):
    waiting = [asyncio.ensure_future(log.wait(0)) for _ in range(200)]
    patient = asyncio.ensure_future(log.wait(1))
    await asyncio.sleep(0.01)
    assert not any(task.done() for task in waiting)
    log.append("a", DATA, 1.0)
    await asyncio.wait_for(asyncio.gather(*waiting), 5)
    await asyncio.sleep(0.01)
    assert not patient.done()
    log.append("b", DATA, 1.0)
    await asyncio.wait_for(patient, 5)


async def test_a_waiter_may_give_up(log: EventLog):
    waiting = asyncio.ensure_future(log.wait(0))
    await asyncio.sleep(0)
    waiting.cancel()
    log.append("a", DATA, 1.0)
    await log.wait(0)


async def test_sync_may_be_called_by_many_at_once(log: EventLog):
    await fill(log, 20)
    await asyncio.gather(*[log.sync() for _ in range(50)])
    assert log.last() == 20


async def test_old_events_expire_by_age(log: EventLog):
    await fill(log, 300)
    assert await log.expire(keep_seconds=50, keep_bytes=0, now=1000.0 + 300) >= 0
    left = [event.seq for event in await log.read(0)]
    assert left == list(range(left[0], 301))
    assert left[0] <= 251
    assert await log.expire(keep_seconds=50, keep_bytes=0, now=9000.0) > 0
    assert list(await log.read(0)) == []
    assert log.append("a", DATA, 9001.0) == 301
    assert [event.seq for event in await log.read(0)] == [301]


async def test_nothing_expires_without_a_bound(log: EventLog):
    await fill(log, 300)
    assert await log.expire(keep_seconds=0, keep_bytes=0, now=1e12) == 0
    assert len(await log.read(0)) == 300


async def test_a_reader_that_is_behind_goes_on_at_the_oldest_event(log: EventLog):
    await fill(log, 300)
    first = await log.read(0, limit=10)
    await log.expire(keep_seconds=100, keep_bytes=0, now=1000.0 + 300)
    rest = [event.seq for event in await log.read(first[-1].seq)]
    assert rest == list(range(rest[0], 301))


async def test_a_reader_and_expiry_at_the_same_time(log: EventLog):
    await fill(log, 500)

    async def read_all() -> list[int]:
        cursor, seen = 0, []
        while page := await log.read(cursor, limit=20):
            seen += [event.seq for event in page]
            cursor = page[-1].seq
        return seen

    readers = [asyncio.ensure_future(read_all()) for _ in range(4)]
    for age in range(400, 100, -20):
        await log.expire(keep_seconds=age, keep_bytes=0, now=1500.0)
        await asyncio.sleep(0)
    for seen in await asyncio.gather(*readers):
        assert seen == sorted(set(seen))
        assert seen[-100:] == list(range(401, 501))


async def test_nothing_can_be_done_after_the_end(log: EventLog):
    waiting = asyncio.ensure_future(log.wait(0))
    await asyncio.sleep(0)
    await log.close()
    await log.close()
    with pytest.raises(StoreError):
        await waiting
    with pytest.raises(StoreError):
        log.append("a", DATA, 1.0)
    with pytest.raises(StoreError):
        await log.read(0)
    with pytest.raises(StoreError):
        await log.wait(0)


async def test_the_bytes_that_are_kept_are_bounded(log: EventLog):
    await fill(log, 500)
    await log.expire(keep_seconds=0, keep_bytes=8000, now=0.0)
    left = await log.read(0)
    if isinstance(log, SegmentEventLog) and log._segment_bytes > 8000:
        assert len(left) == 500  # The one segment that is written to stays.
        return
    assert 0 < len(left) < 300
    assert left[-1].seq == 500
