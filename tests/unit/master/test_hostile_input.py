"""The parts by which a master bounds what one minion can do to it."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from saltern.errors import FrameTooLarge, ProtocolError, StoreFull
from saltern.master.allowance import Allowance
from saltern.master.complaints import Complaints
from saltern.master.recent import RecentBodies
from saltern.master.transfers import Transfers
from saltern.transport.frames import Chunk


def test_the_same_body_again_and_again_takes_the_room_of_one() -> None:
    recent = RecentBodies(most_bytes=1000)
    recent.put("1", "good", b"kept")
    for _ in range(1000):
        recent.put("2", "evil", b"x" * 100)
    assert recent.get("1", "good") == b"kept"
    assert recent.get("2", "evil") == b"x" * 100


def test_the_oldest_bodies_make_room_for_new_ones() -> None:
    recent = RecentBodies(most_bytes=1000)
    for number in range(20):
        recent.put(str(number), "m", b"x" * 100)
    assert recent.get("9", "m") is None
    assert recent.get("10", "m") is not None
    recent.put("large", "m", b"x" * 500)
    assert recent.get("large", "m") is None


def test_an_allowance_is_each_ones_own_and_comes_back_with_time() -> None:
    now = [0.0]
    allowance = Allowance(3, 2.0, lambda: now[0])
    assert [allowance.take("evil") for _ in range(4)] == [True, True, True, False]
    assert allowance.take("good")
    now[0] = 0.4
    assert not allowance.take("evil")
    now[0] = 1.0
    assert [allowance.take("evil") for _ in range(3)] == [True, True, False]
    now[0] = 1000.0
    assert [allowance.take("evil") for _ in range(4)] == [True, True, True, False]


def test_many_complaints_of_a_kind_are_few_lines(caplog: pytest.LogCaptureFixture) -> None:
    complaints = Complaints(logging.getLogger("test"))
    with caplog.at_level(logging.WARNING):
        for _ in range(1000):
            complaints.about("evil", "its return is refused", "no such job")
        complaints.about("evil", "its event was dropped", "no tag")
    assert len(caplog.messages) == 11
    assert caplog.messages[-2:] == [
        "minion evil: its return is refused: no such job (511 such warnings before)",
        "minion evil: its event was dropped: no tag",
    ]


def test_a_large_body_comes_as_a_file(tmp_path: Path) -> None:
    transfers = Transfers(tmp_path, "m", 100)
    transfers.add(Chunk(1, 0, b"abc"))
    transfers.add(Chunk(1, 3, b"def"))
    body = transfers.finish(1, 6)
    assert body.path is not None
    assert (body.path.read_bytes(), body.size) == (b"abcdef", 6)


def test_a_body_beyond_the_bound_is_thrown_away_and_its_end_is_told_why(tmp_path: Path) -> None:
    transfers = Transfers(tmp_path, "m", 5)
    for number in range(3):
        transfers.add(Chunk(1, 3 * number, b"abc"))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FrameTooLarge):
        transfers.finish(1, 9)
    with pytest.raises(ProtocolError, match="no transfer"):
        transfers.finish(1, 9)


def test_a_body_without_space_is_thrown_away_and_its_end_is_told_why(tmp_path: Path) -> None:
    transfers = Transfers(tmp_path / "not-there", "m", 100)
    transfers.add(Chunk(1, 0, b"abc"))
    transfers.add(Chunk(1, 3, b"abc"))
    with pytest.raises(StoreFull, match="not-there"):
        transfers.finish(1, 6)


@pytest.mark.parametrize("chunks", [[(1, 1, b"x")], [(1, 0, b"x"), (1, 0, b"x")], [(n, 0, b"x") for n in range(5)]])
def test_pieces_that_do_not_fit_are_refused_and_nothing_stays_open(
    tmp_path: Path, chunks: list[tuple[int, int, bytes]]
) -> None:
    before = len(os.listdir("/proc/self/fd"))
    transfers = Transfers(tmp_path, "m", 100)
    with pytest.raises(ProtocolError):
        for chunk in chunks:
            transfers.add(Chunk(*chunk))
    transfers.close()
    assert list(tmp_path.iterdir()) == []
    assert len(os.listdir("/proc/self/fd")) == before
