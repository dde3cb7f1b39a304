"""Pillar from queries of MySQL or MariaDB: `mysql: {host, user, pass, db, port}` in the configuration."""

from __future__ import annotations

import importlib.util
from contextlib import closing

from saltern.plugin_api import CommandExecutionError, Functions, Opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts
__salt__: Functions

_DEFAULTS = {
    "host": "localhost", "user": "salt", "pass": "salt", "db": "salt", "port": 3306, "ssl_ca": "", "ssl_cert": "",
    "ssl_key": "",
}  # fmt: skip
_SECONDS = 10


def __virtual__() -> bool | tuple[bool, str]:
    if importlib.util.find_spec("pymysql") is None:
        return False, "The external pillar mysql needs the library PyMySQL (pip install 'saltern[mysql]')."
    return True


def ext_pillar(minion_id: str, pillar: dict[str, Any], *args: Any, **kwargs: Any) -> dict[str, Any]:
    """The rows of queries with one parameter, `%s`, for the minion's id; see `plugin_api.sql_pillar` for the shapes."""
    import pymysql

    from saltern.plugin_api.returner_options import returner_options
    from saltern.plugin_api.sql_pillar import sql_pillar

    options = returner_options("mysql", _DEFAULTS, None, __salt__, __opts__)
    tls = {name.removeprefix("ssl_"): options[name] for name in ("ssl_ca", "ssl_cert", "ssl_key") if options[name]}
    place = f"{options['host']}:{options['port']}/{options['db']}"
    try:
        connection = pymysql.connect(
            host=options["host"], user=options["user"], password=options["pass"], database=options["db"],
            port=int(options["port"]), ssl=tls or None, connect_timeout=_SECONDS, read_timeout=_SECONDS,
        )  # fmt: skip
        with closing(connection), connection.cursor() as cursor:

            def ask(query: str, minion: str) -> tuple[list[str], list[Any]]:
                cursor.execute(query, (minion,) * query.count("%s"))
                return [column[0] for column in cursor.description or ()], list(cursor.fetchall())

            return sql_pillar(minion_id, args, kwargs, ask)
    except pymysql.MySQLError as error:
        raise CommandExecutionError(f"the database mysql://{place}: {error.args[-1]}") from error
