"""The job cache in PostgreSQL (13 or newer), which several masters may share."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from saltern.errors import StoreError, StoreFull
from saltern.jobs.rows import STATES
from saltern.jobs.server.address import ServerAddress
from saltern.jobs.server.faults import ConnectionBroken, about, driver, unanswered
from saltern.jobs.server.session import OutcomeWrite, Row
from saltern.jobs.server.store import TableJobStore
from saltern.jobs.server.tables import GROWING, Step, prepare

if TYPE_CHECKING:
    import psycopg

_DISK_FULL = ("53100", "53200")
_GONE = ("57P01", "57P02", "57P03", "25006")
"""Shut down, crashed, starting, and read-only after a failover: elsewhere or later it goes on."""

STEPS = (
    Step(
        (
            "CREATE TABLE saltern_meta (version int NOT NULL, seq bigint NOT NULL, last_job bigint NOT NULL,"
            " last_minion int NOT NULL, jobs bigint NOT NULL, bytes bigint NOT NULL)",
            "INSERT INTO saltern_meta VALUES (0, 0, 0, 0, 0, 0)",
            "CREATE TABLE saltern_writer (id text PRIMARY KEY, batch bigint NOT NULL, seen float8 NOT NULL)",
            'CREATE TABLE saltern_minion (id int PRIMARY KEY, name text COLLATE "C" NOT NULL UNIQUE)',
            'CREATE TABLE saltern_job (id bigint PRIMARY KEY, jid text COLLATE "C" NOT NULL UNIQUE,'
            " created float8 NOT NULL, fun text NOT NULL, tgt text NOT NULL, usr text NOT NULL,"
            " tagged smallint NOT NULL, bytes bigint NOT NULL, data bytea NOT NULL,"
            f" {', '.join(f'{state} int NOT NULL' for state in STATES)})",
            "CREATE INDEX saltern_job_created ON saltern_job (created, jid)",
            "CREATE TABLE saltern_outcome (job bigint NOT NULL, minion int NOT NULL, state smallint NOT NULL,"
            " seq bigint NOT NULL, changed bigint NOT NULL, started bigint, retcode bigint, success boolean,"
            " size bigint NOT NULL, note bytea, body bigint, PRIMARY KEY (job, minion)) WITH (fillfactor = 90)",
            "CREATE INDEX saltern_outcome_minion ON saltern_outcome (minion, job)",
            "CREATE INDEX saltern_outcome_open ON saltern_outcome (minion) WHERE state < 3",
            "CREATE INDEX saltern_outcome_end ON saltern_outcome (seq) WHERE state > 3",
            "CREATE TABLE saltern_body (id bigint NOT NULL, part int NOT NULL, data bytea NOT NULL,"
            " PRIMARY KEY (id, part))",
            "CREATE TABLE saltern_upload (id bigint PRIMARY KEY, begun float8 NOT NULL)",
        )
    ),
    # Exports follow all jobs together by the cursor.
    Step(("CREATE INDEX saltern_outcome_seq ON saltern_outcome (seq)",)),
    # What failed within a time is looked for by that time.
    Step(
        (
            "DROP INDEX saltern_outcome_end",
            "CREATE INDEX saltern_outcome_end ON saltern_outcome (changed, seq) WHERE state > 3",
        )
    ),
    # The planner prefers an index of the order in which rows lie, which one of two columns does not tell it.
    Step(
        (
            "DROP INDEX saltern_outcome_end",
            "CREATE INDEX saltern_outcome_end ON saltern_outcome (changed) WHERE state > 3",
            "CREATE INDEX saltern_outcome_end_job ON saltern_outcome (job) WHERE state > 3",
        )
    ),
)

_HAS_META = (
    "SELECT 1 FROM information_schema.tables WHERE table_name = 'saltern_meta' AND table_schema = current_schema()"
)

_TYPES = {
    **dict.fromkeys(("id", "job", "seq", "changed", "started", "retcode", "size", "bytes", "body"), "int8"),
    **dict.fromkeys(("minion", "part", *map(str, STATES)), "int4"),
    **dict.fromkeys(("state", "tagged"), "int2"),
    **dict.fromkeys(("jid", "fun", "tgt", "usr", "name"), "text"),
    **dict.fromkeys(("created", "begun"), "float8"),
    **dict.fromkeys(("data", "note"), "bytea"),
    "success": "bool",
}

_UPDATE = """
UPDATE saltern_outcome AS o SET state = n.state, seq = n.seq, changed = n.changed,
    started = coalesce(n.started, o.started), retcode = n.retcode, success = n.success, size = n.size,
    note = n.note, body = n.body
FROM unnest(%b::int8[], %b::int4[], %b::int2[], %b::int8[], %b::int8[], %b::int8[], %b::int8[], %b::bool[], %b::int8[],
    %b::bytea[], %b::int8[]) AS n (job, minion, state, seq, changed, started, retcode, success, size, note, body)
WHERE o.job = n.job AND o.minion = n.minion
"""


async def open_postgresql(address: ServerAddress) -> TableJobStore:
    """Connect, bring the tables to the newest version, and try them out; `StoreError` says what lacks."""
    driver("psycopg", "postgresql")

    async def connect(patience: float | None) -> PostgresqlSession:
        return await PostgresqlSession.connect(address, patience)

    session = await connect(None)  # to bring large tables to a newer version takes its time
    try:
        ((encoding,),) = await session.fetch("SHOW server_encoding")
        if encoding != "UTF8":
            raise StoreError(
                about(address, f"the database keeps texts as {encoding}, not as UTF8"),
                hint="CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0",
            )
        await prepare(session, address, STEPS, _HAS_META)
    finally:
        await session.close()
    return TableJobStore(address, connect)


class PostgresqlSession:
    """See `jobs.server.session.Session`; batches go in by COPY.

    A statement is given up after `patience` seconds, together with the connection.
    """

    def __init__(
        self, connection: psycopg.AsyncConnection[Row], address: ServerAddress, patience: float | None
    ) -> None:
        self._connection = connection
        self._address = address
        self._patience = patience
        self._given_up = False

    @classmethod
    async def connect(cls, address: ServerAddress, patience: float | None) -> PostgresqlSession:
        import psycopg

        try:
            connection = await psycopg.AsyncConnection.connect(autocommit=True, **_parameters(address))
            # Compiling a question takes longer than answering it.
            await connection.execute("SET jit = off")
        except psycopg.Error as error:
            raise ConnectionBroken(about(address, error)) from error
        return cls(connection, address, patience)

    async def begin(self) -> None:
        await self.execute("BEGIN")

    async def commit(self) -> None:
        await self.execute("COMMIT")

    async def rollback(self) -> None:
        await self.execute("ROLLBACK")

    async def fetch(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        async with self._faults():
            cursor = await self._connection.execute(statement.encode(), values or None)
            return await cursor.fetchall()

    async def execute(self, statement: str, values: Sequence[Any] = ()) -> None:
        async with self._faults():
            await self._connection.execute(statement.encode(), values or None)

    async def insert(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        kinds = [_TYPES[column] for column in columns]
        if table == "saltern_minion":
            kinds[0] = "int4"
        statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)".encode()
        async with self._faults(), self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types(kinds)
            for row in rows:
                await copy.write_row(row)

    async def update_outcomes(self, rows: Sequence[OutcomeWrite]) -> None:
        columns = list(
            zip(
                *(
                    (row.job, row.minion, write.state, row.seq, write.changed, write.started, write.retcode,
                     write.success, write.size, write.note or None, row.body)
                    for row in rows
                    for write in (row.write,)
                ),
                strict=True,
            )
        )  # fmt: skip
        await self.execute(_UPDATE, [list(column) for column in columns])

    async def add_to_jobs(self, rows: Sequence[Sequence[int]]) -> None:
        added = ", ".join(f"{column} = j.{column} + n.{column}" for column in GROWING)
        values = ", ".join(f"({', '.join(map(str, row))})" for row in rows)
        await self.execute(
            f"UPDATE saltern_job AS j SET {added} FROM (VALUES {values}) AS n (id, {', '.join(GROWING)})"  # noqa: S608
            " WHERE j.id = n.id"
        )

    async def lock(self, name: str) -> None:
        await self.fetch("SELECT pg_advisory_lock(hashtext(%s)::bigint)", (name,))

    async def unlock(self, name: str) -> None:
        await self.execute("ROLLBACK")
        await self.fetch("SELECT pg_advisory_unlock(hashtext(%s)::bigint)", (name,))

    async def close(self) -> None:
        await self._connection.close()

    @asynccontextmanager
    async def _faults(self) -> AsyncIterator[None]:
        import psycopg

        watch = None
        if self._patience is not None:
            watch = asyncio.get_running_loop().call_later(self._patience, self._give_up)
        try:
            yield
        except psycopg.Error as error:
            if self._given_up:
                raise ConnectionBroken(unanswered(self._address, self._patience or 0)) from error
            told = about(self._address, error)
            if self._connection.closed or error.sqlstate in _GONE:
                raise ConnectionBroken(told) from error
            raise (StoreFull if error.sqlstate in _DISK_FULL else StoreError)(told) from error
        finally:
            if watch is not None:
                watch.cancel()

    def _give_up(self) -> None:
        """End the connection under whoever waits for it: psycopg, when cancelled, waits for the server to agree."""
        self._given_up = True
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(self._connection.pgconn.socket)) as end:
            end.shutdown(socket.SHUT_RDWR)


def _parameters(address: ServerAddress) -> dict[str, Any]:
    seconds = max(2, round(address.timeout))
    given = {
        "host": address.host,
        "port": address.port or 5432,
        "user": address.user,
        "password": address.password,
        "dbname": address.database,
        "sslrootcert": address.tls_ca or ("system" if address.tls else None),
        "sslmode": "verify-full" if address.is_encrypted else None,
        "sslcert": address.tls_cert,
        "sslkey": address.tls_key,
        "application_name": "saltern",
        "connect_timeout": seconds,
        "tcp_user_timeout": seconds * 1000,
        "client_encoding": "utf8",
    }
    return {name: str(value) for name, value in given.items() if value not in (None, "")}
