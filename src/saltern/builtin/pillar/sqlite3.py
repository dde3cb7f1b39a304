"""Pillar from queries of an SQLite database: `sqlite3: {database: PATH}` in the configuration."""

from __future__ import annotations

from contextlib import closing

from saltern.plugin_api import CommandExecutionError, Functions, Opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts
__salt__: Functions

_DEFAULTS = {"database": "/var/lib/salt/pillar.db", "timeout": 5.0}


def ext_pillar(minion_id: str, pillar: dict[str, Any], *args: Any, **kwargs: Any) -> dict[str, Any]:
    """The rows of queries with one parameter, `?`, for the minion's id; see `plugin_api.sql_pillar` for the shapes.

    The database is `pillar.sqlite3.database`, or `sqlite3.database`; it is never made.
    """
    import sqlite3

    from saltern.plugin_api.returner_options import returner_options
    from saltern.plugin_api.sql_pillar import sql_pillar

    shared = returner_options("sqlite3", _DEFAULTS, None, __salt__, __opts__)
    options = returner_options("pillar.sqlite3", shared, None, __salt__, __opts__)
    path = str(options["database"])
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=float(options["timeout"]))) as database:

            def ask(query: str, minion: str) -> tuple[list[str], list[Any]]:
                cursor = database.execute(query, (minion,) * query.count("?"))
                return [column[0] for column in cursor.description or ()], cursor.fetchall()

            return sql_pillar(minion_id, args, kwargs, ask)
    except sqlite3.Error as error:
        raise CommandExecutionError(f"the database {path}: {error}") from error
