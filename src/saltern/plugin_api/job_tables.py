"""Salt's tables of jobs (`jids`, `salt_returns`, `salt_events`) in an SQL database, over the Python database API.

The tables and their columns are those that Salt's returners use (behaviours RET-11 to RET-14 and RET-16), so that what
reads one reads the other.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from saltern.plugin_api.errors import CommandExecutionError, ReturnRefusedError, StoreUnwellError
from saltern.plugin_api.job_loads import instance_of, to_json

_LOCK_NAME = 64
_LOOK_BACK = 1000
"""Events among which one is looked for that may have been stored; no batch of a master is larger by default."""
_SLICE = 2.0
"""Seconds that one call of `expire` works at most, but for the step that it is in."""
_NO_YEAR = "3"
"""No jid that is a time begins with this or with what comes behind it."""
_JOBS_AT_ONCE = 200
_EVENTS_AT_ONCE = 2000
FUN_WIDTH = 50
"""Characters of the column `fun`; the whole name is in `full_ret`."""


class Dialect(NamedTuple):
    """How one database writes what they all have.

    `insert_load` takes jid and load and lets a jid that is there be. `columns` are those of `salt_returns` that are
    written, quoted where they need it; `row` gives their values for a return. `changed` names the column with the time
    of a return, and `moment` how it writes a time. `is_missing` tells the error for a table that does not exist from
    others, `is_refusal` the error for a row that the database will never take, `is_unwell` one that no row is to blame
    for.
    `document` writes a value as a column of JSON. `fill` writes rows into columns of a table over a cursor, where the
    database has a faster way than `executemany`.

    `lock` lets one writer (the parameter of the statement, if it has one) write at a time: what another connection of
    the same writer has not yet ended is waited for. Its value, if it gives one, is not 0. `unlock` ends it, where the
    end of the transaction does not.
    """

    schema: Sequence[str]
    insert_load: str
    columns: Sequence[str]
    row: Callable[[Mapping[str, Any]], Sequence[Any]]
    is_missing: Callable[[Exception], bool]
    mark: str = "%s"
    quote: str = ""
    """What stands around the column `load`, which is a word of SQL to MySQL."""
    changed: str = "alter_time"
    has_events: bool = True
    moment: Callable[[datetime], Any] = lambda moment: moment
    is_refusal: Callable[[Exception], bool] = lambda _: False
    is_unwell: Callable[[Exception], bool] = lambda _: False
    document: Callable[[Any], str] = to_json
    fill: Callable[[Any, str, Sequence[str], Sequence[Sequence[Any]]], None] | None = None
    lock: str = ""
    unlock: str = ""


class JobTables:
    """The tables over one open connection; each call is a transaction. Missing tables are made."""

    def __init__(self, connection: Any, dialect: Dialect, writer: str) -> None:
        self._connection = connection
        self._dialect = dialect
        self._writer = f"saltern {writer}"[:_LOCK_NAME]
        self._load = f"{dialect.quote}load{dialect.quote}"

    def add_returns(self, rets: Sequence[Mapping[str, Any]]) -> None:
        """Store returns in one transaction, but those of the same job and minion that are there."""
        self.store_many([], rets)

    def store_many(self, loads: Sequence[tuple[str, Mapping[str, Any]]], rets: Sequence[Mapping[str, Any]]) -> None:
        """Store loads and returns in one transaction, but those that are there.

        A writer that does not know whether its last transaction was written sends it again. So it first waits until
        that has ended one way or the other, and then looks.
        """
        given = {(str(ret["jid"]), str(ret["id"])): ret for ret in reversed(rets)}
        with self._alone() as cursor:
            # First what is known: where that has to make the tables, nothing was written yet that would be lost.
            known = self._known(cursor, list(given)) if given else set()
            if loads:
                cursor.executemany(self._dialect.insert_load, [self._load_row(jid, load) for jid, load in loads])
            rows = [tuple(self._dialect.row(ret)) for key, ret in reversed(given.items()) if key not in known]
            if rows:
                cursor.fill("salt_returns", self._dialect.columns, rows)

    def _load_row(self, jid: str, load: Mapping[str, Any]) -> tuple[str, str]:
        return jid, self._dialect.document(load)

    def _known(self, cursor: _Patient, keys: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        jids, ids = sorted({jid for jid, _ in keys}), sorted({minion for _, minion in keys})
        cursor.execute(
            f"SELECT jid, id FROM salt_returns WHERE jid IN ({self._marks(len(jids))})"
            f" AND id IN ({self._marks(len(ids))})",
            (*jids, *ids),
        )
        return {(str(jid), str(minion)) for jid, minion in cursor.fetchall()}

    def _marks(self, count: int) -> str:
        return _marks(self._dialect, count)

    def save_load(self, jid: str, load: Mapping[str, Any]) -> None:
        """Keep the load of a job; of a jid that is there the first load stays."""
        with self._transaction() as cursor:
            cursor.execute(self._dialect.insert_load, self._load_row(jid, load))

    def add_events(self, events: Sequence[Mapping[str, Any]], master: str) -> None:
        """Store events in one transaction, but those that this master's last transaction stored."""
        document = self._dialect.document
        rows = [(event.get("tag", ""), document(event.get("data", {})), master) for event in events]
        look_back = max(len(rows), _LOOK_BACK)
        last = "SELECT tag, data FROM salt_events WHERE master_id = ? ORDER BY id DESC LIMIT ?"
        with self._alone() as cursor:
            cursor.execute(self._sql(last), (master, look_back))
            known = {(tag, to_json(_value(data))) for tag, data in cursor.fetchall()}
            fresh = [row for row in rows if (row[0], to_json(json.loads(row[1]))) not in known]
            if fresh:
                cursor.executemany(self._sql("INSERT INTO salt_events (tag, data, master_id) VALUES (?, ?, ?)"), fresh)

    def load(self, jid: str) -> dict[str, Any]:
        found = self._read(f"SELECT {self._load} FROM jids WHERE jid = ?", (jid,))
        return _value(found[0][0]) if found else {}

    def returns(self, jid: str) -> dict[str, Any]:
        """The whole returns of a job by minion; of two by one minion the first."""
        rows = self._read("SELECT id, full_ret FROM salt_returns WHERE jid = ?", (jid,))
        return {minion: _value(full) for minion, full in reversed(rows)}

    def last_of(self, fun: str) -> dict[str, Any]:
        """The last return of each minion for a function."""
        rows = self._read(
            "SELECT r.id, r.full_ret FROM salt_returns r JOIN"
            " (SELECT id, MAX(jid) AS jid FROM salt_returns WHERE fun = ? GROUP BY id) last"
            " ON r.id = last.id AND r.jid = last.jid WHERE r.fun = ?",
            (fun, fun),
        )
        return {minion: _value(full) for minion, full in rows}

    def instances(self) -> dict[str, dict[str, Any]]:
        """All jobs as lists of jobs show them, oldest first."""
        rows = self._read(f"SELECT jid, {self._load} FROM jids ORDER BY jid")
        return {jid: instance_of(jid, _value(load)) for jid, load in rows}

    def minions(self) -> list[str]:
        return [row[0] for row in self._read("SELECT DISTINCT id FROM salt_returns ORDER BY id")]

    def expire(self, keep_seconds: float, now: datetime, *, archive: bool = False) -> bool:
        """Drop jobs whose last return is older than that, with their returns, and events; 0 keeps all.

        With `archive` the rows are moved to tables of the same names that end in `_archive` (behaviour RET-13). A few
        jobs at a time, so that nobody who writes waits for long; true when the time of a call was up before all was
        done.
        """
        if not keep_seconds:
            return False
        ends = time.monotonic() + _SLICE
        cutoff = now.astimezone(UTC) - timedelta(seconds=keep_seconds)
        if archive:
            self._make_archives()
        steps: list[Callable[[], bool]] = [lambda: self._drop_jobs(cutoff, archive=archive)]
        if self._dialect.has_events:
            steps.append(lambda: self._drop_events(cutoff, archive=archive))
        for step in steps:
            while step():
                if time.monotonic() > ends:
                    return True
        return False

    def _tables(self) -> list[str]:
        return ["jids", "salt_returns", *(["salt_events"] if self._dialect.has_events else [])]

    def _make_archives(self) -> None:
        with self._transaction() as cursor:
            for table in self._tables():
                cursor.execute(f"CREATE TABLE IF NOT EXISTS {table}_archive AS SELECT * FROM {table} WHERE 1 = 0")

    def _drop_jobs(self, cutoff: datetime, *, archive: bool) -> bool:
        """Drop some old jobs; false when there were none."""
        jids = self._old_jobs(cutoff)
        if jids:
            condition = f"jid IN ({self._marks(len(jids))})"
            with self._transaction() as cursor:
                for table in ("jids", "salt_returns"):
                    self._drop(cursor, table, condition, jids, archive=archive)
        return bool(jids)

    def _old_jobs(self, cutoff: datetime) -> list[str]:
        """Some jobs whose last return is older; by the index of jids, as the time of a return has none in Salt's
        tables. A jid is the time of its job in its master's time zone (jobs of one that lies further east go some hours
        later), or a text of somebody's own."""
        youngest = max(f"{moment:%Y%m%d%H%M%S%f}" for moment in (cutoff, cutoff.astimezone()))
        for text, bound in (("jid < ?", youngest), ("jid >= ?", _NO_YEAR)):
            found = self._read(
                f"SELECT jid FROM salt_returns WHERE {text} GROUP BY jid HAVING MAX({self._dialect.changed}) < ?"
                f" ORDER BY jid LIMIT {_JOBS_AT_ONCE}",
                (bound, self._dialect.moment(cutoff)),
            )
            if found:
                return [str(jid) for (jid,) in found]
        return []

    def _drop_events(self, cutoff: datetime, *, archive: bool) -> bool:
        """Drop some of the first events, as far as they are old; false when there were none."""
        moment = self._dialect.moment(cutoff)
        first = f"SELECT id, alter_time FROM salt_events ORDER BY id LIMIT {_EVENTS_AT_ONCE}"
        ((last,),) = self._read(f"SELECT MAX(id) FROM ({first}) AS first WHERE alter_time < ?", (moment,))
        if last is None:
            return False
        with self._transaction() as cursor:
            self._drop(cursor, "salt_events", "id <= ? AND alter_time < ?", (last, moment), archive=archive)
        return True

    def _drop(self, cursor: _Patient, table: str, condition: str, values: Sequence[Any], *, archive: bool) -> None:
        if archive:
            copy = f"INSERT INTO {table}_archive SELECT * FROM {table} WHERE {condition}"
            cursor.execute(self._sql(copy), tuple(values))
        cursor.execute(self._sql(f"DELETE FROM {table} WHERE {condition}"), tuple(values))

    def _read(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._transaction() as cursor:
            cursor.execute(self._sql(statement), tuple(values))
            return list(cursor.fetchall())

    def _sql(self, statement: str) -> str:
        return statement.replace("?", self._dialect.mark)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[_Patient]:
        """A transaction of the only writer of this name."""
        with self._transaction() as cursor:
            if self._dialect.lock:
                cursor.execute(self._dialect.lock, (self._writer,) if self._dialect.mark in self._dialect.lock else ())
                found = cursor.fetchall() if self._dialect.lock.startswith("SELECT") else [(1,)]
                if found[0][0] in (0, None):
                    raise CommandExecutionError("an earlier transaction of this writer has not ended yet")
            yield cursor
        if self._dialect.unlock:
            with self._transaction() as cursor:
                cursor.execute(self._dialect.unlock, (self._writer,))
                cursor.fetchall()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[Any]:
        cursor = _Patient(self._connection, self._dialect)
        try:
            yield cursor
            self._connection.commit()
        except BaseException as error:
            with contextlib.suppress(Exception):  # of a connection that is lost nothing is to be taken back
                self._connection.rollback()
            if isinstance(error, Exception) and self._dialect.is_refusal(error):
                raise ReturnRefusedError(" ".join(str(error).split())) from error
            if isinstance(error, Exception) and self._dialect.is_unwell(error):
                raise StoreUnwellError(f"{type(error).__name__}: {' '.join(str(error).split())}") from error
            raise
        finally:
            with contextlib.suppress(Exception):
                cursor.close()


class _Patient:
    """A cursor that makes the tables when the first statement of a transaction finds none."""

    def __init__(self, connection: Any, dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect
        self._cursor = connection.cursor()

    def execute(self, statement: str, values: Sequence[Any] = ()) -> None:
        self._with_tables(lambda: self._cursor.execute(statement, values))

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        self._with_tables(lambda: self._cursor.executemany(statement, rows))

    def fill(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows into a table that is there."""
        fill = self._dialect.fill
        if fill is not None:
            fill(self._cursor, table, columns, rows)
            return
        marks = _marks(self._dialect, len(columns))
        self._cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)

    def fetchall(self) -> Any:
        return self._cursor.fetchall()

    def close(self) -> None:
        self._cursor.close()

    def _with_tables(self, work: Callable[[], Any]) -> None:
        try:
            work()
        except Exception as error:
            if not self._dialect.is_missing(error):
                raise
            self._connection.rollback()
            for statement in self._dialect.schema:
                self._cursor.execute(statement)
            self._connection.commit()
            work()


def _marks(dialect: Dialect, count: int) -> str:
    return ", ".join([dialect.mark] * count)


def _value(column: Any) -> Any:
    """The value of a JSON column, which some drivers decode themselves."""
    return json.loads(column) if isinstance(column, str | bytes | bytearray) else column
