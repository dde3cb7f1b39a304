"""Salt's tables of jobs (`jids`, `salt_returns`, `salt_events`) in an SQL database, over the Python database API.

The tables and their columns are those that Salt's returners use (behaviours RET-11 to RET-14 and RET-16), so that what
reads one reads the other.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from saltern.plugin_api.job_loads import instance_of, to_json


class Dialect(NamedTuple):
    """How one database writes what they all have.

    `insert_load` takes jid and load and lets a jid that is there be. `columns` are those of `salt_returns` that are
    written, quoted where they need it; `row` gives their values for a return. `changed` names the column with the time
    of a return, and `moment` how it writes a time. `is_missing` tells the error for a table that does not exist from
    others.
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


class JobTables:
    """The tables over one open connection; each call is a transaction. Missing tables are made."""

    def __init__(self, connection: Any, dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect
        self._load = f"{dialect.quote}load{dialect.quote}"

    def add_return(self, ret: Mapping[str, Any]) -> None:
        columns = self._dialect.columns
        marks = ", ".join([self._dialect.mark] * len(columns))
        self._write(
            f"INSERT INTO salt_returns ({', '.join(columns)}) VALUES ({marks})",
            [self._dialect.row(ret)],
        )

    def save_load(self, jid: str, load: Mapping[str, Any]) -> None:
        """Keep the load of a job; of a jid that is there the first load stays."""
        self._write(self._dialect.insert_load, [(jid, to_json(load))])

    def add_events(self, events: Sequence[Mapping[str, Any]], master: str) -> None:
        rows = [(event.get("tag", ""), to_json(event.get("data", {})), master) for event in events]
        self._write(self._sql("INSERT INTO salt_events (tag, data, master_id) VALUES (?, ?, ?)"), rows)

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

    def expire(self, keep_seconds: float, now: datetime, *, archive: bool = False) -> None:
        """Drop jobs whose last return is older than that, their returns, and events; 0 keeps all.

        With `archive` the rows are moved to tables of the same names that end in `_archive` (behaviour RET-13).
        """
        if not keep_seconds:
            return
        cutoff = self._dialect.moment(now.astimezone(UTC) - timedelta(seconds=keep_seconds))
        time = self._dialect.changed
        old_jobs = f"jid IN (SELECT jid FROM salt_returns GROUP BY jid HAVING MAX({time}) < ?)"
        conditions = {"jids": old_jobs, "salt_returns": f"{time} < ?"}
        if self._dialect.has_events:
            conditions["salt_events"] = "alter_time < ?"
        with self._transaction() as cursor:
            for table, condition in conditions.items():
                if archive:
                    cursor.execute(f"CREATE TABLE IF NOT EXISTS {table}_archive AS SELECT * FROM {table} WHERE 1 = 0")
                    cursor.execute(
                        self._sql(f"INSERT INTO {table}_archive SELECT * FROM {table} WHERE {condition}"), (cutoff,)
                    )
                cursor.execute(self._sql(f"DELETE FROM {table} WHERE {condition}"), (cutoff,))

    def _read(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._transaction() as cursor:
            cursor.execute(self._sql(statement), tuple(values))
            return list(cursor.fetchall())

    def _write(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        with self._transaction() as cursor:
            cursor.executemany(statement, [tuple(row) for row in rows])

    def _sql(self, statement: str) -> str:
        return statement.replace("?", self._dialect.mark)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[Any]:
        cursor = _Patient(self._connection, self._dialect)
        try:
            yield cursor
            self._connection.commit()
        except BaseException:
            self._connection.rollback()
            raise
        finally:
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


def _value(column: Any) -> Any:
    """The value of a JSON column, which some drivers decode themselves."""
    return json.loads(column) if isinstance(column, str | bytes | bytearray) else column
