"""Jobs and returns in the SQLite tables that Salt knows (behaviour RET-16)."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime

from saltern.plugin_api import CommandExecutionError, Context, Functions, Opts
from saltern.plugin_api.job_cache import job_cache_functions
from saltern.plugin_api.job_loads import function_text, to_json
from saltern.plugin_api.job_tables import Dialect, JobTables
from saltern.plugin_api.kept_connections import kept_connection
from saltern.plugin_api.returner_options import returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

__salt__: Functions
__opts__: Opts
__context__: Context

__virtualname__ = "sqlite3"

_DEFAULTS = {"database": "/var/lib/salt/salt.db", "timeout": 5.0}
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS jids (jid TEXT PRIMARY KEY, load TEXT)",
    "CREATE TABLE IF NOT EXISTS salt_returns"
    " (fun TEXT, jid TEXT, id TEXT, fun_args TEXT, date TEXT NOT NULL, full_ret TEXT, success TEXT)",
    "CREATE INDEX IF NOT EXISTS salt_returns_jid ON salt_returns (jid)",
)


def __virtual__() -> bool:
    return True


def _row(ret: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        function_text(ret),
        ret["jid"],
        ret["id"],
        to_json(ret.get("fun_args", [])),
        _moment(datetime.now(UTC)),
        to_json(ret),
        str(bool(ret.get("success"))),
    )


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


_UNWELL = ("SQLITE_FULL", "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_READONLY")
_DIALECT = Dialect(
    schema=_SCHEMA,
    insert_load="INSERT OR IGNORE INTO jids (jid, load) VALUES (?, ?)",
    columns=("fun", "jid", "id", "fun_args", "date", "full_ret", "success"),
    row=_row,
    is_missing=lambda error: "no such table" in str(error),
    is_unwell=lambda error: str(getattr(error, "sqlite_errorname", "")).startswith(_UNWELL),
    mark="?",
    lock="BEGIN IMMEDIATE",
    changed="date",
    has_events=False,
    moment=_moment,
)


@contextlib.contextmanager
def _tables(ret: Mapping[str, Any] | None) -> Iterator[JobTables]:
    options = returner_options(__virtualname__, _DEFAULTS, ret, __salt__, __opts__)
    with kept_connection(__context__, __virtualname__, options, lambda: _connected(options)) as connection:
        yield JobTables(connection, _DIALECT, str(__opts__.get("id", "")))


def _connected(options: Mapping[str, Any]) -> Any:
    try:
        return sqlite3.connect(options["database"], timeout=float(options["timeout"]), check_same_thread=False)
    except sqlite3.Error as error:
        raise CommandExecutionError(f"The returner sqlite3 cannot open {options['database']}: {error}") from error


globals().update(job_cache_functions(__name__, _tables, lambda: __opts__, together=True))
