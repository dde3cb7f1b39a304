"""The stores of jobs that the contract's suite runs against: each kind made anew, empty, on a real server."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import servers
from saltern.jobs.backends.memory import MemoryJobStore
from saltern.jobs.backends.mysql import open_mysql
from saltern.jobs.backends.postgresql import open_postgresql
from saltern.jobs.backends.redis import open_redis
from saltern.jobs.backends.sqlite import SqliteJobStore
from saltern.jobs.contract import JobStore
from saltern.jobs.server.address import ServerAddress

ON_SERVERS = ("postgresql", "mysql", "redis")
KINDS = ("memory", "sqlite", "sqlite by seq", *ON_SERVERS)
OPEN: dict[str, Callable[[ServerAddress], Awaitable[JobStore]]] = {
    "postgresql": open_postgresql,
    "mysql": open_mysql,
    "redis": open_redis,
}

MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
_numbers = itertools.count(1)
_running: dict[str, servers.Throwaway] = {}
_folders: list[tempfile.TemporaryDirectory[str]] = []


def server(kind: str) -> servers.Throwaway:
    """The server of a kind, started when it is first asked for and stopped by `stop_servers`."""
    if kind not in _running:
        # In memory where that is possible: the suite asks for thousands of commits.
        folder = tempfile.TemporaryDirectory(prefix=f"saltern-{kind}-", dir=MEMORY)
        _folders.append(folder)
        made = new_server(kind, Path(folder.name), durable=False)
        made.start()
        _running[kind] = made
    return _running[kind]


def new_server(kind: str, folder: Path, *, durable: bool = True) -> servers.Throwaway:
    """A server of its own, not started. One that is not durable is faster."""
    if kind == "postgresql":
        fast = [] if durable else ["-c", "fsync=off", "-c", "full_page_writes=off"]
        return servers.postgresql_server(folder, *fast, "-c", "client_min_messages=error", "-c", "max_connections=200")
    if kind == "mysql":
        fast = [] if durable else ["--innodb-flush-log-at-trx-commit=0"]
        return servers.mariadb_server(folder, *fast, "--innodb-log-file-size=64M")
    return servers.redis_server(folder, "--appendfsync", "always" if durable else "no")


def stop_servers() -> None:
    while _running:
        _, running = _running.popitem()
        running.kill()
    while _folders:
        _folders.pop().cleanup()


async def make_store(kind: str, directory: Path) -> JobStore:
    if kind == "memory":
        return MemoryJobStore()
    if kind.startswith("sqlite"):
        # Small partitions, so that the suite goes through several files.
        return SqliteJobStore(directory / "jobs", partition_bytes=20_000, by_seq=kind == "sqlite by seq")
    return await OPEN[kind](empty_database(kind))


def address_of(kind: str, running: servers.Throwaway, database: str = "") -> ServerAddress:
    """Where the store is on a server that runs."""
    at = running.server
    if kind == "redis":
        return ServerAddress(kind=kind, port=at.port, timeout=5.0)
    return ServerAddress(
        kind=kind, port=at.port, user=at.user, password=at.password, database=database or at.database, timeout=5.0
    )


def empty_database(kind: str, running: servers.Throwaway | None = None) -> ServerAddress:
    """A database in which nothing is, on the shared server or on one that runs."""
    running = running or server(kind)
    at, name = running.server, f"jobs{os.getpid()}_{next(_numbers)}"
    if kind == "redis":
        import redis

        with redis.Redis(port=at.port) as client:
            client.flushall()
    elif kind == "postgresql":
        # A new database takes a second, a new schema milliseconds.
        name = at.database
        run_sql(kind, at, "DROP SCHEMA IF EXISTS public CASCADE", "CREATE SCHEMA public")
    else:
        run_sql(kind, at, f"CREATE DATABASE {name}")
    return address_of(kind, running, name)


def run_sql(kind: str, at: servers.Server, *statements: str, database: str = "") -> list[Any]:
    """Statements as the owner of the server; the rows of the last one."""
    connection: Any
    if kind == "postgresql":
        import psycopg

        connection = psycopg.connect(
            host="127.0.0.1", port=at.port, user=at.user, dbname=database or at.database, autocommit=True
        )
    else:
        import pymysql

        connection = pymysql.connect(
            host="127.0.0.1", port=at.port, user=at.user, password=at.password, database=database or at.database,
            autocommit=True,
        )  # fmt: skip
    with closing(connection), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []
