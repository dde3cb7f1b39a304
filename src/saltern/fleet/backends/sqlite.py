"""Minion data in one SQLite file.

One thread writes, each time all that has come together meanwhile in one transaction: a fleet that connects at once
costs a few syncs of the disk and not one each.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import closing, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

from saltern.errors import StoreCorrupt, StoreError, StoreFull
from saltern.fleet.contract import MinionRecord

if TYPE_CHECKING:
    import sqlite3

_MOST_AT_ONCE = 2_000

# Grains lie apart: they are large, and are not written again when only the rest has changed.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS minion
    (id TEXT PRIMARY KEY, version TEXT NOT NULL, seen REAL NOT NULL, started REAL NOT NULL);
CREATE TABLE IF NOT EXISTS grains
    (id TEXT PRIMARY KEY, digest TEXT NOT NULL, data BLOB NOT NULL);
"""
_SAVE = """
INSERT INTO minion VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (id) DO UPDATE SET version = ?2, seen = ?3, started = ?4
"""
_SAVE_GRAINS = """
INSERT INTO grains VALUES (?1, ?2, ?3)
ON CONFLICT (id) DO UPDATE SET digest = ?2, data = ?3 WHERE digest <> ?2 OR data <> ?3
"""
_LOAD = "SELECT id, digest, data, version, seen, started FROM minion JOIN grains USING (id)"


class _Write(NamedTuple):
    """`record` replaces what there is; None: forget the minion."""

    minion: str
    record: MinionRecord | None
    done: asyncio.Future[None]


class SqliteFleetStore:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._queue: SimpleQueue[_Write | None] = SimpleQueue()
        self._writer: threading.Thread | None = None

    def load(self) -> list[MinionRecord]:
        import sqlite3

        try:
            with closing(_open(self._path)) as connection:
                rows = connection.execute(_LOAD).fetchall()
        except (sqlite3.Error, OSError) as error:
            raise _store_error(self._path, error) from error
        return [
            MinionRecord(id=minion, digest=digest, grains=grains, version=version, seen=seen, started=started)
            for minion, digest, grains, version, seen, started in rows
        ]

    async def save(self, record: MinionRecord) -> None:
        await self._write(record.id, record)

    async def forget(self, minion: str) -> None:
        await self._write(minion, None)

    async def close(self) -> None:
        if self._writer is not None:
            self._queue.put(None)
            await asyncio.to_thread(self._writer.join)
            self._writer = None

    async def _write(self, minion: str, record: MinionRecord | None) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._writer is None:
            self._writer = threading.Thread(target=self._run, name="fleet-store", daemon=True)
            self._writer.start()
        self._queue.put(_Write(minion, record, done))
        await done

    # --- the writer's thread --------------------------------------------------------------------------------------

    def _run(self) -> None:
        connection = None
        more = True
        while more:
            writes, more = self._collect()
            connection, error = self._commit(connection, writes)
            for write in writes:
                # A loop that was closed meanwhile has nobody left who waits.
                with suppress(RuntimeError):
                    write.done.get_loop().call_soon_threadsafe(_settle, write.done, error)
        if connection is not None:
            connection.close()

    def _collect(self) -> tuple[list[_Write], bool]:
        """All that waits to be written, after waiting for the first; False when nothing will come any more."""
        writes: list[_Write] = []
        while (write := self._queue.get()) is not None:
            writes.append(write)
            if len(writes) == _MOST_AT_ONCE or self._queue.empty():
                return writes, True
        return writes, False

    def _commit(
        self, connection: sqlite3.Connection | None, writes: list[_Write]
    ) -> tuple[sqlite3.Connection | None, StoreError | None]:
        """The connection to go on with, and what went wrong with all of these writes."""
        import sqlite3

        try:
            connection = connection or _open(self._path)
            connection.execute("BEGIN IMMEDIATE")
            for write in writes:
                _apply(connection, write)
            connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            if connection is not None:
                connection.close()
            return None, _store_error(self._path, error)
        return connection, None


def _open(path: Path) -> sqlite3.Connection:
    import sqlite3

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)  # grains tell more about a machine than everybody has to know
    connection = sqlite3.connect(path, isolation_level=None, timeout=10.0)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(_SCHEMA)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _apply(connection: sqlite3.Connection, write: _Write) -> None:
    if write.record is None:
        connection.execute("DELETE FROM minion WHERE id = ?", (write.minion,))
        connection.execute("DELETE FROM grains WHERE id = ?", (write.minion,))
        return
    record = write.record
    connection.execute(_SAVE, (record.id, record.version, record.seen, record.started))
    connection.execute(_SAVE_GRAINS, (record.id, record.digest, record.grains))


def _settle(done: asyncio.Future[None], error: StoreError | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)


def _store_error(path: Path, error: Exception) -> StoreError:
    import sqlite3

    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreCorrupt(
            f"{path} is damaged: {error}",
            hint="It holds copies of what minions send anyway: move it away, and start the master again.",
        )
    kind = StoreFull if code == sqlite3.SQLITE_FULL else StoreError
    return kind(f"{path} cannot be used: {error}")
