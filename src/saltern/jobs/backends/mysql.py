"""The job cache in MySQL (8.0 or newer) or MariaDB (10.5 or newer), which several masters may share."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from saltern.errors import StoreError, StoreFull
from saltern.jobs.rows import STATES
from saltern.jobs.server.address import ServerAddress
from saltern.jobs.server.faults import ConnectionBroken, about, driver, unanswered
from saltern.jobs.server.session import OutcomeWrite, Row
from saltern.jobs.server.store import TableJobStore
from saltern.jobs.server.tables import GROWING, Step, prepare

_DISK_FULL = (1021, 1114, 1041)
_GONE = (1053, 1927, 2006, 2013, 2014, 2055, 1290, 1836, 1205, 1213)
"""Shutting down, killed, gone, lost, read-only after a failover, lock wait and deadlock: another time it goes on."""
_LEAST_PACKET = 10 << 20
_LEAST_CONNECT = 2.0
_STATEMENT_BYTES = 2 << 20
_TABLE = "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"

# Names and texts are bytes (UTF-8): compared as they are, with case and trailing blanks.
STEPS = (
    Step(
        (
            "CREATE TABLE IF NOT EXISTS saltern_meta (version int NOT NULL, seq bigint NOT NULL,"
            " last_job bigint NOT NULL, last_minion int NOT NULL, jobs bigint NOT NULL, bytes bigint NOT NULL)"
            f" {_TABLE}",
            "DELETE FROM saltern_meta",
            "INSERT INTO saltern_meta VALUES (0, 0, 0, 0, 0, 0)",
            "CREATE TABLE IF NOT EXISTS saltern_writer (id varbinary(64) NOT NULL PRIMARY KEY, batch bigint NOT NULL,"
            f" seen double NOT NULL) {_TABLE}",
            "CREATE TABLE IF NOT EXISTS saltern_minion (id int NOT NULL PRIMARY KEY, name varbinary(1024) NOT NULL,"
            f" UNIQUE KEY name (name)) {_TABLE}",
            "CREATE TABLE IF NOT EXISTS saltern_job (id bigint NOT NULL PRIMARY KEY, jid varbinary(255) NOT NULL,"
            " created double NOT NULL, fun mediumblob NOT NULL, tgt longblob NOT NULL, usr blob NOT NULL,"
            " tagged tinyint NOT NULL, bytes bigint NOT NULL, data longblob NOT NULL,"
            f" {', '.join(f'{state} int NOT NULL' for state in STATES)},"
            f" UNIQUE KEY jid (jid), KEY created (created, jid)) {_TABLE}",
            "CREATE TABLE IF NOT EXISTS saltern_outcome (job bigint NOT NULL, minion int NOT NULL,"
            " state tinyint NOT NULL, seq bigint NOT NULL, changed bigint NOT NULL, started bigint, retcode bigint,"
            " success tinyint, size bigint NOT NULL, note mediumblob, body bigint, PRIMARY KEY (job, minion),"
            f" KEY minion (minion, job), KEY state (state, seq)) {_TABLE}",
            "CREATE TABLE IF NOT EXISTS saltern_body (id bigint NOT NULL, part int NOT NULL, data longblob NOT NULL,"
            f" PRIMARY KEY (id, part)) {_TABLE}",
            "CREATE TABLE IF NOT EXISTS saltern_upload (id bigint NOT NULL PRIMARY KEY, begun double NOT NULL)"
            f" {_TABLE}",
        )
    ),
    # Exports follow all jobs together by the cursor.
    Step(("CREATE INDEX seq ON saltern_outcome (seq)",)),
    # What failed within a time is looked for by that time.
    Step(("ALTER TABLE saltern_outcome DROP KEY state, ADD KEY state (state, changed)",)),
)

_HAS_META = "SELECT 1 FROM information_schema.tables WHERE table_name = 'saltern_meta' AND table_schema = DATABASE()"

_OUTCOME_COLUMNS = (
    "job", "minion", "state", "seq", "changed", "started", "retcode", "success", "size", "note", "body",
)  # fmt: skip
_UPDATE = " ON DUPLICATE KEY UPDATE started = COALESCE(VALUES(started), started), " + ", ".join(
    f"{column} = VALUES({column})" for column in _OUTCOME_COLUMNS[2:] if column != "started"
)


async def open_mysql(address: ServerAddress) -> TableJobStore:
    """Connect, bring the tables to the newest version, and try them out; `StoreError` says what lacks."""
    driver("asyncmy", "mysql")

    async def connect(patience: float | None) -> MysqlSession:
        return await MysqlSession.connect(address, patience)

    session = await connect(None)  # to bring large tables to a newer version takes its time
    try:
        ((packet, engine),) = await session.fetch(
            "SELECT @@max_allowed_packet, (SELECT support FROM information_schema.engines WHERE engine = 'InnoDB')"
        )
        if int(packet) < _LEAST_PACKET:
            raise StoreError(
                about(address, f"max_allowed_packet is {packet}, less than {_LEAST_PACKET}"),
                hint="set max_allowed_packet=16M in the server's configuration",
            )
        if engine not in ("YES", "DEFAULT"):
            raise StoreError(about(address, "the server has no InnoDB tables"))
        await prepare(session, address, STEPS, _HAS_META)
    finally:
        await session.close()
    return TableJobStore(address, connect)


class MysqlSession:
    """See `jobs.server.session.Session`; batches go in as statements of many rows.

    A statement is given up after `patience` seconds, together with the connection.
    """

    def __init__(self, connection: Any, address: ServerAddress, patience: float | None) -> None:
        self._connection = connection
        self._address = address
        self._patience = patience

    @classmethod
    async def connect(cls, address: ServerAddress, patience: float | None) -> MysqlSession:
        import asyncmy
        import asyncmy.errors

        try:
            async with asyncio.timeout(max(_LEAST_CONNECT, address.timeout)):
                connection = await asyncmy.connect(**_parameters(address), read_timeout=patience)
        except TimeoutError as error:
            raise ConnectionBroken(unanswered(address, address.timeout)) from error
        except (asyncmy.errors.MySQLError, OSError, EOFError, RuntimeError, ssl.SSLError) as error:
            # RuntimeError: the server ended the connection before the library had taken hold of its socket.
            raise ConnectionBroken(about(address, error)) from error
        return cls(connection, address, patience)

    async def begin(self) -> None:
        await self.execute("BEGIN")

    async def commit(self) -> None:
        await self.execute("COMMIT")

    async def rollback(self) -> None:
        await self.execute("ROLLBACK")

    async def fetch(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        async with self._faults(), self._connection.cursor() as cursor:
            await cursor.execute(statement, tuple(values) or None)
            return list(await cursor.fetchall())

    async def execute(self, statement: str, values: Sequence[Any] = ()) -> None:
        async with self._faults(), self._connection.cursor() as cursor:
            await cursor.execute(statement, tuple(values) or None)

    async def insert(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        for some in self._statements(rows):
            await self.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES {some}")  # noqa: S608  (names of ours, literals)

    async def update_outcomes(self, rows: Sequence[OutcomeWrite]) -> None:
        values = (
            (row.job, row.minion, write.state, row.seq, write.changed, write.started, write.retcode, write.success,
             write.size, write.note or None, row.body)
            for row in rows
            for write in (row.write,)
        )  # fmt: skip
        for some in self._statements(values):
            await self.execute(
                f"INSERT INTO saltern_outcome ({', '.join(_OUTCOME_COLUMNS)}) VALUES {some}{_UPDATE}"  # noqa: S608
            )

    async def add_to_jobs(self, rows: Sequence[Sequence[int]]) -> None:
        added = ", ".join(f"j.{column} = j.{column} + n.{column}" for column in GROWING)
        names = ("id", *GROWING)
        values = " UNION ALL ".join(
            "SELECT " + ", ".join(f"{value} AS {name}" for name, value in zip(names, row, strict=True)) for row in rows
        )
        await self.execute(f"UPDATE saltern_job j JOIN ({values}) n ON j.id = n.id SET {added}")  # noqa: S608

    async def lock(self, name: str) -> None:
        rows = await self.fetch("SELECT GET_LOCK(%s, 60)", (name,))
        if rows[0][0] != 1:
            raise ConnectionBroken(about(self._address, f"another master holds the lock {name!r}"))

    async def unlock(self, name: str) -> None:
        await self.rollback()
        await self.fetch("SELECT RELEASE_LOCK(%s)", (name,))

    async def close(self) -> None:
        self._connection.close()

    def _statements(self, rows: Iterable[Row]) -> Iterator[str]:
        """Rows as literals, as many in one text as one statement should carry."""
        texts: list[str] = []
        size = 0
        for row in rows:
            text = f"({','.join(map(self._literal, row))})"
            if texts and size + len(text) > _STATEMENT_BYTES:
                yield ",".join(texts)
                texts, size = [], 0
            texts.append(text)
            size += len(text)
        if texts:
            yield ",".join(texts)

    def _literal(self, value: Any) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, bytes):
            return f"x'{value.hex()}'"
        return str(int(value)) if isinstance(value, int) else str(self._connection.escape(value))

    @asynccontextmanager
    async def _faults(self) -> AsyncIterator[None]:
        import asyncmy.errors

        try:
            yield
        except (asyncmy.errors.MySQLError, OSError, RuntimeError, EOFError) as error:
            late = "read timeout" in str(error) and self._patience is not None
            told = unanswered(self._address, self._patience or 0) if late else about(self._address, error)
            number = error.args[0] if error.args else None
            if not isinstance(error, asyncmy.errors.MySQLError) or not self._connection.connected or number in _GONE:
                self._connection.close()
                raise ConnectionBroken(told) from error
            raise (StoreFull if number in _DISK_FULL else StoreError)(told) from error


def _parameters(address: ServerAddress) -> dict[str, Any]:
    where = {"unix_socket": address.host} if address.is_socket else {"host": address.host, "port": address.port or 3306}
    return {
        **where,
        "user": address.user,
        "password": address.password,
        "database": address.database,
        "charset": "utf8mb4",
        "autocommit": True,
        "connect_timeout": address.timeout,
        "init_command": "SET SESSION sql_mode = 'STRICT_ALL_TABLES', SESSION innodb_lock_wait_timeout = 30",
        "ssl": _context(address),
        "program_name": "saltern",
    }


def _context(address: ServerAddress) -> ssl.SSLContext | None:
    if not address.is_encrypted:
        return None
    context = ssl.create_default_context(cafile=address.tls_ca)
    if address.tls_cert is not None:
        context.load_cert_chain(address.tls_cert, address.tls_key)
    return context
