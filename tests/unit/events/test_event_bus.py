"""Firing, following and naming events."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from saltern.errors import ArgumentError, StoreError, StoreFull
from saltern.events import tags
from saltern.events.backends.memory import MemoryEventLog
from saltern.events.bus import EventBus
from saltern.events.match import tag_matcher

NOON = 1767268800.25


@pytest.fixture
async def bus():
    bus = EventBus(MemoryEventLog(), now=lambda: NOON)
    yield bus
    await bus.log.close()


async def take(events, count: int) -> list[str]:
    taken = []
    async with asyncio.timeout(10):
        while len(taken) < count:
            taken.append((await anext(events)).tag)
    return taken


@pytest.mark.behaviour("EVT-01")
async def test_an_event_gains_a_stamp_in_utc(bus: EventBus):
    data = {"id": "m1", "result": True}
    assert bus.fire(tags.AUTH, data) == 1
    (event,) = await bus.log.read(0)
    assert event.tag == "salt/auth"
    assert event.stamp == NOON
    assert msgspec.msgpack.decode(event.data) == {**data, "_stamp": "2026-01-01T12:00:00.250000"}
    assert data == {"id": "m1", "result": True}


async def test_data_that_is_encoded_already_is_kept_as_it_is(bus: EventBus):
    encoded = msgspec.msgpack.encode({"a": 1})
    bus.fire_encoded("a", encoded)
    assert (await bus.log.read(0))[0].data == encoded


@pytest.mark.parametrize("tag", ["", "a\nb", "a\x00b", "a\x1b[31mb", "a" * 600])
async def test_what_is_no_tag_is_not_fired(bus: EventBus, tag: str):
    with pytest.raises(ArgumentError):
        bus.fire(tag, {})
    assert bus.log.last() == 0


async def test_what_has_no_encoding_is_not_fired(bus: EventBus):
    loop: dict[str, object] = {}
    loop["loop"] = loop
    for data in ({"a": object()}, {"a": 1 << 80}, loop):
        with pytest.raises(ArgumentError):
            bus.fire("a", data)


async def test_an_event_over_the_limit_is_not_fired(bus: EventBus):
    with pytest.raises(ArgumentError, match="max_event_size"):
        bus.fire("a", {"a": "x" * (1 << 20)})


async def test_a_full_log_does_not_stop_what_fires_events(caplog):
    class Full(MemoryEventLog):
        def append(self, tag: str, data: bytes, stamp: float) -> int:
            raise StoreFull("no space")

    bus = EventBus(Full())
    assert [bus.fire("a", {}) for _ in range(10)] == [0] * 10
    assert bus.dropped == 10
    assert 0 < len(caplog.records) < 10


async def test_a_follower_gets_what_was_and_what_comes(bus: EventBus):
    bus.fire("salt/job/1/new", {})
    bus.fire("salt/auth", {})
    events = bus.follow("salt/job/*", after=0)
    assert await take(events, 1) == ["salt/job/1/new"]
    bus.fire("salt/job/1/ret/m1", {})
    assert await take(events, 1) == ["salt/job/1/ret/m1"]
    await events.aclose()


async def test_a_follower_without_a_cursor_begins_now(bus: EventBus):
    bus.fire("old", {})
    events = bus.follow()
    waiting = asyncio.ensure_future(take(events, 1))
    await asyncio.sleep(0.01)
    bus.fire("new", {})
    assert await waiting == ["new"]
    await events.aclose()


async def test_a_follower_misses_nothing_among_many_other_events(bus: EventBus):
    for number in range(5000):
        bus.fire(f"salt/job/{number}/{'new' if number % 40 else 'ret/m1'}", {})
    events = bus.follow("salt/job/*/ret/*", after=0)
    assert await take(events, 125) == [f"salt/job/{number}/ret/m1" for number in range(0, 5000, 40)]
    await events.aclose()


async def test_fifty_followers_and_one_that_never_reads(bus: EventBus):
    stuck = bus.follow(after=0)
    followers = [asyncio.ensure_future(take(bus.follow("a/*", after=0), 2000)) for _ in range(50)]
    for number in range(2000):
        bus.fire(f"a/{number}", {})
        if number % 100 == 0:
            await asyncio.sleep(0)
    for taken in await asyncio.gather(*followers):
        assert taken == [f"a/{number}" for number in range(2000)]
    await stuck.aclose()


async def test_a_follower_learns_that_the_log_is_closed(bus: EventBus):
    waiting = asyncio.ensure_future(take(bus.follow(), 1))
    await asyncio.sleep(0.01)
    await bus.log.close()
    with pytest.raises(StoreError):
        await waiting


@pytest.mark.behaviour("EVT-01")
@pytest.mark.parametrize(
    ("pattern", "kind", "matches"),
    [
        ("salt/job", "startswith", True),
        ("job", "startswith", False),
        ("/new", "endswith", True),
        ("job/1", "find", True),
        ("salt/job/*/new", "fnmatch", True),
        ("salt/job/?/new", "fnmatch", True),
        ("salt/job", "fnmatch", False),
        ("salt/job/[0-9]+/new$", "regex", True),
        ("job", "regex", False),
    ],
)
async def test_tags_are_matched_in_salts_ways(bus: EventBus, pattern: str, kind: str, matches: bool):
    bus.fire("salt/job/1/new", {})
    bus.fire("end", {})
    assert tag_matcher(pattern, kind)("salt/job/1/new") is matches
    events = bus.follow(pattern, after=0, kind=kind)
    waiting = asyncio.ensure_future(take(events, 1))
    await asyncio.sleep(0.01)
    assert waiting.done() is matches
    waiting.cancel()


def test_a_pattern_that_is_none_is_refused():
    with pytest.raises(ArgumentError):
        tag_matcher("(", "regex")
    with pytest.raises(ArgumentError):
        tag_matcher("a", "telepathy")


@pytest.mark.behaviour("EVT-02")
def test_tags_are_salts():
    assert tags.job_new("20260101000000000000") == "salt/job/20260101000000000000/new"
    assert tags.job_ret("1", "web1") == "salt/job/1/ret/web1"
    assert tags.job_progress("1", "web1", 3) == "salt/job/1/prog/web1/3"
    assert tags.job_error("1", "web1", "test.ping") == "salt/job/1/sub/web1/error/test.ping"
    assert (tags.run_new("1"), tags.run_ret("1"), tags.run_progress("1")) == (
        "salt/run/1/new", "salt/run/1/ret", "salt/run/1/progress",
    )  # fmt: skip
    assert (tags.wheel_new("1"), tags.wheel_ret("1")) == ("salt/wheel/1/new", "salt/wheel/1/ret")
    assert tags.minion_start("web1") == "salt/minion/web1/start"
    assert tags.minion_refresh("web1") == "minion/refresh/web1"
    assert tags.beacon("web1", "load") == "salt/beacon/web1/load/"
    assert (tags.AUTH, tags.KEY) == ("salt/auth", "salt/key")
    assert (tags.PRESENCE_PRESENT, tags.PRESENCE_CHANGE) == ("salt/presence/present", "salt/presence/change")


@pytest.mark.parametrize(
    "tag",
    ["my/app/deployed", "salt/beacon/web1/load/", "salt/minion/web1/start", "minion/refresh/web1", "salt/custom", "ü"],
)
def test_a_minion_may_fire_tags_of_its_own(tag: str):
    assert tags.problem_of_minion_tag(tag, "web1") == ""


@pytest.mark.parametrize(
    "tag",
    [
        "", "a\nb", "a" * 600, "salt/job/1/ret/web1", "salt/auth", "salt/key", "salt/run/1/new", "salt/presence/change",
        "salt/minion/web2/start", "salt/minion/web10/start", "salt/beacon/web2/load/", "minion/refresh/web2",
    ],
)  # fmt: skip
def test_a_minion_may_not_speak_for_others(tag: str):
    assert tags.problem_of_minion_tag(tag, "web1")
