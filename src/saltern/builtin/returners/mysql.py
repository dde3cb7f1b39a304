"""Jobs and returns in the MySQL or MariaDB tables that Salt knows (behaviour RET-11)."""

from __future__ import annotations

import contextlib
import importlib.util

from saltern.plugin_api import CommandExecutionError, Context, Functions, Opts
from saltern.plugin_api.job_cache import job_cache_functions
from saltern.plugin_api.job_loads import function_text, to_json
from saltern.plugin_api.job_tables import FUN_WIDTH, Dialect, JobTables
from saltern.plugin_api.kept_connections import kept_connection
from saltern.plugin_api.returner_options import returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

__salt__: Functions
__opts__: Opts
__context__: Context

__virtualname__ = "mysql"

_DEFAULTS = {
    "host": "salt",
    "user": "salt",
    "pass": "salt",
    "db": "salt",
    "port": 3306,
    "ssl_ca": None,
    "ssl_cert": None,
    "ssl_key": None,
}
_CONNECT_SECONDS = 10
_NO_SUCH_TABLE = 1146
_REFUSALS = (1153, 1264, 1366, 1406)
"""Errors that concern a value: larger than `max_allowed_packet` or its column, or without a form there."""
_UNWELL = (1021, 1030, 1053, 1114, 1205, 1213, 1290)
"""Errors that concern the server: a full disk or table, its files, its end, locks, reading only."""
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS jids ("
    " jid varchar(255) NOT NULL, `load` mediumtext NOT NULL, UNIQUE KEY jid (jid)) DEFAULT CHARSET=utf8mb4",
    "CREATE TABLE IF NOT EXISTS salt_returns ("
    " fun varchar(50) NOT NULL, jid varchar(255) NOT NULL, `return` mediumtext NOT NULL, id varchar(255) NOT NULL,"
    " success varchar(10) NOT NULL, full_ret mediumtext NOT NULL, alter_time timestamp DEFAULT CURRENT_TIMESTAMP,"
    " KEY id (id), KEY jid (jid), KEY fun (fun)) DEFAULT CHARSET=utf8mb4",
    "CREATE TABLE IF NOT EXISTS salt_events ("
    " id bigint NOT NULL AUTO_INCREMENT, tag varchar(255) NOT NULL, data mediumtext NOT NULL,"
    " alter_time timestamp DEFAULT CURRENT_TIMESTAMP, master_id varchar(255) NOT NULL,"
    " PRIMARY KEY (id), KEY tag (tag)) DEFAULT CHARSET=utf8mb4",
)


def __virtual__() -> bool | tuple[bool, str]:
    if importlib.util.find_spec("pymysql") is None:
        return False, "The returner mysql needs the library PyMySQL (pip install 'saltern[mysql]')."
    return True


def _row(ret: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        function_text(ret)[:FUN_WIDTH],
        ret["jid"],
        to_json(ret["return"]),
        ret["id"],
        "1" if ret.get("success") else "0",
        to_json(ret),
    )


_DIALECT = Dialect(
    schema=_SCHEMA,
    insert_load="INSERT IGNORE INTO jids (jid, `load`) VALUES (%s, %s)",
    columns=("fun", "jid", "`return`", "id", "success", "full_ret"),
    row=_row,
    is_missing=lambda error: bool(error.args) and error.args[0] == _NO_SUCH_TABLE,
    is_refusal=lambda error: bool(error.args) and error.args[0] in _REFUSALS,
    is_unwell=lambda error: bool(error.args) and error.args[0] in _UNWELL,
    quote="`",
    lock="SELECT GET_LOCK(%s, 20)",
    unlock="SELECT RELEASE_LOCK(%s)",
)


@contextlib.contextmanager
def _tables(ret: Mapping[str, Any] | None) -> Iterator[JobTables]:
    options = returner_options(__virtualname__, _DEFAULTS, ret, __salt__, __opts__)
    with kept_connection(__context__, __virtualname__, options, lambda: _connected(options)) as connection:
        yield JobTables(connection, _DIALECT, str(__opts__.get("id", "")))


def _connected(options: Mapping[str, Any]) -> Any:
    import pymysql

    tls = {name.removeprefix("ssl_"): options[name] for name in ("ssl_ca", "ssl_cert", "ssl_key") if options[name]}
    try:
        return pymysql.connect(
            host=options["host"],
            user=options["user"],
            password=options["pass"],
            database=options["db"],
            port=int(options["port"]),
            charset="utf8mb4",
            init_command="SET time_zone = '+00:00'",
            ssl=tls or None,
            connect_timeout=_CONNECT_SECONDS,
        )
    except pymysql.MySQLError as error:
        where = f"{options['host']}:{options['port']}/{options['db']}"
        raise CommandExecutionError(f"The returner mysql cannot connect to {where}: {error.args[-1]}") from error


globals().update(job_cache_functions(__name__, _tables, lambda: __opts__, events=True, together=True))
