"""What `saltern.access.contract.AuditLog` means; every back end passes it."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from saltern.access.backends.audit_sqlite import SqliteAuditLog
from saltern.access.backends.memory import MemoryAuditLog
from saltern.access.contract import AuditLog
from saltern.access.records import AuditQuery, AuditRow
from saltern.errors import StoreCorrupt, StoreError

BACK_ENDS = {"memory": lambda path: MemoryAuditLog(), "sqlite": SqliteAuditLog}


@pytest_asyncio.fixture(params=BACK_ENDS)
async def log(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AuditLog]:
    log = BACK_ENDS[request.param](tmp_path / "audit.db")
    yield log
    await log.close()


def row(at: float, user: str = "ann", **more: object) -> AuditRow:
    return AuditRow(**{"at": at, "user": user, "action": "publish", "decision": "allowed", **more})


async def test_rows_come_back_whole_and_newest_first(log: AuditLog) -> None:
    full = row(
        2.5, "bøb", decision="refused", eauth="pam", uid=1000, origin="10.0.0.7", fun="test.ping,cmd.run",
        tgt="web* (glob)", minions=3, jid="20260101000000000000", reason="no rule",
    )  # fmt: skip
    await log.record(row(1.0))
    await log.record(full)
    assert list(await log.rows(AuditQuery())) == [full, row(1.0)]


async def test_rows_of_one_moment_keep_their_order(log: AuditLog) -> None:
    for number in range(5):
        await log.record(row(1.0, f"user{number}"))
    assert [found.user for found in await log.rows(AuditQuery(limit=3))] == ["user4", "user3", "user2"]
    assert len(await log.rows(AuditQuery(limit=0))) == 5


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (AuditQuery(user="ann"), [3.0, 1.0]),
        (AuditQuery(user="a*"), [3.0, 1.0]),
        (AuditQuery(user="[!a]*"), [2.0]),
        (AuditQuery(fun="cmd.*"), [2.0]),
        (AuditQuery(action="wheel"), [3.0]),
        (AuditQuery(decision="refused"), [2.0]),
        (AuditQuery(since=2.0), [3.0, 2.0]),
        (AuditQuery(until=2.0), [1.0]),
        (AuditQuery(user="ann", since=2.0), [3.0]),
        (AuditQuery(user="' OR 1=1 --"), []),
    ],
    ids=str,
)
async def test_a_query_narrows_down(log: AuditLog, query: AuditQuery, expected: list[float]) -> None:
    await log.record(row(1.0, fun="test.ping"))
    await log.record(row(2.0, "bob", fun="cmd.run", decision="refused"))
    await log.record(row(3.0, fun="key.accept", action="wheel"))
    assert [found.at for found in await log.rows(query)] == expected


async def test_what_is_old_expires(log: AuditLog) -> None:
    for at in (1.0, 2.0, 3.0):
        await log.record(row(at))
    assert await log.expire(2.0) == 1
    assert [found.at for found in await log.rows(AuditQuery())] == [3.0, 2.0]


async def test_many_at_once_are_all_written(log: AuditLog) -> None:
    await asyncio.gather(*(log.record(row(float(number))) for number in range(200)))
    assert len(await log.rows(AuditQuery(limit=0))) == 200


async def test_a_row_is_written_also_when_its_sender_is_gone(tmp_path: Path) -> None:
    log = SqliteAuditLog(tmp_path / "audit.db")
    one = asyncio.ensure_future(log.record(row(1.0)))
    other = asyncio.ensure_future(log.record(row(2.0)))
    await asyncio.sleep(0)
    one.cancel()
    await other
    assert {found.at for found in await log.rows(AuditQuery())} >= {2.0}
    await log.close()


async def test_rows_outlive_the_process_in_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    first = SqliteAuditLog(path)
    await first.record(row(1.0))
    second = SqliteAuditLog(path)  # the first was not closed, as after a kill
    assert len(await second.rows(AuditQuery())) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    await first.close()
    await second.close()


async def test_a_store_that_cannot_be_used_says_so_to_each(tmp_path: Path) -> None:
    (tmp_path / "audit.db").write_bytes(b"no database" * 100)
    log = SqliteAuditLog(tmp_path / "audit.db")
    found = await asyncio.gather(*(log.record(row(1.0)) for _ in range(3)), return_exceptions=True)
    assert [type(error) for error in found] == [StoreCorrupt] * 3
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"audit\.db cannot be used"):
        await SqliteAuditLog(tmp_path / "file" / "audit.db").record(row(1.0))
