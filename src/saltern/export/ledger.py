"""What an export has to remember across restarts: how far it came, and what its target refused.

One SQLite file for each target. Every change is durable when the call returns.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from saltern.errors import StoreError
from saltern.export.contract import Item

_SCHEMA = """
CREATE TABLE IF NOT EXISTS position (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS ahead (key TEXT PRIMARY KEY, seq INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS letter (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    at     REAL NOT NULL,      -- when it was given up, seconds since 1970
    key    TEXT NOT NULL,
    grp    TEXT NOT NULL,
    seq    INTEGER NOT NULL,
    reason TEXT NOT NULL,
    body   BLOB                -- NULL: what it was is not kept (the queue was full)
);
"""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What a target did not take. `size` is the bytes of what is kept of it; 0: nothing is, it cannot be sent again."""

    id: int
    at: float
    key: str
    reason: str
    size: int


class ExportLedger:
    """The file of one target. `start`: the cursor of a file that is new. May be used by any thread."""

    def __init__(self, path: Path, start: int = 0) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = path
        self._lock = threading.Lock()
        try:
            path.touch(mode=0o600)
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.executescript(_SCHEMA)
            self._connection.execute("INSERT OR IGNORE INTO position VALUES (1, ?)", (start,))
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"The export's file {path} cannot be used: {error}") from error

    def position(self) -> int:
        """Everything up to this cursor is done."""
        with self._guarded() as connection:
            return int(connection.execute("SELECT seq FROM position").fetchone()[0])

    def ahead(self) -> set[str]:
        """The keys behind the position that are done as well."""
        with self._guarded() as connection:
            return {key for (key,) in connection.execute("SELECT key FROM ahead")}

    def advance(self, seq: int) -> None:
        """Everything up to this cursor is done."""
        with self._guarded() as connection:
            connection.execute("UPDATE position SET seq = ?", (seq,))
            connection.execute("DELETE FROM ahead WHERE seq <= ?", (seq,))

    def note_ahead(self, item: Item) -> None:
        """This one is done, and one before it is not."""
        with self._guarded() as connection:
            connection.execute("INSERT OR REPLACE INTO ahead VALUES (?, ?)", (item.key, item.seq))

    def give_up(self, item: Item, reason: str, body: bytes | None) -> None:
        """This one is done too, as a dead letter."""
        with self._guarded() as connection:
            connection.execute("INSERT OR REPLACE INTO ahead VALUES (?, ?)", (item.key, item.seq))
            self._write_letter(item, reason, body)

    def give_up_until(self, seq: int, count: int, reason: str) -> None:
        """So many items up to the cursor are not sent: the queue was full."""
        with self._guarded() as connection:
            connection.execute("UPDATE position SET seq = ?", (seq,))
            connection.execute("DELETE FROM ahead WHERE seq <= ?", (seq,))
            dropped = Item(seq=seq, key=f"{count} items up to {seq}", group="", body=b"")
            self._write_letter(dropped, reason, None)

    def letters(self, limit: int) -> list[Letter]:
        """Dead letters, the oldest first."""
        with self._guarded() as connection:
            rows = connection.execute(
                "SELECT id, at, key, reason, coalesce(length(body), 0) FROM letter ORDER BY id LIMIT ?", (limit,)
            )
            return [Letter(id=id_, at=at, key=key, reason=why, size=size) for id_, at, key, why, size in rows]

    def count_letters(self) -> int:
        with self._guarded() as connection:
            return int(connection.execute("SELECT count(*) FROM letter").fetchone()[0])

    def letter(self, number: int) -> Item | None:
        """What a dead letter holds; None when there is none of that number, or nothing was kept."""
        with self._guarded() as connection:
            row = connection.execute("SELECT seq, key, grp, body FROM letter WHERE id = ?", (number,)).fetchone()
        return None if row is None or row[3] is None else Item(seq=row[0], key=row[1], group=row[2], body=row[3])

    def explain(self, number: int, reason: str) -> None:
        """A letter was sent again and refused again."""
        with self._guarded() as connection:
            connection.execute("UPDATE letter SET reason = ?, at = ? WHERE id = ?", (reason, time.time(), number))

    def drop(self, numbers: Sequence[int]) -> int:
        """Forget dead letters; how many there were."""
        with self._guarded() as connection:
            return sum(connection.execute("DELETE FROM letter WHERE id = ?", (number,)).rowcount for number in numbers)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _write_letter(self, item: Item, reason: str, body: bytes | None) -> None:
        self._connection.execute(
            "INSERT INTO letter (at, key, grp, seq, reason, body) VALUES (?, ?, ?, ?, ?, ?)",
            (time.time(), item.key, item.group, item.seq, reason, body),
        )

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[sqlite3.Connection]:
        """One caller at a time, in a transaction of its own."""
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                raise StoreError(f"The export's file {self._path} cannot be used: {error}") from error
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
