"""The tables of jobs: made, migrated forward, and tried out when a store is opened.

Each version is a step of statements from the one before; what a step once did is never changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from saltern.errors import StoreError
from saltern.jobs.rows import STATES
from saltern.jobs.server.address import ServerAddress
from saltern.jobs.server.faults import ConnectionBroken, about
from saltern.jobs.server.session import Session

_LOCK = "saltern schema"

COUNTS = ", ".join(str(state) for state in STATES)
"""The columns of `saltern_job` that count its outcomes in each state."""

GROWING = (*map(str, STATES), "bytes")
"""The columns of `saltern_job` to which is added."""


class _NewerTables(StoreError):
    """A newer version of this program made the tables what they are."""


class Step(NamedTuple):
    """What makes one version of the tables out of the one before."""

    statements: Sequence[str]


async def prepare(session: Session, address: ServerAddress, steps: Sequence[Step], has_meta: str) -> None:
    """Bring the tables to the newest version; `has_meta` is the SELECT that tells whether there are any.

    `StoreError` in one line when they are newer than this program, or the user may not make or write them.
    """
    try:
        await session.lock(_LOCK)
        try:
            version = await _version(session, has_meta)
            if version > len(steps):
                raise _NewerTables(
                    about(address, f"its tables are of version {version}, this Saltern knows up to {len(steps)}"),
                    hint="a newer Saltern has migrated them; use one that is as new",
                )
            for number, step in enumerate(steps[version:], version + 1):
                await _take(session, step, number)
        finally:
            await session.unlock(_LOCK)
        await _try_writing(session)
    except (ConnectionBroken, _NewerTables):
        raise
    except StoreError as error:
        raise StoreError(
            f"{error} (making or writing the tables saltern_*)",
            hint="the user needs the rights to create, read and write tables in this database",
        ) from error


async def _version(session: Session, has_meta: str) -> int:
    if not await session.fetch(has_meta):
        return 0
    rows = await session.fetch("SELECT version FROM saltern_meta")
    return int(rows[0][0]) if rows else 0


async def _take(session: Session, step: Step, number: int) -> None:
    await session.begin()
    for statement in step.statements:
        await session.execute(statement)
    await session.execute("UPDATE saltern_meta SET version = %s", (number,))
    await session.commit()


async def _try_writing(session: Session) -> None:
    """A user who may only read is told so at the start, not at the first job."""
    await session.begin()
    try:
        for table, column in (("saltern_meta", "seq"), ("saltern_job", "bytes"), ("saltern_outcome", "seq")):
            condition = "" if table == "saltern_meta" else " WHERE 1 = 0"
            await session.execute(f"UPDATE {table} SET {column} = {column}{condition}")  # noqa: S608  (constants)
        for table in ("saltern_body", "saltern_minion", "saltern_upload", "saltern_writer"):
            await session.execute(f"DELETE FROM {table} WHERE 1 = 0")  # noqa: S608  (constants)
    finally:
        await session.rollback()
