"""A database that can fail in every way, and a load on the master that does not wait for it.

Used by the fault tests and, for minutes instead of seconds, by `python -m bench --only outage`.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from fault_lab import Network
from lab import Lab

import servers

KINDS = ("pgjsonb", "mysql", "redis")
"""Returners, each with a server of its own."""
FAULTS = ("killed", "frozen", "stopped", "restarted", "cut", "disk full")
_ROOM = {"pgjsonb": 160, "mysql": 260, "redis": 40}
"""MiB of the disk of a server."""
_CUT_SECONDS, _RESTART_SECONDS = 0.15, 1.0


class Database:
    """A server on a disk of its own, behind a network that can be cut. Use it as a context manager."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        self._folder = folder
        make = {"pgjsonb": servers.postgresql_server, "mysql": servers.mariadb_server, "redis": servers.redis_server}
        # A server that says "written" before it is cannot be held to it after a kill.
        options = {
            # Without autovacuum rows lie in the order of writing.
            "pgjsonb": ("-c", "max_wal_size=32MB", "-c", "autovacuum=off"),
            "mysql": (),
            "redis": ("--appendfsync", "always", "--auto-aof-rewrite-percentage", "0"),
        }
        self.server = make[kind](folder, *options[kind])
        self.server.start()
        self.network = Network(self.server.server.port)

    def __enter__(self) -> Database:
        self.network.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.network.__exit__()
        self.server.kill()

    def options(self) -> dict[str, Any]:
        """The options by which the returner finds the server, through the network."""
        where = {"host": "127.0.0.1", "port": self.network.port}
        if self.kind == "redis":
            return {"redis": where}
        here = self.server.server
        where |= {"user": here.user, "pass": here.password, "db": here.database}
        return {"mysql" if self.kind == "mysql" else "returner.pgjsonb": where}

    def record_options(self) -> dict[str, Any]:
        """The options by which a master keeps its record in it, through the network."""
        here = self.server.server
        given = {
            "job_store": {"pgjsonb": "postgresql"}.get(self.kind, self.kind),
            "job_store_port": self.network.port,
            "job_store_user": here.user,
            "job_store_password": here.password,
            "job_store_database": here.database,
        }
        return {name: value for name, value in given.items() if value}

    @contextlib.contextmanager
    def fault(self, name: str) -> Iterator[None]:
        """While the block runs the server is not well."""
        if name == "killed":
            self.server.kill()
            yield
            self.server.start()
        elif name == "stopped":
            self.server.stop(signal.SIGINT if self.kind == "pgjsonb" else signal.SIGTERM)
            yield
            self.server.start()
        elif name == "frozen":
            self.server.signal(signal.SIGSTOP)
            try:
                yield
            finally:
                self.server.signal(signal.SIGCONT)
        elif name == "restarted":
            with repeated(self._restart, _RESTART_SECONDS):
                yield
        elif name == "cut":
            with repeated(self.network.cut, _CUT_SECONDS):
                yield
        else:
            with self._full_disk():
                yield
            with contextlib.suppress(Exception):
                self.server.kill()  # one that gave up on its disk has to be started again anyway
            self.server.start()

    def rows(self) -> list[tuple[str, str]]:
        """Job and minion of each row, in the order of writing."""
        here = self.server.server
        if self.kind == "redis":
            return self._fields()
        if self.kind == "mysql":
            import pymysql

            connection: Any = pymysql.connect(
                host="127.0.0.1", port=here.port, user=here.user, password=here.password, database=here.database
            )
            order = ""
        else:
            import psycopg

            connection = psycopg.connect(host="127.0.0.1", port=here.port, user=here.user, dbname=here.database)
            order = " ORDER BY ctid"
        with contextlib.closing(connection):
            cursor = connection.cursor()
            cursor.execute(f"SELECT jid, id FROM salt_returns{order}")
            return [(str(jid), str(minion)) for jid, minion in cursor.fetchall()]

    def _fields(self) -> list[tuple[str, str]]:
        """The fields of the hashes of returns, in the order in which Redis wrote them to its file."""
        import redis

        with redis.Redis(port=self.server.server.port, decode_responses=True) as client:
            keys = list(client.scan_iter(match="ret:*", count=1000))
            found = [(key.removeprefix("ret:"), minion) for key in keys for minion in client.hkeys(key)]
        order = {key: place for place, key in enumerate(_written(self._folder))}
        return sorted(found, key=order.__getitem__)

    def _restart(self) -> None:
        self.server.kill()
        self.server.start()

    @contextlib.contextmanager
    def _full_disk(self) -> Iterator[None]:
        filler = self._folder / "filler"
        ended = threading.Event()

        def fill() -> None:
            # Again and again: what the server frees meanwhile, it shall not have.
            with filler.open("wb", buffering=0) as file:
                while not ended.is_set():
                    try:
                        file.write(b"\0" * (1 << 16))
                    except OSError:
                        ended.wait(0.05)

        thread = threading.Thread(target=fill)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            filler.unlink()


def _written(folder: Path) -> Iterator[tuple[str, str]]:
    """Job and minion of each `HSETNX ret:JID MINION ...` in the append-only files of a Redis, in their order."""
    for path in sorted((folder / "appendonlydir").glob("*.incr.aof")):
        pieces = iter(path.read_bytes().split(b"\r\n"))
        for word in pieces:
            if word.lower() == b"hsetnx":
                _, key, _, minion = (next(pieces) for _ in range(4))
                yield key.decode().removeprefix("ret:"), minion.decode()


@contextlib.contextmanager
def database_of(kind: str, folder: Path, fault: str, *, room: int = 1) -> Iterator[Database]:
    """A server that can have this fault: one whose disk is to be full needs a disk of its own (and root).

    `room` times the usual size is that of the disk.
    """
    with contextlib.ExitStack() as stack:
        if fault == "disk full":
            stack.enter_context(small_disk(folder, _ROOM[kind] * room))
        yield stack.enter_context(Database(kind, folder))


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A disk of that size at the folder. Only for root."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def repeated(action: Callable[[], None], seconds: float) -> Iterator[None]:
    """While the block runs, do something every so many seconds; what it raises is raised at the end."""
    ended = threading.Event()
    raised: list[Exception] = []

    def work() -> None:
        while not ended.wait(seconds):
            try:
                action()
            except Exception as error:
                raised.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    if raised:
        raise raised[0]


class Load:
    """Jobs to all minions at a steady pace, until it is closed; `refused` holds what the master said instead.

    `size` bytes of arguments are with each.
    """

    def __init__(self, lab: Lab, jobs_a_second: float, size: int = 0) -> None:
        self._lab = lab
        self._arguments = ["x" * size] if size else []
        self._every = 1 / jobs_a_second
        self._ended = threading.Event()
        self.jids: list[str] = []
        self.refused: list[str] = []
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> Load:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _work(self) -> None:
        due = time.monotonic()
        while not self._ended.wait(max(0.0, due - time.monotonic())):
            # A master that was slow gets what it missed, but no more than a second of it.
            due = max(due + self._every, time.monotonic() - 1)
            try:
                self.jids.append(self._lab.ask("publish", tgt="*", fun="test.ping", arg=self._arguments)["jid"])
            except Exception as error:
                self.refused.append(f"{type(error).__name__}: {error}")


def status(lab: Lab) -> dict[str, Any]:
    """How the one export of the master stands."""
    (row,) = lab.ask("exports")["exports"]
    return dict(row)


def settled(lab: Lab) -> bool:
    """Whether all jobs have ended, and everything on record has arrived."""
    if lab.ask("outcomes", query={"states": ["queued", "sent", "running"], "limit": 1})["outcomes"]:
        return False
    row = status(lab)
    return bool(row["waiting"] == 0 and not row["error"])


def recorded(lab: Lab) -> list[tuple[str, str]]:
    """Job and minion of each return, in the order of the record."""
    found: list[tuple[str, str]] = []
    after = 0
    while True:
        query = {"after": after, "limit": 5000, "states": ["returned", "failed"]}
        page = lab.ask("outcomes", query=query)["outcomes"]
        if not page:
            return found
        # The jobs of runners have a return as well, and are exported as all others are.
        found += [(outcome["jid"], outcome["minion"]) for outcome in page]
        after = page[-1]["seq"]


def by_job(rows: list[tuple[str, str]]) -> dict[str, list[str]]:
    """The minions of each job, in their order."""
    found = defaultdict(list)
    for jid, minion in rows:
        found[jid].append(minion)
    return dict(found)
