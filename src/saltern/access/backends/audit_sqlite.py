"""The audit log in one SQLite file. Rows that come together are written together."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

import msgspec

from saltern.access.records import AuditQuery, AuditRow
from saltern.errors import StoreCorrupt, StoreError, StoreFull

T = TypeVar("T")
_COLUMNS = AuditRow.__struct_fields__
_SCHEMA = """
CREATE TABLE IF NOT EXISTS audit (
    at REAL NOT NULL, user TEXT NOT NULL, action TEXT NOT NULL, decision TEXT NOT NULL, eauth TEXT NOT NULL,
    uid INTEGER NOT NULL, origin TEXT NOT NULL, fun TEXT NOT NULL, tgt TEXT NOT NULL, minions INTEGER NOT NULL,
    jid TEXT NOT NULL, reason TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS audit_at ON audit (at);
"""
_INSERT = f"INSERT INTO audit ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM audit"  # noqa: S608  (constants)
_GLOBS = ("user", "fun", "action", "decision")


class SqliteAuditLog:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._one_at_a_time = threading.Lock()
        self._turn = asyncio.Lock()
        self._waiting: list[tuple[AuditRow, asyncio.Future[None]]] = []

    async def record(self, row: AuditRow) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, done))
        async with self._turn:
            if not done.done():
                # Carried through for the others, also when the one who began it is gone.
                await asyncio.shield(asyncio.ensure_future(self._write_waiting()))
        await done

    async def rows(self, query: AuditQuery) -> Sequence[AuditRow]:
        sql, values = _question(query)
        found = await asyncio.to_thread(self._with_connection, lambda it: it.execute(sql, values).fetchall())
        return [msgspec.convert(dict(zip(_COLUMNS, values, strict=True)), AuditRow) for values in found]

    async def expire(self, before: float) -> int:
        return await asyncio.to_thread(
            self._with_connection, lambda it: it.execute("DELETE FROM audit WHERE at < ?", (before,)).rowcount
        )

    async def close(self) -> None:
        if self._connection is not None:
            await asyncio.to_thread(self._hang_up)

    async def _write_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        rows = [msgspec.structs.astuple(row) for row, _ in waiting]
        error: StoreError | None = None
        try:
            await asyncio.to_thread(self._with_connection, lambda it: it.executemany(_INSERT, rows))
        except StoreError as raised:
            error = raised
        for _, done in waiting:
            if not done.done():
                done.set_result(None) if error is None else done.set_exception(error)

    # --- in a thread --------------------------------------------------------------------------------------------

    def _with_connection(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do something in one transaction; `StoreError` when it cannot be done, and nothing of it is."""
        with self._one_at_a_time:
            try:
                connection = self._connection = self._connection or _open(self._path)
                with connection:
                    return work(connection)
            except (sqlite3.Error, OSError) as error:
                with suppress(sqlite3.Error):
                    self._close()
                raise _store_error(self._path, error) from error

    def _hang_up(self) -> None:
        with self._one_at_a_time:
            self._close()

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, timeout=10.0, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(_SCHEMA)
        connection.create_function("fits", 2, fnmatchcase, deterministic=True)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _question(query: AuditQuery) -> tuple[str, list[str | float]]:
    tests: list[tuple[str, str | float]] = [
        (f"fits({name}, ?)", glob) for name in _GLOBS if (glob := getattr(query, name))
    ]
    tests += [(test, at) for test, at in (("at >= ?", query.since), ("at < ?", query.until)) if at]
    where = f" WHERE {' AND '.join(test for test, _ in tests)}" if tests else ""
    # Rows of one moment in the order in which they were written.
    limit = query.limit or -1
    return f"{_SELECT}{where} ORDER BY at DESC, rowid DESC LIMIT ?", [*(value for _, value in tests), limit]


def _store_error(path: Path, error: Exception) -> StoreError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreCorrupt(f"{path} is damaged: {error}", hint="Move it away; the master makes a new one.")
    kind = StoreFull if code == sqlite3.SQLITE_FULL else StoreError
    return kind(f"the audit log {path} cannot be used: {error}")
