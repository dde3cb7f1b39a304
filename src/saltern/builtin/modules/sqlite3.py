"""Questions and changes to SQLite databases on the minion's disk."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, SaltInvocationError


def version() -> str:
    """The version of the database interface (PEP 249's driver).

    CLI Example::

        saltern run '*' sqlite3.version
    """
    # The driver of Python's library has this version since Python 2.5, and Python drops the constant that told it.
    return "2.6.0"


def sqlite_version() -> str:
    """The version of the SQLite library.

    CLI Example::

        saltern run '*' sqlite3.sqlite_version
    """
    import sqlite3

    return sqlite3.sqlite_version


def modify(db: str | None = None, sql: str | None = None) -> bool:
    """Run a statement that changes the database; False when no database is named.

    CLI Example::

        saltern run '*' sqlite3.modify /root/test.db 'CREATE TABLE test(id INT, testdata TEXT);'
    """
    return _rows(db, sql) is not None


def fetch(db: str | None = None, sql: str | None = None) -> list[list[Any]] | bool:
    """All rows of an answer, each a list of its columns; False when no database is named.

    CLI Example::

        saltern run '*' sqlite3.fetch /root/test.db 'SELECT * FROM test;'
    """
    rows = _rows(db, sql)
    return False if rows is None else rows


def tables(db: str | None = None) -> list[list[Any]] | bool:
    """The names of the tables, each in a list of its own.

    CLI Example::

        saltern run '*' sqlite3.tables /root/test.db
    """
    return fetch(db, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")


def indices(db: str | None = None) -> list[list[Any]] | bool:
    """The names of the indices, each in a list of its own.

    CLI Example::

        saltern run '*' sqlite3.indices /root/test.db
    """
    return fetch(db, "SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY name")


def indexes(db: str | None = None) -> list[list[Any]] | bool:
    """The same as `indices`.

    CLI Example::

        saltern run '*' sqlite3.indexes /root/test.db
    """
    return indices(db)


def _rows(db: str | None, sql: str | None) -> list[list[Any]] | None:
    import sqlite3
    from contextlib import closing

    if not db:
        return None
    if not sql:
        raise SaltInvocationError("There is no statement: sql='SELECT …'")
    try:
        with closing(sqlite3.connect(db)) as connection, connection:
            return [list(row) for row in connection.execute(sql).fetchall()]
    except sqlite3.Error as error:
        raise CommandExecutionError(f"{db}: {error}") from error
