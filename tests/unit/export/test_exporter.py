"""An export: in order, each item once, whatever the target does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from saltern.errors import NotFound
from saltern.export.contract import Delivered, Item, Measure, Page, Tidied
from saltern.export.exporter import Exporter, ExportOptions
from saltern.export.ledger import ExportLedger
from saltern.export.pace import Pace


def item(seq: int, group: str = "j1") -> Item:
    return Item(seq=seq, key=f"{group} m{seq}", group=group, body=b"%d" % seq)


class ListFeed:
    """A feed over a list that grows."""

    def __init__(self, items: Sequence[Item] = ()) -> None:
        self.items = list(items)
        self._news = asyncio.Event()

    def add(self, *items: Item) -> None:
        self.items += items
        self._news.set()

    async def read(self, after: int, limit: int, most_bytes: int) -> Page:
        self._news.clear()
        found = [each for each in self.items if each.seq > after]
        cursor = found[:limit][-1].seq if found else after
        return Page(items=found[:limit], cursor=cursor, more=len(found) > limit)

    async def wait(self, after: int) -> None:
        await self._news.wait()

    async def measure(self, after: int, limit: int) -> list[Measure]:
        left = [each for each in self.items if each.seq > after]
        return [Measure(seq=each.seq, size=100, began=1000.0 + each.seq) for each in left[:limit]]

    def delivered(self, items: Sequence[Item]) -> None:
        pass


class ListTarget:
    """Takes everything into a list, but for what `objects` says of an item."""

    def __init__(self, objects: Callable[[Item], Delivered | None] = lambda _: None) -> None:
        self.taken: list[int] = []
        self.calls = 0
        self.objects = objects

    async def deliver(self, items: Sequence[Item]) -> Delivered:
        self.calls += 1
        for count, each in enumerate(items):
            objection = self.objects(each)
            if objection is not None:
                return msgspec.structs.replace(objection, count=count)
            self.taken.append(each.seq)
        return Delivered(count=len(items))

    async def tidy(self) -> Tidied:
        return Tidied()

    async def close(self) -> None:
        pass


def exporter(feed: Any, target: Any, path: Path, **options: Any) -> Exporter:
    given = {"last_pauses": (0.01, 0.01), "unanswered_pauses": (0.01, 0.01, 0.01), **options}
    return Exporter(feed, target, ExportLedger(path), ExportOptions(name="x", **given), Pace(0.001, 0.01))


async def until(condition: Callable[[], Any], seconds: float = 10.0) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends
        await asyncio.sleep(0.005)


async def until_held_since(export: Exporter, moment: float | None, seconds: float = 10.0) -> None:
    ends = time.monotonic() + seconds
    while await export.held_since() != moment:
        assert time.monotonic() < ends
        await asyncio.sleep(0.005)


DOWN = Delivered(count=0, error="nobody there")
REFUSED = Delivered(count=0, error="too large", refused=True)


async def test_everything_arrives_in_order_and_once_over_a_restart(tmp_path: Path):
    feed, target = ListFeed([item(seq) for seq in range(1, 1200)]), ListTarget()
    first = exporter(feed, target, tmp_path / "x.db", batch=100)
    first.start()
    await until(lambda: len(target.taken) == 1199)
    await first.close()

    feed.items += [item(1200)]
    second = exporter(feed, target, tmp_path / "x.db")
    second.start()
    await until(lambda: len(target.taken) == 1200)
    feed.add(item(1201))
    await until(lambda: len(target.taken) == 1201)
    await second.close()

    assert target.taken == list(range(1, 1202))


async def test_a_target_that_is_away_gets_everything_when_it_is_back(tmp_path: Path):
    feed, target = ListFeed([item(seq) for seq in range(1, 50)]), ListTarget(lambda _: DOWN)
    export = exporter(feed, target, tmp_path / "x.db")
    export.start()
    await until(lambda: target.calls > 12)
    status = await export.status()
    target.objects = lambda _: None
    await until(lambda: len(target.taken) == 49)
    await until_held_since(export, None)
    after = await export.status()
    await export.close()

    assert (status["state"], status["waiting"], status["bytes"], status["error"]) == (
        "failing", 49, 4900, "nobody there",
    )  # fmt: skip
    assert status["lag"] > 0
    assert (after["state"], after["waiting"], after["error"], after["sent"]) == ("working", 0, "", 49)
    assert target.taken == list(range(1, 50))
    assert await export.held_since() is None
    assert await asyncio.to_thread(lambda: ExportLedger(tmp_path / "x.db").letters(10)) == []


class SilentTarget(ListTarget):
    """Takes what it is given, and does not answer."""

    async def deliver(self, items: Sequence[Item]) -> Delivered:
        self.calls += 1
        await asyncio.Event().wait()
        return Delivered(count=len(items))


async def test_what_waits_is_held_before_the_first_answer_of_a_target(tmp_path: Path):
    feed, target = ListFeed([item(1), item(2)]), SilentTarget()
    export = exporter(feed, target, tmp_path / "x.db")
    export.start()
    await until(lambda: target.calls == 1)

    held = await export.held_since()
    assert export._task is not None
    export._task.cancel()
    await export.close()

    assert held == 1001.0


async def test_what_is_refused_becomes_a_dead_letter_and_can_be_sent_again(tmp_path: Path):
    feed = ListFeed([item(seq) for seq in range(1, 10)])
    target = ListTarget(lambda each: REFUSED if each.seq in (4, 7) else None)
    export = exporter(feed, target, tmp_path / "x.db")
    export.start()
    await until(lambda: len(target.taken) == 7)
    letters = await export.letters(10)
    assert [(letter.key, letter.reason) for letter in letters] == [("j1 m4", "too large"), ("j1 m7", "too large")]
    assert target.taken == [1, 2, 3, 5, 6, 8, 9]

    assert await export.retry(letters[0].id) == "too large"
    target.objects = lambda _: None
    assert await export.retry(letters[0].id) == ""
    assert await export.drop([letters[1].id]) == 1
    with pytest.raises(NotFound):
        await export.retry(letters[1].id)
    assert await export.letters(10) == []
    await export.close()
    assert target.taken == [1, 2, 3, 5, 6, 8, 9, 4]


async def test_one_that_always_fails_is_given_up_when_others_are_taken(tmp_path: Path):
    feed = ListFeed([item(1), item(2, "bad"), item(3, "bad"), item(4), item(5)])
    target = ListTarget(lambda each: DOWN if each.seq == 2 else None)
    export = exporter(feed, target, tmp_path / "x.db")
    export.start()
    await until(lambda: len(target.taken) == 4)
    letters = await export.letters(10)
    await export.close()

    assert [letter.key for letter in letters] == ["bad m2"]
    assert sorted(target.taken) == [1, 3, 4, 5]
    # Those of one job kept their order.
    assert [seq for seq in target.taken if seq in (1, 4, 5)] == [1, 4, 5]


async def test_one_that_is_held_up_by_a_lock_is_not_given_up_at_once(tmp_path: Path):
    late = Delivered(count=0, error="it did not answer", unanswered=True)
    tries = 0

    def locked(each: Item) -> Delivered | None:
        nonlocal tries
        tries += each.seq == 1
        return late if each.seq == 1 and tries < 8 else None

    target = ListTarget(locked)
    export = exporter(ListFeed([item(1), item(2), item(3)]), target, tmp_path / "x.db", patience=2)
    export.start()
    await until(lambda: len(target.taken) == 3)

    assert (await export.status())["dead_letters"] == 0
    await export.close()


async def test_none_is_given_up_while_the_target_is_not_well(tmp_path: Path):
    """A full disk has room for a small row yet."""
    full = Delivered(count=0, error="no space left", unwell=True)
    tries = 0

    def crowded(each: Item) -> Delivered | None:
        nonlocal tries
        tries += each.seq == 1
        return full if each.seq == 1 and tries < 30 else None

    target = ListTarget(crowded)
    export = exporter(ListFeed([item(1), item(2, "small"), item(3)]), target, tmp_path / "x.db", patience=2)
    export.start()
    await until(lambda: len(target.taken) == 3)

    assert (await export.status())["dead_letters"] == 0
    await export.close()
    assert target.taken == [1, 2, 3]


async def test_one_that_fills_its_page_is_given_up_as_well(tmp_path: Path):
    feed = ListFeed([item(1), item(2, "bad"), item(3), item(4, "j2")])
    target = ListTarget(lambda each: DOWN if each.seq == 2 else None)
    export = exporter(feed, target, tmp_path / "x.db", batch=1)
    export.start()
    await until(lambda: len(target.taken) == 3)
    letters = await export.letters(10)
    await export.close()

    assert [letter.key for letter in letters] == ["bad m2"]
    assert target.taken == [1, 3, 4]


async def test_nothing_is_given_up_while_the_target_takes_nothing_at_all(tmp_path: Path):
    feed, target = ListFeed([item(seq, f"j{seq}") for seq in range(1, 6)]), ListTarget(lambda _: DOWN)
    export = exporter(feed, target, tmp_path / "x.db", patience=1)
    export.start()
    await until(lambda: target.calls > 20)
    letters = await export.letters(10)
    await export.close()

    assert letters == []


async def test_beyond_its_bytes_the_oldest_is_given_up_and_that_is_told(tmp_path: Path):
    feed, target = ListFeed([item(seq) for seq in range(1, 2001)]), ListTarget(lambda _: DOWN)
    export = exporter(feed, target, tmp_path / "x.db", most_bytes=120_000)
    export.start()
    await until_held_since(export, 1000.0 + 1001)
    target.objects = lambda _: None
    await until(lambda: target.taken and target.taken[-1] == 2000)
    (letter,) = await export.letters(10)
    with pytest.raises(NotFound):
        await export.retry(letter.id)
    await export.close()

    assert target.taken == list(range(1001, 2001))
    assert letter.key == "1000 items up to 1000"
    assert "export_queue_bytes" in letter.reason


def test_waits_grow_are_drawn_and_have_a_bound():
    low, high = Pace(1.0, 30.0, lambda: 0.0), Pace(1.0, 30.0, lambda: 1.0)
    assert [low.failed() for _ in range(7)] == [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0]
    assert [high.failed() for _ in range(6)] == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0]
    high.succeeded()
    assert high.failed() == 1.0


class Untidy(ListTarget):
    """Has more to drop, a few times."""

    def __init__(self, times: int, error: str = "") -> None:
        super().__init__()
        self.left, self.error = times, error

    async def tidy(self) -> Tidied:
        self.left -= 1
        return Tidied(error=self.error, more=self.left > 0)


async def test_a_target_drops_what_is_old_in_as_many_steps_as_it_takes(tmp_path: Path, caplog):
    target = Untidy(5)
    await exporter(ListFeed([]), target, tmp_path / "x.db").tidy()
    assert target.left == 0

    await exporter(ListFeed([]), Untidy(1, "no right"), tmp_path / "y.db").tidy()
    assert "what is too old could not be dropped there: no right" in caplog.text
