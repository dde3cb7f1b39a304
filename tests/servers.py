"""Real servers for tests: each its own throw-away instance on a free port, stopped by its pid.

A server that is not installed is an error on CI and for root (`make test` installs them); elsewhere the test is
skipped. `SALTERN_REDIS` names another program that is to stand for Redis (`valkey-server`).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import psutil
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

    @property
    def pid(self) -> int:
        assert self._process is not None, "it does not run"
        return self._process.pid

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait(_START_SECONDS)
        self._process = None

    def signal(self, number: int) -> None:
        """A signal to the server and all that it started."""
        process = psutil.Process(self.pid)
        for each in [process, *process.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.send_signal(number)

    def kill(self) -> None:
        """SIGKILL to the server and all that it started, which is gone when this returns."""
        if self._process is None:
            return
        with contextlib.suppress(psutil.NoSuchProcess):
            whole = [psutil.Process(self._process.pid), *psutil.Process(self._process.pid).children(recursive=True)]
            for each in whole:
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.kill()
            # A server of several processes cannot start again while one of them holds on to the memory they share.
            psutil.wait_procs(whole[1:], _START_SECONDS)
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


def _prepare(argv: list[str], **popen: Any) -> None:
    """Run what makes the files of a server; its words when it fails."""
    done = subprocess.run(argv, check=False, capture_output=True, text=True, **popen)
    if done.returncode:
        raise RuntimeError(f"{argv[0]} failed: {done.stdout}{done.stderr}")


def redis_server(folder: Path, *options: str) -> Throwaway:
    server = Server(free_port())
    argv = [program(os.environ.get("SALTERN_REDIS", "redis-server")), "--port", str(server.port)]
    argv += ["--bind", "127.0.0.1", "--dir", str(folder)]

    def answers(here: Server) -> None:
        import redis

        with redis.Redis(port=here.port, socket_timeout=2) as client:
            client.ping()

    return Throwaway([*argv, "--save", "", "--appendonly", "yes", *options], server, answers, folder / "redis.log")


def postgresql_server(folder: Path, *options: str) -> Throwaway:
    programs = sorted(str(path) for path in Path("/usr/lib/postgresql").glob("*/bin"))
    data, user = folder / "data", _as_user("postgres", folder)
    initdb = [program("initdb", *programs[-1:]), "-D", str(data), "-U", "salt", "-A", "trust", "--no-sync"]
    if not data.exists():
        _prepare(initdb, **user)
    server = Server(free_port(), "salt", "salt", "postgres")
    argv = [program("postgres", *programs[-1:]), "-D", str(data), "-p", str(server.port), "-h", "127.0.0.1"]

    def answers(here: Server) -> None:
        import psycopg

        address = {"host": "127.0.0.1", "port": here.port, "user": here.user, "dbname": here.database}
        psycopg.connect(**address, connect_timeout=2).close()

    # Shared memory as files of its own: a server that is killed leaves nothing in /dev/shm.
    argv += ["-k", str(folder), "-c", "dynamic_shared_memory_type=mmap", *options]
    return Throwaway(argv, server, answers, folder / "postgresql.log", **user)


def mariadb_server(folder: Path, *options: str) -> Throwaway:
    data, user = folder / "data", _as_user("mysql", folder)
    owner = str(user.get("user", ""))
    made = [program("mariadb-install-db"), "--no-defaults", f"--datadir={data}", "--skip-test-db"]
    made += ["--auth-root-authentication-method=normal"]
    if not data.exists():
        made += ["--innodb-use-native-aio=0", f"--tmpdir={folder}", *([f"--user={owner}"] if owner else [])]
    _prepare(made)
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
    argv += [f"--tmpdir={folder}"]
    # Without native AIO, of which the kernel has a bounded number for all servers on the machine.
    argv += [f"--init-file={setup}", "--innodb-use-native-aio=0", *options]

    def answers(here: Server) -> None:
        import pymysql

        pymysql.connect(
            host="127.0.0.1", port=here.port, user=here.user, password=here.password, database=here.database
        ).close()

    return Throwaway(argv, server, answers, folder / "mariadb.log", **user)


def memcached_server(folder: Path) -> Throwaway:
    server = Server(free_port())
    argv = [program("memcached"), "-p", str(server.port), "-l", "127.0.0.1", "-U", "0"]
    if os.geteuid() == 0:
        argv += ["-u", "nobody"]
    return Throwaway(argv, server, _accepts, folder / "memcached.log")


def etcd_server(folder: Path) -> Throwaway:
    server, peers = Server(free_port()), free_port()
    client, peer = f"http://127.0.0.1:{server.port}", f"http://127.0.0.1:{peers}"
    argv = [program("etcd"), "--data-dir", str(folder / "data"), "--listen-client-urls", client]
    argv += ["--advertise-client-urls", client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer]
    argv += ["--initial-cluster", f"default={peer}"]
    return Throwaway(argv, server, lambda here: _get(f"http://127.0.0.1:{here.port}/health"), folder / "etcd.log")


def nats_server(folder: Path) -> Throwaway:
    server = Server(free_port())
    argv = [program("nats-server"), "-a", "127.0.0.1", "-p", str(server.port), "-js", "-sd", str(folder)]
    return Throwaway(argv, server, _accepts, folder / "nats.log")


def influxdb_server(folder: Path) -> Throwaway:
    server = Server(free_port(), database="salt")
    config = folder / "influxdb.conf"
    config.write_text(
        f'reporting-disabled = true\nbind-address = "127.0.0.1:{free_port()}"\n'
        f'[meta]\ndir = "{folder}/meta"\n[data]\ndir = "{folder}/data"\nwal-dir = "{folder}/wal"\n'
        f'[http]\nbind-address = "127.0.0.1:{server.port}"\n[monitor]\nstore-enabled = false\n'
    )

    def answers(here: Server) -> None:
        _get(f"http://127.0.0.1:{here.port}/query?q=CREATE+DATABASE+salt", b"")

    return Throwaway([program("influxd"), "-config", str(config)], server, answers, folder / "influxdb.log")


def push_gateway(folder: Path) -> Throwaway:
    server = Server(free_port())
    argv = [program("prometheus-pushgateway"), f"--web.listen-address=127.0.0.1:{server.port}"]
    return Throwaway(argv, server, lambda here: _get(f"http://127.0.0.1:{here.port}/-/ready"), folder / "push.log")


def openldap_server(folder: Path, ldif: str) -> Throwaway:
    """A directory `dc=example,dc=com` with these entries."""
    port, data, settings = free_port(), folder / "data", folder / "slapd.conf"
    data.mkdir()
    name, password = "cn=admin,dc=example,dc=com", "admin-password"
    settings.write_text(
        "include /etc/ldap/schema/core.schema\ninclude /etc/ldap/schema/cosine.schema\n"
        "include /etc/ldap/schema/nis.schema\ninclude /etc/ldap/schema/inetorgperson.schema\n"
        "modulepath /usr/lib/ldap\nmoduleload back_mdb\n"
        f"pidfile {folder}/slapd.pid\ndatabase mdb\nsuffix dc=example,dc=com\nrootdn {name}\nrootpw {password}\n"
        f"directory {data}\nmaxsize 10485760\n"
    )
    (folder / "entries.ldif").write_text(ldif)
    _prepare([program("slapadd"), "-f", str(settings), "-l", str(folder / "entries.ldif")])
    argv = [program("slapd"), "-d", "0", "-f", str(settings), "-h", f"ldap://127.0.0.1:{port}"]
    return Throwaway(argv, Server(port, name, password), _accepts, folder / "log")


_RABBITMQ = "/usr/lib/rabbitmq/bin"


def rabbitmq_server(folder: Path, mapper: int) -> tuple[Throwaway, dict[str, str]]:
    """A RabbitMQ node `node<PORT>@localhost`, and the environment in which rabbitmqctl reaches it.

    Erlang nodes find each other by a port mapper, which the caller runs (`erlang_port_mapper`).
    """
    server, distribution = Server(free_port()), free_port()
    cookie = folder / ".erlang.cookie"
    cookie.write_text("of-the-tests")
    cookie.chmod(0o400)
    env = {
        "HOME": str(folder), "PATH": f"{_RABBITMQ}:{os.environ['PATH']}", "RABBITMQ_CONF_ENV_FILE": os.devnull,
        "RABBITMQ_NODENAME": f"node{server.port}@localhost", "ERL_EPMD_PORT": str(mapper), "LANG": "C.UTF-8",
        "ERL_EPMD_ADDRESS": "127.0.0.1", "RABBITMQ_NODE_PORT": str(server.port), "RABBITMQ_MNESIA_BASE": f"{folder}/db",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1", "RABBITMQ_DIST_PORT": str(distribution),
        "RABBITMQ_LOG_BASE": str(folder), "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/enabled_plugins",
        "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq", "RABBITMQ_PID_FILE": f"{folder}/pid",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 -kernel inet_dist_use_interface {127,0,0,1}",
    }  # fmt: skip
    program("rabbitmqctl")
    # Debian's own rabbitmqctl calls this one as another user, who has another home.
    ctl = [f"{_RABBITMQ}/rabbitmqctl", "--quiet", "await_startup", "--timeout", str(_START_SECONDS)]

    def answers(here: Server) -> None:
        _accepts(here)
        subprocess.run(ctl, check=True, capture_output=True, env={**os.environ, **env}, timeout=_START_SECONDS)

    started = {**os.environ, **env}
    return Throwaway([f"{_RABBITMQ}/rabbitmq-server"], server, answers, folder / "out.log", env=started), env


def erlang_port_mapper(folder: Path) -> Throwaway:
    server = Server(free_port())
    argv = [program("epmd"), "-address", "127.0.0.1", "-port", str(server.port)]
    return Throwaway(argv, server, _accepts, folder / "epmd.log")


def _accepts(server: Server) -> None:
    socket.create_connection(("127.0.0.1", server.port), 2).close()


def _get(url: str, body: bytes | None = None) -> bytes:
    with urllib.request.urlopen(url, data=body, timeout=2) as answer:
        data: bytes = answer.read()
        return data
