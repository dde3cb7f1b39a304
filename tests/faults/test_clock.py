"""The clock jumps back: seen from after the jump, the store holds jobs of the future."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import record
from fault_lab import running_lab
from lab import Lab

from saltern.errors import JobExists
from saltern.model.jid import jid_of

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("peers")]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with running_lab("m") as lab:
        yield lab


def ahead(**time: float) -> str:
    return jid_of(datetime.now(UTC) + timedelta(**time))


@pytest.mark.behaviour("JOB-01", "JOB-06")
@pytest.mark.parametrize("days", [1, 400])
def test_job_ids_still_grow_and_are_unique_after_the_clock_has_jumped_back(lab: Lab, days: int) -> None:
    future = ahead(days=days)
    assert record.publish(lab, "m", "test.ping", jid=future) == future
    lab.stop_master(signal.SIGKILL)
    lab.start_master()
    lab.wait_for_minions(["m"])
    jids = [record.publish(lab, "m", "test.ping") for _ in range(50)]
    assert [future, *jids] == sorted({future, *jids})
    record.wait_until_over(lab)
    assert {row["state"] for row in record.outcomes(lab)} == {"returned"}
    newest = lab.ask("jobs", query={"limit": 50})["jobs"]
    assert [row["job"]["jid"] for row in newest] == jids[::-1]


def test_a_job_of_the_last_day_of_all_does_not_end_the_giving_of_job_ids(lab: Lab) -> None:
    record.publish(lab, "m", "test.ping", jid="99991231235959999999")
    lab.stop_master()
    lab.start_master()
    lab.wait_for_minions(["m"])
    first, second = (record.publish(lab, "m", "test.ping") for _ in range(2))
    assert first < second < "9" * 20
    record.wait_for_state(lab, second, "m", "returned")


def test_a_job_id_is_given_once(lab: Lab) -> None:
    jid = ahead(days=2000)
    record.publish(lab, "m", "test.ping", jid=jid)
    with pytest.raises(JobExists):
        record.publish(lab, "m", "test.ping", jid=jid)
