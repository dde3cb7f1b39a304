"""Real servers for tests: each its own throw-away instance on a free port, stopped by its pid.

A server that is not installed is an error on CI and for root (`make test` installs them); elsewhere the test is
skipped.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

_START_SECONDS = 60


class Server(NamedTuple):
    """A running server: its port on 127.0.0.1, and how to connect."""

    port: int
    user: str = ""
    password: str = ""
    database: str = ""


class Throwaway:
    """One instance, which can be stopped, killed and started again on the same port and data."""

    def __init__(
        self, argv: list[str], server: Server, answers: Callable[[Server], Any], log: Path, **popen: Any
    ) -> None:
        self.server = server
        self._argv = argv
        self._answers = answers
        self._log = log
        self._popen = popen
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **self._popen
            )
        ends = time.monotonic() + _START_SECONDS
        while True:
            try:
                self._answers(self.server)
                return
            except Exception as error:
                if self._process.poll() is not None or time.monotonic() > ends:
                    raise RuntimeError(f"{self._argv[0]} does not answer: {error}\n{self._log.read_text()}") from error
                time.sleep(0.05)

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait(_START_SECONDS)
        self._process = None

    def kill(self) -> None:
        """SIGKILL to the server and all that it started."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(_START_SECONDS)
        self._process = None


def program(name: str, *more: str) -> str:
    """The path of a server's program, looked for in the usual directories and in `more`."""
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin", *more]))
    if found is None and not os.environ.get("CI") and os.geteuid() != 0:
        pytest.skip(f"{name} is not installed")
    assert found, f"{name} is not installed; `make servers` as root installs what the tests need"
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _as_user(name: str, folder: Path) -> Mapping[str, Any]:
    """Servers that refuse to run as root run as `name`, which gets the folder."""
    if os.geteuid() != 0:
        return {}
    subprocess.run(["chown", "-R", name, str(folder)], check=True)
    for parent in folder.parents:
        if not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o011)
    return {"user": name, "group": name, "extra_groups": []}


def redis_server(folder: Path, *options: str) -> Throwaway:
    server = Server(free_port())
    argv = [program("redis-server"), "--port", str(server.port), "--bind", "127.0.0.1", "--dir", str(folder)]

    def answers(here: Server) -> None:
        import redis

        with redis.Redis(port=here.port, socket_timeout=2) as client:
            client.ping()

    return Throwaway([*argv, "--save", "", "--appendonly", "yes", *options], server, answers, folder / "redis.log")


def postgresql_server(folder: Path, *options: str) -> Throwaway:
    programs = sorted(str(path) for path in Path("/usr/lib/postgresql").glob("*/bin"))
    data, user = folder / "data", _as_user("postgres", folder)
    initdb = [program("initdb", *programs[-1:]), "-D", str(data), "-U", "salt", "-A", "trust", "--no-sync"]
    subprocess.run(initdb, check=True, capture_output=True, **user)
    server = Server(free_port(), "salt", "salt", "postgres")
    argv = [program("postgres", *programs[-1:]), "-D", str(data), "-p", str(server.port), "-h", "127.0.0.1"]

    def answers(here: Server) -> None:
        import psycopg

        address = {"host": "127.0.0.1", "port": here.port, "user": here.user, "dbname": here.database}
        psycopg.connect(**address, connect_timeout=2).close()

    argv += ["-k", str(folder), *options]
    return Throwaway(argv, server, answers, folder / "postgresql.log", **user)


def mariadb_server(folder: Path, *options: str) -> Throwaway:
    data, user = folder / "data", _as_user("mysql", folder)
    owner = str(user.get("user", ""))
    made = [program("mariadb-install-db"), "--no-defaults", f"--datadir={data}", "--skip-test-db"]
    made += ["--auth-root-authentication-method=normal"]
    subprocess.run([*made, *([f"--user={owner}"] if owner else [])], check=True, capture_output=True)
    setup = folder / "setup.sql"
    setup.write_text(
        # One statement a line: the server reads this file by lines.
        "CREATE DATABASE IF NOT EXISTS salt CHARACTER SET utf8mb4;\n"
        "CREATE USER IF NOT EXISTS 'salt'@'localhost' IDENTIFIED BY 'salt';\n"
        "GRANT ALL PRIVILEGES ON *.* TO 'salt'@'localhost' WITH GRANT OPTION;\n"
    )
    server = Server(free_port(), "salt", "salt", "salt")
    argv = [program("mariadbd"), "--no-defaults", f"--datadir={data}", f"--port={server.port}"]
    argv += ["--bind-address=127.0.0.1", f"--socket={folder}/mysql.sock", f"--pid-file={folder}/mysql.pid"]
    argv += [f"--init-file={setup}", *options]

    def answers(here: Server) -> None:
        import pymysql

        pymysql.connect(
            host="127.0.0.1", port=here.port, user=here.user, password=here.password, database=here.database
        ).close()

    return Throwaway(argv, server, answers, folder / "mariadb.log", **user)
