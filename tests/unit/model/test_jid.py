"""Job ids: their form, and that they grow whatever the clock does."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest

from saltern.model.jid import JidClock, is_jid, jid_to_time, moment_of

JID = "20260105010203000004"


@pytest.mark.behaviour("JOB-01")
@pytest.mark.parametrize("text", [JID, f"{JID}_4711", f"{JID}_ab-C9", "9" * 20, f"{JID}_{'a' * 43}"])
def test_what_is_a_jid(text: str) -> None:
    assert is_jid(text)


@pytest.mark.behaviour("JOB-01")
@pytest.mark.parametrize(
    "text",
    ["", JID[:-1], JID + "1", JID + "_", JID + "-a", JID + "_a/b", JID + "_..", JID + "_\0", JID + "\n", "٢" * 20,
     f"{JID}_{'a' * 44}", "req", None, int(JID)],
)  # fmt: skip
def test_what_is_no_jid(text: object) -> None:
    assert not is_jid(text)


@pytest.mark.behaviour("JOB-01")
def test_jids_grow_while_the_clock_stands_still_and_jumps_back() -> None:
    times = itertools.chain([1000.0] * 5, [900.0] * 5, [1001.0])
    clock = JidClock(lambda: next(times))
    jids = [clock.next() for _ in range(11)]
    assert jids == sorted(set(jids))
    assert all(map(is_jid, jids))


@pytest.mark.behaviour("JOB-01")
def test_jids_go_on_above_the_highest_that_is_known() -> None:
    assert JidClock(lambda: 0.0, last=JID).next() == "20260105010203000005"
    assert JidClock(lambda: 0.0, last=f"{JID}_abc").next() == "20260105010203000005"


@pytest.mark.parametrize("last", ["99991231235959999999", "90000101000000000000", "20261399999999999999", "nonsense"])
def test_a_jid_without_a_successor_does_not_end_the_giving_of_jids(last: str) -> None:
    clock = JidClock(lambda: 1_767_574_923.0, last=last)
    assert clock.next().startswith("2026")
    assert clock.next().startswith("2026")


@pytest.mark.behaviour("JOB-02")
def test_the_time_of_a_jid() -> None:
    assert jid_to_time(JID) == "2026, Jan 05 01:02:03.000004"
    assert jid_to_time("20261399999999999999") == ""
    assert moment_of("nonsense") is None
    assert moment_of(f"{JID}_123") == datetime(2026, 1, 5, 1, 2, 3, 4, tzinfo=UTC)
    for nothing in ("00000105010203000004", "20260230010203000004", "20260105240203000004", "20260105010260000004"):
        assert moment_of(nothing) is None
