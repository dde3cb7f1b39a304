"""A table of an SQLite database as a store: `database`, `table` (`sdb`), and queries of one's own."""

from __future__ import annotations

import contextlib
import os

from saltern.plugin_api import SaltInvocationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__func_alias__ = {"set_": "set"}


def set_(key: str, value: Any, profile: Mapping[str, Any] | None = None) -> bool:
    """Keep a value, as MessagePack."""
    import msgspec

    with _connected(profile) as (connection, table):
        values = {"key": key, "value": msgspec.msgpack.encode(value)}
        connection.execute(
            (profile or {}).get("set_query") or f"INSERT OR REPLACE INTO {table} VALUES (:key, :value)", values
        )
        connection.commit()
    return True


def get(key: str, profile: Mapping[str, Any] | None = None) -> Any:
    """The value of a key; None when there is none."""
    import msgspec

    with _connected(profile) as (connection, table):
        query = (profile or {}).get("get_query") or f"SELECT value FROM {table} WHERE key = :key"
        row = connection.execute(query, {"key": key}).fetchone()
    return msgspec.msgpack.decode(row[0]) if row else None


@contextlib.contextmanager
def _connected(profile: Mapping[str, Any] | None) -> Any:
    import re
    import sqlite3

    options = profile or {}
    table = str(options.get("table", "sdb"))
    if not options.get("database") or not re.fullmatch(r"\w+", table):
        raise SaltInvocationError("The sdb driver sqlite3 needs a database, and a table whose name is one word.")
    if options["database"] != ":memory:":
        # It holds secrets: where it is made, its owner alone may read it.
        os.close(os.open(options["database"], os.O_RDONLY | os.O_CREAT, 0o600))
    with contextlib.closing(sqlite3.connect(options["database"])) as connection:
        connection.execute(f"CREATE TABLE IF NOT EXISTS {table} (key TEXT PRIMARY KEY, value BLOB)")
        for statement in options.get("create_statements") or ():
            connection.execute(statement)
        yield connection, table
