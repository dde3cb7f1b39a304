"""Reports over a small history whose answers are known."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from saltern.errors import JobNotFound
from saltern.jobs.backends.memory import MemoryJobStore
from saltern.jobs.causes import cause_of
from saltern.jobs.reports import Reports
from saltern.model.job import Body, Change, Job, JobQuery, Outcome, State

NOW = 1_790_000_000.0
FIRST, SECOND, PING = "20260921143320000001", "20260921143320000002", "20260921143320000003"
FILE = "file_|-motd_|-/etc/motd_|-managed"
PACKAGE = "pkg_|-nginx_|-nginx_|-installed"


def state(result: bool | None, comment: str = "", changes: Any = None, duration: float = 10.0) -> dict[str, Any]:
    return {"result": result, "comment": comment, "changes": changes or {}, "duration": duration}


@pytest.fixture
async def reports() -> Reports:
    store = MemoryJobStore()
    await _run(store, FIRST, "state.highstate", {
        "web1": {FILE: state(True, changes={"diff": "x"}), PACKAGE: state(True, duration=4000.0)},
        "web2": {FILE: state(True), PACKAGE: state(False, "Package nginx 1.2 not found on web2")},
        "web3": {FILE: state(True), PACKAGE: state(False, "Package nginx 1.3 not found on web3")},
        "web4": "Traceback (most recent call last):\n  File x\nOSError: disk full",
    })  # fmt: skip
    await _run(store, SECOND, "state.apply", {"web2": {FILE: state(True), PACKAGE: state(True)}}, user="alice")
    await _run(store, PING, "test.ping", {"web1": True, "web9": None})
    return Reports(store)


async def _run(store: MemoryJobStore, jid: str, fun: str, values: dict[str, Any], user: str = "root") -> None:
    await store.create(Job(jid=jid, fun=fun, user=user, created=NOW + int(jid[-1])), list(values))
    for minion, value in values.items():
        if value is None:
            await store.record(
                [Change(jid=jid, minion=minion, state=State.EXPIRED, at=NOW + 9, reason="not connected")]
            )
            continue
        good = value is True or (isinstance(value, dict) and all(one["result"] for one in value.values()))
        data = msgspec.msgpack.encode(value)
        change = Change(
            jid=jid, minion=minion, state=State.RETURNED if good else State.FAILED, at=NOW + 9, started=NOW + 4,
            retcode=0 if good else 2, success=good, body=Body(data=data, size=len(data)),
        )  # fmt: skip
        await store.record([change])


async def test_the_last_run_of_each_minion(reports: Reports) -> None:
    rows = await reports.last(JobQuery())

    assert [(row["minion"], row["function"], row["state"], row["jid"]) for row in rows] == [
        ("web1", "test.ping", "returned", PING),
        ("web2", "state.apply", "returned", SECOND),
        ("web3", "state.highstate", "failed", FIRST),
        ("web4", "state.highstate", "failed", FIRST),
        ("web9", "test.ping", "expired", PING),
    ]
    only = await reports.last(JobQuery(functions=("state.*",), minion="web2"))
    assert [(row["minion"], row["jid"]) for row in only] == [("web2", SECOND)]


async def test_what_failed_has_its_cause(reports: Reports) -> None:
    rows = await reports.failed(JobQuery())

    assert {(row["minion"], row["cause"]) for row in rows} == {
        ("web9", "not connected"),
        ("web2", "pkg.installed nginx: Package nginx # not found on <minion>"),
        ("web3", "pkg.installed nginx: Package nginx # not found on <minion>"),
        ("web4", "OSError: disk full"),
    }


async def test_failures_of_a_job_are_grouped_by_cause(reports: Reports) -> None:
    (most, other) = await reports.causes(JobQuery(), FIRST)

    assert (most["count"], most["minions"]) == (2, ["web2", "web3"])
    assert (other["count"], other["cause"]) == (1, "OSError: disk full")
    assert sum(group["count"] for group in await reports.causes(JobQuery())) == 4


async def test_the_matrix_shows_the_last_state_run_of_each_minion(reports: Reports) -> None:
    found = await reports.matrix(JobQuery())

    assert sorted(found["states"]) == ["file.managed motd", "pkg.installed nginx"]
    assert found["minions"] == {
        "web1": {"file.managed motd": "changed", "pkg.installed nginx": "ok"},
        "web2": {"file.managed motd": "ok", "pkg.installed nginx": "ok"},
        "web3": {"file.managed motd": "ok", "pkg.installed nginx": "failed"},
        "web4": {},
    }
    assert found["jids"]["web2"] == SECOND


async def test_two_runs_differ_where_minions_did_not_end_alike(reports: Reports) -> None:
    rows = {row["minion"]: row for row in await reports.diff(FIRST, SECOND)}

    assert set(rows) == {"web1", "web2", "web3", "web4"}
    assert rows["web2"] == {
        "minion": "web2", "before": "failed", "after": "returned",
        "changes": ["pkg.installed nginx: failed became ok"],
    }  # fmt: skip
    assert (rows["web3"]["before"], rows["web3"]["after"]) == ("failed", "")
    assert await reports.diff(FIRST, FIRST) == []
    with pytest.raises(JobNotFound):
        await reports.diff(FIRST, "20990101000000000000")


async def test_the_slowest_states_and_minions(reports: Reports) -> None:
    found = await reports.slow(JobQuery(), count=1)

    assert found["states"] == [
        {"state": "pkg.installed nginx", "runs": 4, "median": 0.01, "slowest": 4.0, "total": 4.03}
    ]
    assert [(row["minion"], row["slowest"]) for row in found["minions"]] == [("web1", 5.0)]


async def test_who_did_what(reports: Reports) -> None:
    rows = await reports.audit(JobQuery(users=("alice",)))

    assert [(row["user"], row["function"], row["minions"], row["not_returned"]) for row in rows] == [
        ("alice", "state.apply", 1, 0)
    ]
    assert [row["not_returned"] for row in await reports.audit(JobQuery())] == [1, 0, 3]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("pid 4711 at 0xdeadbeef died", "pid 12 at 0xcafe died", True),
        ({"retcode": 1, "stderr": "no such host m1"}, {"retcode": 1, "stderr": "no such host m1"}, True),
        ("permission denied", "no such file", False),
        (None, None, True),
    ],
)
def test_what_varies_is_no_part_of_a_cause(one: Any, other: Any, alike: bool) -> None:
    outcome = Outcome(jid=FIRST, minion="m1", state=State.FAILED, retcode=1)

    assert (cause_of(outcome, one) == cause_of(outcome, other)) is alike
