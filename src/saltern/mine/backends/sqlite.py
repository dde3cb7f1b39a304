"""Mines in one SQLite file: a row for each entry, written one transaction at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from saltern.errors import StoreCorrupt, StoreError, StoreFull
from saltern.mine.contract import MineEntry

if TYPE_CHECKING:
    import sqlite3

# Readers ask for one name of many minions: the name stands first in the key.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS entry
    (name TEXT NOT NULL, minion TEXT NOT NULL, value BLOB NOT NULL, allow_tgt TEXT NOT NULL,
     allow_tgt_type TEXT NOT NULL, PRIMARY KEY (name, minion)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entry_of_minion ON entry (minion);
"""
_SAVE = "INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?)"
_READ = "SELECT minion, value, allow_tgt, allow_tgt_type FROM entry WHERE name = ?"
_READ_SOME = """
SELECT minion, value, allow_tgt, allow_tgt_type FROM entry
WHERE name = ? AND minion IN (SELECT value FROM json_each(?))
"""
_READ_ALL = "SELECT name, value, allow_tgt, allow_tgt_type FROM entry WHERE minion = ? ORDER BY name"
_FEW = 500
"""Minions up to which they are looked up one by one; of more, all of a name are read."""


class SqliteMineStore:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def update(self, minion: str, entries: Mapping[str, MineEntry], *, clear: bool = False) -> None:
        rows = [(name, minion, one.value, one.allow_tgt, one.allow_tgt_type) for name, one in entries.items()]
        with self._opened() as connection, connection:
            if clear:
                connection.execute("DELETE FROM entry WHERE minion = ?", (minion,))
            connection.executemany(_SAVE, rows)

    def read(self, minions: Iterable[str], name: str) -> dict[str, MineEntry]:
        import json

        wanted = list(minions)
        with self._opened() as connection:
            if len(wanted) > _FEW:
                rows = connection.execute(_READ, (name,)).fetchall()
            else:
                rows = connection.execute(_READ_SOME, (name, json.dumps(wanted))).fetchall()
        found = {minion: MineEntry(*entry) for minion, *entry in rows}
        return {minion: found[minion] for minion in wanted if minion in found}

    def all_of(self, minion: str) -> dict[str, MineEntry]:
        with self._opened() as connection:
            rows = connection.execute(_READ_ALL, (minion,)).fetchall()
        return {name: MineEntry(*entry) for name, *entry in rows}

    def delete(self, minion: str, name: str) -> None:
        with self._opened() as connection, connection:
            connection.execute("DELETE FROM entry WHERE name = ? AND minion = ?", (name, minion))

    def flush(self, minion: str) -> None:
        with self._opened() as connection, connection:
            connection.execute("DELETE FROM entry WHERE minion = ?", (minion,))

    async def close(self) -> None:
        with self._turn:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """The one connection, for one thread at a time."""
        import sqlite3

        with self._turn:
            try:
                if self._connection is None:
                    self._connection = _open(self._path)
                with closing(self._connection.cursor()):
                    yield self._connection
            except (sqlite3.Error, OSError) as error:
                raise _store_error(self._path, error) from error


def _open(path: Path) -> sqlite3.Connection:
    import sqlite3

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)  # who may read which entry is decided above
    connection = sqlite3.connect(path, timeout=10.0, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(_SCHEMA)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _store_error(path: Path, error: Exception) -> StoreError:
    import sqlite3

    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        hint = "It holds what minions send again within mine_interval: move it away, and start the master again."
        return StoreCorrupt(f"{path} is damaged: {error}", hint=hint)
    kind = StoreFull if code == sqlite3.SQLITE_FULL else StoreError
    return kind(f"{path} cannot be used: {error}")
