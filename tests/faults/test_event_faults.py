"""Readers of events follow by cursor through kills of the master: no gap, no repeat."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator

import pytest
import record
from fault_lab import running_lab
from lab import Lab

from saltern.errors import SalternError

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("store")]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with running_lab("a", "b", master={"reconnect_window": 0.2}) as lab:
        yield lab


class Reader(threading.Thread):
    """Reads events from a cursor on, and goes on from there after the master has gone away."""

    def __init__(self, lab: Lab, match: str, *, lazy: bool = False) -> None:
        super().__init__(daemon=True)
        self._lab = lab
        self._match = match
        self._lazy = lazy
        self.stop = threading.Event()
        self.seen: list[tuple[int, str]] = []
        self.failure: SalternError | None = None

    @property
    def cursor(self) -> int:
        return self.seen[-1][0] if self.seen else 0

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                self._read()
            except SalternError as error:
                if error.exit_code != 69:
                    self.failure = error
                    return
                time.sleep(0.05)

    def _read(self) -> None:
        request = {"verb": "events", "match": self._match, "after": self.cursor}
        with self._lab.socket.stream(request, timeout=1.0) as rows:
            for row in rows:
                self.seen.append((row["seq"], row["tag"]))
                if self._lazy:
                    time.sleep(0.002)


def test_readers_miss_nothing_and_see_nothing_twice_while_the_master_is_killed(lab: Lab) -> None:
    readers = [Reader(lab, "*"), Reader(lab, "*", lazy=True), Reader(lab, "salt/job/*")]
    for reader in readers:
        reader.start()
    sent = [fire_for_a_while(lab, round_) for round_ in range(4)]
    last = lab.ask("send_event", tag="salt/job/end")["seq"]
    for reader in readers:
        record.soon(lambda reader=reader: reader.cursor >= last or reader.failure is not None, "a reader hangs", 30)
        reader.stop.set()
    everything = all_events(lab, last)
    assert {tag for tags in sent for tag in tags} <= {tag for _, tag in everything}
    for reader in readers:
        assert reader.failure is None
        wanted = [(seq, tag) for seq, tag in everything if reader._match == "*" or tag.startswith("salt/job/")]
        assert [each for each in reader.seen if each[0] <= last] == wanted


def fire_for_a_while(lab: Lab, round_: int) -> list[str]:
    """Events of jobs and of an operator, then a kill of the master; the tags that were answered for."""
    sent = []
    for number in range(40):
        tag = f"test/{round_}/{number}"
        lab.ask("send_event", tag=tag, data={"x": "y" * 2000})
        sent.append(tag)
        if number % 4 == 0:
            record.publish(lab, "*", "test.ping")
    if round_ < 3:
        lab.stop_master(signal.SIGKILL)
        lab.start_master()
        lab.wait_for_minions("ab")
    return sent


def all_events(lab: Lab, last: int) -> list[tuple[int, str]]:
    found = []
    with lab.socket.stream({"verb": "events", "after": 0}) as rows:
        for row in rows:
            found.append((row["seq"], row["tag"]))
            if row["seq"] >= last:
                return found
    raise AssertionError("the events ended")
