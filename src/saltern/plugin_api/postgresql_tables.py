"""What the returners postgres and pgjsonb have in common: tables whose columns of documents differ in type only."""

from __future__ import annotations

import contextlib
import importlib.util

from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.job_loads import function_text
from saltern.plugin_api.job_tables import FUN_WIDTH, Dialect, JobTables
from saltern.plugin_api.kept_connections import kept_connection
from saltern.plugin_api.returner_options import returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
    from typing import Any

    from saltern.plugin_api.types import Functions, Opts

_DEFAULTS = {
    "host": "salt",
    "user": "salt",
    "pass": "salt",
    "passwd": None,
    "db": "salt",
    "port": 5432,
    "sslmode": None,
    "sslcert": None,
    "sslkey": None,
    "sslrootcert": None,
    "sslcrl": None,
}
_CONNECT_SECONDS = 10
_REFUSALS = ("22", "54")
"""Classes of errors that concern a value: it has no form there, or is too large."""
_UNWELL = ("08", "25", "40", "53", "55", "57", "58")
"""Classes of errors that concern the server: connections, reading only, conflicts, full disks, locks, its end."""


def missing_library(name: str) -> bool | tuple[bool, str]:
    """What `__virtual__` of the returner `name` says."""
    if importlib.util.find_spec("psycopg") is None:
        return False, f"The returner {name} needs the library psycopg (pip install 'saltern[postgresql]')."
    return True


def dialect_of(column: str, document: Callable[[Any], str], more: tuple[str, ...] = ()) -> Dialect:
    """Tables whose documents are columns of this type; `document` writes one. `more` are further statements."""

    def row(ret: Mapping[str, Any]) -> tuple[Any, ...]:
        success = "true" if ret.get("success") else "false"
        return function_text(ret)[:FUN_WIDTH], ret["jid"], document(ret["return"]), ret["id"], success, document(ret)

    return Dialect(
        schema=(*_schema(column), *more),
        insert_load="INSERT INTO jids (jid, load) VALUES (%s, %s) ON CONFLICT (jid) DO NOTHING",
        columns=("fun", "jid", "return", "id", "success", "full_ret"),
        row=row,
        document=document,
        fill=_copy,
        is_missing=lambda error: getattr(error, "sqlstate", "") == "42P01",
        is_refusal=lambda error: _class_of(error) in _REFUSALS,
        is_unwell=lambda error: _class_of(error) in _UNWELL,
        lock="SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtext(%s))) AS locked",
    )


def _class_of(error: Exception) -> str:
    """The first two characters of the code that PostgreSQL gives an error."""
    return str(getattr(error, "sqlstate", "") or "")[:2]


def _copy(cursor: Any, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


@contextlib.contextmanager
def opened_tables(
    name: str,
    dialect: Dialect,
    ret: Mapping[str, Any] | None,
    salt: Functions,
    opts: Opts,
    context: MutableMapping[str, Any],
) -> Iterator[JobTables]:
    """The tables of the returner `name`, over a connection that is kept in `context`."""
    options = returner_options(f"returner.{name}", _DEFAULTS, ret, salt, opts)
    with kept_connection(context, name, options, lambda: _connected(name, options)) as connection:
        yield JobTables(connection, dialect, str(opts.get("id", "")))


def _connected(name: str, options: Mapping[str, Any]) -> Any:
    import psycopg

    tls = {key: options[key] for key in _DEFAULTS if key.startswith("ssl") and options[key]}
    try:
        return psycopg.connect(
            host=options["host"],
            user=options["user"],
            password=options["passwd"] or options["pass"],
            dbname=options["db"],
            port=int(options["port"]),
            connect_timeout=_CONNECT_SECONDS,
            **tls,
        )
    except psycopg.Error as error:
        raise CommandExecutionError(f"The returner {name} cannot connect: {' '.join(str(error).split())}") from error


def _schema(column: str) -> tuple[str, ...]:
    return (
        f"CREATE TABLE IF NOT EXISTS jids (jid varchar(255) NOT NULL PRIMARY KEY, load {column} NOT NULL)",
        "CREATE TABLE IF NOT EXISTS salt_returns ("
        f" fun varchar(50) NOT NULL, jid varchar(255) NOT NULL, return {column} NOT NULL, id varchar(255) NOT NULL,"
        f" success varchar(10) NOT NULL, full_ret {column} NOT NULL, alter_time timestamptz DEFAULT now())",
        "CREATE INDEX IF NOT EXISTS idx_salt_returns_id ON salt_returns (id)",
        "CREATE INDEX IF NOT EXISTS idx_salt_returns_jid ON salt_returns (jid)",
        "CREATE INDEX IF NOT EXISTS idx_salt_returns_fun ON salt_returns (fun)",
        "CREATE TABLE IF NOT EXISTS salt_events ("
        f" id bigserial PRIMARY KEY, tag varchar(255) NOT NULL, data {column} NOT NULL,"
        " alter_time timestamptz DEFAULT now(), master_id varchar(255) NOT NULL)",
        "CREATE INDEX IF NOT EXISTS idx_salt_events_tag ON salt_events (tag)",
    )
