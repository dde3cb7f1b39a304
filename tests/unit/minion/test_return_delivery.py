"""Returns that wait for returners: in order, until they are taken, once at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from saltern.export.pace import Pace
from saltern.minion.return_delivery import ReturnDelivery, ReturnNotTaken
from saltern.minion.return_queue import ReturnQueue
from saltern.minion.whole_files import new_file

Objection = Callable[[str, str], Exception | None]


@pytest.fixture
def queue(tmp_path: Path) -> ReturnQueue:
    return ReturnQueue(tmp_path / "returns")


def put(queue: ReturnQueue, returner: str, *keys: str) -> None:
    for key in keys:
        queue.put(returner, key, lambda file, key=key: file.write(msgspec.msgpack.encode({"jid": key})))


class Trial:
    """Returners that write down what they get; `objects` says what they raise."""

    def __init__(self, objects: Objection = lambda *_: None) -> None:
        self.taken: list[tuple[str, str]] = []
        self.opened = 0
        self.objects = objects

    @contextlib.contextmanager
    def __call__(self) -> Iterator[Trial]:
        self.opened += 1
        yield self

    def send(self, returner: str, ret: Mapping[str, Any]) -> None:
        error = self.objects(returner, ret["jid"])
        if error is not None:
            raise error
        self.taken.append((returner, ret["jid"]))


def deliver(queue: ReturnQueue, trial: Trial, idle: float = 0.3) -> None:
    ReturnDelivery(queue, trial, idle, lambda: Pace(0.001, 0.01)).run()


def test_each_returner_gets_its_returns_in_the_order_of_jobs(queue: ReturnQueue):
    put(queue, "redis", "2", "1", "3")
    put(queue, "a/b", "1")
    trial = Trial()

    deliver(queue, trial)

    assert [key for name, key in trial.taken if name == "redis"] == ["1", "2", "3"]
    assert ("a/b", "1") in trial.taken
    assert queue.waiting() == {}
    assert trial.opened == 1


def test_what_comes_meanwhile_is_delivered_over_the_same_connections(queue: ReturnQueue):
    put(queue, "redis", "1")
    trial = Trial()
    later = threading.Timer(0.2, lambda: put(queue, "redis", "2"))
    later.start()

    deliver(queue, trial, 0.5)
    later.join()

    assert trial.taken == [("redis", "1"), ("redis", "2")]
    assert trial.opened == 1


def test_one_that_is_away_keeps_no_other_waiting_and_gets_all_when_it_is_back(queue: ReturnQueue):
    put(queue, "mysql", "1", "2")
    put(queue, "redis", "1")
    tries = iter(range(1000))
    trial = Trial(lambda name, _: OSError("away") if name == "mysql" and next(tries) < 4 else None)

    deliver(queue, trial)

    assert trial.taken == [("redis", "1"), ("mysql", "1"), ("mysql", "2")]
    # After an error connections and pillar are made anew.
    assert trial.opened > 1


def test_what_is_refused_is_put_aside_with_the_reason(queue: ReturnQueue):
    put(queue, "mysql", "1", "2")
    trial = Trial(lambda _, key: ReturnNotTaken("too large") if key == "1" else None)

    deliver(queue, trial)

    assert trial.taken == [("mysql", "2")]
    folder = queue.directory / "refused" / "mysql"
    assert sorted(os.listdir(folder)) == ["1", "1.reason"]
    assert (folder / "1.reason").read_text() == "too large"


def test_one_that_always_fails_is_put_aside_when_others_are_taken(queue: ReturnQueue):
    put(queue, "mysql", "1", "2", "3")
    trial = Trial(lambda _, key: OSError("it does not work") if key == "1" else None)

    deliver(queue, trial)

    assert trial.taken == [("mysql", "2"), ("mysql", "3")]
    assert (queue.directory / "refused" / "mysql" / "1").exists()


def test_nothing_is_put_aside_while_nothing_is_taken(queue: ReturnQueue):
    put(queue, "mysql", "1", "2")
    ends = time.monotonic() + 1
    trial = Trial(lambda *_: OSError("away") if time.monotonic() < ends else None)

    deliver(queue, trial)

    assert trial.taken == [("mysql", "1"), ("mysql", "2")]


def test_one_process_delivers_at_a_time(queue: ReturnQueue):
    put(queue, "redis", "1")
    with (queue.directory / "lock").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        trial = Trial()
        deliver(queue, trial)
    assert trial.taken == []
    assert queue.waiting() == {"redis": ["1"]}


def test_what_a_killed_process_left_half_written_is_not_delivered(queue: ReturnQueue):
    put(queue, "redis", "1")
    writing = new_file(queue.directory / "waiting" / "redis" / "2")
    file = writing.__enter__()
    file.write(b"half")
    assert queue.waiting() == {"redis": ["1"]}
    writing.__exit__(OSError, OSError(), None)


def test_the_oldest_go_beyond_the_bounds(queue: ReturnQueue):
    put(queue, "redis", "1", "2", "3")
    put(queue, "mysql", "4")
    folder = queue.directory / "waiting" / "redis"
    for age, key in ((300, "1"), (200, "2"), (100, "3")):
        os.utime(folder / key, (time.time() - age, time.time() - age))

    assert queue.trim(250, 0, time.time()) == ["redis 1"]
    size = (folder / "3").stat().st_size
    assert queue.trim(0, 2 * size, time.time()) == ["redis 2"]
    assert queue.waiting() == {"redis": ["3"], "mysql": ["4"]}


def test_what_is_delivered_while_the_queue_is_looked_through_does_no_harm(queue: ReturnQueue):
    put(queue, "redis", "1", "2")
    gone = queue.directory / "waiting" / "redis" / "2"
    gone.unlink()
    gone.symlink_to("nowhere")  # listed, and not there when it is looked at

    assert queue.trim(0, 1, time.time()) == ["redis 1"]
