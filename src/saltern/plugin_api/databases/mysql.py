"""Asking a MySQL or MariaDB server through PyMySQL."""

from __future__ import annotations

import contextlib
import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from saltern.plugin_api.errors import CommandExecutionError

ERROR = "mysql.error"
"""Under which name, among what plugins share, the module keeps for its states why the server refused."""

_OPTIONS = {
    "user": "user",
    "pass": "password",
    "host": "host",
    "port": "port",
    "unix_socket": "unix_socket",
    "db": "database",
    "charset": "charset",
    "default_file": "read_default_file",
    "default_group": "read_default_group",
    "ssl_cert": "ssl_cert",
    "ssl_key": "ssl_key",
    "ssl_ca": "ssl_ca",
    "use_unicode": "use_unicode",
}
"""The words of `mysql.<word>` and `connection_<word>`, and PyMySQL's."""


class Server:
    """An open connection."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """The rows of an answer by column; of values that travel as parameters `%s` is the mark."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement, tuple(values) or None)
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def first_column(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        return [next(iter(row.values())) for row in self.rows(statement, values)]

    def run(self, statement: str, values: Sequence[Any] = ()) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, tuple(values) or None)

    def query(self, statement: str) -> dict[str, Any]:
        """A statement's answer in the shape of `mysql.query`; each value is a text."""
        began = time.monotonic()
        with self._connection.cursor() as cursor:
            affected = cursor.execute(statement)
            elapsed = time.monotonic() - began
            taken = {"human": human_time(elapsed), "raw": str(round(elapsed, 5))}
            if cursor.description is None:
                return {"query time": taken, "rows affected": affected}
            return {
                "query time": taken,
                "rows returned": affected,
                "columns": [column[0] for column in cursor.description],
                "results": [[_text(value) for value in row] for row in cursor.fetchall()],
            }

    def version(self) -> str:
        return str(self.first_column("SELECT VERSION()")[0])

    @property
    def is_mariadb(self) -> bool:
        return "mariadb" in self.version().lower()

    def quoted(self, value: Any) -> str:
        """A value as a literal in SQL."""
        return str(self._connection.escape(value))


def human_time(seconds: float) -> str:
    return f"{round(seconds * 1000, 1)}ms" if seconds < 0.5 else f"{round(seconds, 2)}s"


def _text(value: Any) -> Any:
    if value is None:
        return None
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


@contextlib.contextmanager
def connected(given: Mapping[str, Any], option: Callable[[str], Any]) -> Iterator[Server]:
    """A server, as `connection_*` arguments name it, or else the options `mysql.*`; each statement is a transaction.

    Raises `CommandExecutionError` when it cannot be reached, or when it refuses what it is asked within.
    """
    import pymysql

    try:
        connection = pymysql.connect(**_address(given, option), autocommit=True)
    except (pymysql.Error, OSError) as error:
        raise CommandExecutionError(_said(error)) from error
    with contextlib.closing(connection):
        try:
            yield Server(connection)
        except pymysql.Error as error:
            raise CommandExecutionError(_said(error)) from error


def _said(error: Exception) -> str:
    if len(error.args) > 1:
        return f"MySQL Error {error.args[0]}: {error.args[1]}"
    return f"MySQL Error: {error}"


def _address(given: Mapping[str, Any], option: Callable[[str], Any]) -> dict[str, Any]:
    address: dict[str, Any] = {}
    for word, name in _OPTIONS.items():
        value = given.get(f"connection_{word}", option(f"mysql.{word}"))
        if value not in (None, ""):
            address[name] = int(value) if word == "port" else value
    address.setdefault("charset", "utf8mb4")
    if "password" in address:
        address["password"] = str(address["password"])
    return address


def native_hash(password: str) -> str:
    """The hash that `mysql_native_password` keeps."""
    digest = hashlib.sha1(hashlib.sha1(password.encode()).digest())  # noqa: S324  (the server's own algorithm)
    return f"*{digest.hexdigest().upper()}"


def identifier(name: str) -> str:
    """A name as an identifier in SQL."""
    return "`" + str(name).replace("`", "``") + "`"


def place_of(database: str, *, escape: bool) -> str:
    """Where a privilege holds: `db.table` quoted. With `escape` the wildcards in the name of a database are none."""
    schema, dot, table = database.rpartition(".")
    if not dot or not schema or not table:
        raise CommandExecutionError(f"{database} is no place for a privilege: it has the form database.table")
    schema, table = (part.strip("`") for part in (schema, table))
    if schema != "*":
        if escape and table == "*":
            schema = re.sub(r"(?<!\\)([_%])", r"\\\1", schema)
        schema = identifier(schema)
    return f"{schema}.{table if table == '*' else identifier(table)}"


class Grant(NamedTuple):
    """What a user may do somewhere: privileges with the columns that they are for, sorted; none means all."""

    privileges: frozenset[tuple[str, tuple[str, ...]]]
    place: str
    grantable: bool


_GRANT = re.compile(r"GRANT (?P<what>.+?) ON (?:TABLE )?(?P<place>.+?) TO (?P<who>.+)", re.DOTALL)


def grant_of(text: str) -> Grant | None:
    """A line of `SHOW GRANTS`; None for one that grants a role or a proxy."""
    found = _GRANT.fullmatch(text)
    if not found:
        return None
    return Grant(privileges_of(found["what"]), found["place"], "WITH GRANT OPTION" in found["who"])


def privileges_of(text: str) -> frozenset[tuple[str, tuple[str, ...]]]:
    """`SELECT, UPDATE (a, b)` as pairs of a privilege and its columns."""
    return frozenset(_privilege(word) for word in words_of_grant(text))


def words_of_grant(text: str) -> list[str]:
    """The parts of `SELECT, UPDATE (a, b)`, parted at the commas that stand outside of brackets."""
    return [word.strip() for word in re.split(r",(?![^()]*\))", text) if word.strip()]


def _privilege(word: str) -> tuple[str, tuple[str, ...]]:
    name, _, columns = word.partition("(")
    name = " ".join(name.upper().split())
    names = sorted(column.strip().strip("`") for column in columns.rstrip(") ").split(",") if column.strip())
    return "ALL PRIVILEGES" if name == "ALL" else name, tuple(names)


_PIECE = re.compile(
    r"""'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`[^`]*`|--[ \t][^\n]*|--$|\#[^\n]*|/\*(?!!).*?\*/|;|.""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)


def statements(script: str) -> list[str]:
    """The statements of a script, without comments."""
    found = [""]
    for piece in _PIECE.findall(script):
        if piece == ";":
            found.append("")
        elif piece.startswith(("-- ", "--\t", "#", "/*")) or piece == "--":
            found[-1] += " "
        else:
            found[-1] += piece
    return [statement.strip() for statement in found if statement.strip()]
