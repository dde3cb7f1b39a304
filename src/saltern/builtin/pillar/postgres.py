"""Pillar from queries of PostgreSQL: `postgres: {host, user, pass, db, port}` in the configuration."""

from __future__ import annotations

import importlib.util

from saltern.plugin_api import CommandExecutionError, Functions, Opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts
__salt__: Functions

_DEFAULTS = {"host": "localhost", "user": "salt", "pass": "salt", "db": "salt", "port": 5432}
_SECONDS = 10


def __virtual__() -> bool | tuple[bool, str]:
    if importlib.util.find_spec("psycopg") is None:
        return False, "The external pillar postgres needs the library psycopg (pip install 'saltern[postgresql]')."
    return True


def ext_pillar(minion_id: str, pillar: dict[str, Any], *args: Any, **kwargs: Any) -> dict[str, Any]:
    """The rows of queries with one parameter, `%s`, for the minion's id; see `plugin_api.sql_pillar` for the shapes."""
    import psycopg

    from saltern.plugin_api.returner_options import returner_options
    from saltern.plugin_api.sql_pillar import sql_pillar

    options = returner_options("postgres", _DEFAULTS, None, __salt__, __opts__)
    place = f"{options['host']}:{options['port']}/{options['db']}"
    try:
        with psycopg.connect(
            host=options["host"], user=options["user"], password=options["pass"], dbname=options["db"],
            port=int(options["port"]), connect_timeout=_SECONDS,
        ) as connection:  # fmt: skip

            def ask(query: str, minion: str) -> tuple[list[str], list[Any]]:
                # Queries come from the master's configuration, as texts.
                cursor = connection.execute(query.encode(), (minion,) * query.count("%s"))
                return [column.name for column in cursor.description or ()], cursor.fetchall()

            return sql_pillar(minion_id, args, kwargs, ask)
    except psycopg.Error as error:
        raise CommandExecutionError(f"the database postgresql://{place}: {error}") from error
