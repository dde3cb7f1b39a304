"""As `test_predictions`, for the states that speak to a server: each has a throw-away one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cases_servers as tables
import psycopg
import pymysql
import pytest
import redis
from docker_engine_of_tests import Engine
from places import Keys, Policy, Root, Served, Ufw, Volumes, Zones
from quota_tools import make_quota_tools
from test_firewalld import firewalld
from test_lvm import loop_device
from test_npm import Registry
from transcript import DATA, entries_of
from trial_index import TrialIndex
from trials import Case, Place, try_case

import web_stores
from job_stores import MEMORY
from servers import (
    Server,
    erlang_port_mapper,
    mariadb_server,
    postgresql_server,
    program,
    rabbitmq_server,
    redis_server,
)
from throwaway_root import in_network_namespace, in_throwaway_root

pytestmark = [pytest.mark.behaviour("TST-01"), pytest.mark.timeout(300)]


def cases(table: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", table, ids=str)


# --- databases ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mysql() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        throwaway = mariadb_server(Path(folder))
        throwaway.start()
        yield throwaway.server
        throwaway.stop()


def in_mysql(server: Server, *statements: str) -> list[Any]:
    connection = pymysql.connect(host="127.0.0.1", port=server.port, user="salt", password="salt", autocommit=True)
    with connection, connection.cursor() as cursor:
        answers = []
        for statement in statements:
            cursor.execute(statement)
            answers.append(cursor.fetchall())
        return answers


@pytest.mark.xdist_group("mysql")
@cases(tables.MYSQL)
def test_mysql(case: Case, mysql: Server, tmp_path: Path):
    in_mysql(mysql, "DROP DATABASE IF EXISTS shop", "DROP USER IF EXISTS eve@localhost")
    shown = ("SELECT schema_name, default_collation_name FROM information_schema.schemata", "SELECT * FROM mysql.user",
             "SELECT * FROM mysql.db")  # fmt: skip
    login = {"mysql.host": "127.0.0.1", "mysql.port": mysql.port, "mysql.user": "salt", "mysql.pass": "salt"}
    try_case(case, Served(tmp_path, lambda: in_mysql(mysql, *shown), **login, **{"mysql.db": "mysql"}))


@pytest.fixture(scope="module")
def postgres() -> Iterator[tuple[Server, Path]]:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        throwaway = postgresql_server(Path(folder))
        throwaway.start()
        yield throwaway.server, Path(folder)
        throwaway.stop()


def dump_of_postgres(server: Server) -> str:
    (newest,) = sorted(str(path) for path in Path("/usr/lib/postgresql").glob("*/bin"))[-1:]
    argv = [program("pg_dumpall", newest), "-h", "127.0.0.1", "-p", str(server.port), "-U", "salt"]
    lines = subprocess.run(argv, check=True, capture_output=True, text=True).stdout.splitlines()
    return "\n".join(line for line in lines if not line.startswith(("--", "\\restrict", "\\unrestrict")))


@pytest.mark.xdist_group("postgres")
@cases(tables.POSTGRES)
def test_postgres(case: Case, postgres: tuple[Server, Path], tmp_path: Path):
    server, folder = postgres
    with psycopg.connect(host="127.0.0.1", port=server.port, user="salt", dbname="postgres", autocommit=True) as open_:
        for statement in tables.CLEAN_POSTGRES:
            open_.execute(statement)
    owner = "postgres" if os.geteuid() == 0 else ""
    with tempfile.TemporaryDirectory(dir=folder) as data:
        Path(data).chmod(0o777)
        Path(data, "space").mkdir(mode=0o777)
        if owner:
            shutil.chown(Path(data, "space"), owner)
        login = {"host": "127.0.0.1", "port": server.port, "user": "salt", "maintenance_db": "postgres"}
        place = Served(
            tmp_path,
            lambda: (dump_of_postgres(server), sorted(os.listdir(data))),
            {"@DATA@": data, "@RUNAS@": owner},
            **{f"postgres.{key}": value for key, value in login.items()},
        )
        try_case(case, place)
        with psycopg.connect(host="127.0.0.1", port=server.port, user="salt", dbname="postgres", autocommit=True) as on:
            for statement in tables.CLEAN_POSTGRES:
                on.execute(statement)


@pytest.fixture(scope="module")
def redis_of_tests(tmp_path_factory) -> Iterator[Server]:
    throwaway = redis_server(tmp_path_factory.mktemp("redis"))
    throwaway.start()
    yield throwaway.server
    throwaway.stop()


@cases(tables.REDIS)
def test_redis(case: Case, redis_of_tests: Server, tmp_path: Path):
    with redis.Redis(port=redis_of_tests.port) as client:
        client.flushall()

        def dump() -> Any:
            return {key: (client.get(key), client.ttl(key) > 0) for key in client.scan_iter()}

        login = {"redis.host": "127.0.0.1", "redis.port": redis_of_tests.port}
        try_case(case, Served(tmp_path, dump, **login))


@pytest.fixture(scope="module")
def rabbitmq(tmp_path_factory) -> Iterator[dict[str, str]]:
    mapper = erlang_port_mapper(tmp_path_factory.mktemp("epmd"))
    mapper.start()
    throwaway, env = rabbitmq_server(tmp_path_factory.mktemp("rabbitmq"), mapper.server.port)
    throwaway.start()
    yield env
    throwaway.kill()
    mapper.stop()


def definitions_of_rabbitmq() -> dict[str, Any]:
    """All that the server holds, but for its version; each list by the names in it."""
    ctl = ["rabbitmqctl", "--quiet", "export_definitions", "-", "--format", "json"]
    told = json.loads(subprocess.run(ctl, check=True, capture_output=True, text=True).stdout)
    lists = {key: sorted(value, key=json.dumps) for key, value in told.items() if isinstance(value, list)}
    enabled = Path(os.environ["RABBITMQ_ENABLED_PLUGINS_FILE"])
    return {**lists, "plugins": enabled.read_text() if enabled.exists() else ""}


CLEAN_RABBITMQ = {
    "users": ["delete_user", "eve"],
    "vhosts": ["delete_vhost", "shop"],
    "policies": ["clear_policy", "short"],
    "parameters": ["clear_parameter", "federation-upstream", "up"],
}


@pytest.mark.xdist_group("rabbitmq")
@cases(tables.RABBITMQ)
def test_rabbitmq(case: Case, rabbitmq: dict[str, str], tmp_path: Path, monkeypatch):
    for name, value in rabbitmq.items():
        monkeypatch.setenv(name, value)
    held = definitions_of_rabbitmq()
    for kind, words in CLEAN_RABBITMQ.items():
        if words[-1] in {entry["name"] for entry in held[kind]}:
            subprocess.run(["rabbitmqctl", "--quiet", *words], check=True, capture_output=True)
    node = rabbitmq["RABBITMQ_NODENAME"].partition("@")[0]
    try_case(case, Served(tmp_path, definitions_of_rabbitmq, {"@NODE@": node}))


# --- processes and containers -----------------------------------------------------------------------------------------


@cases(tables.SUPERVISORD)
def test_supervisord(case: Case, tmp_path: Path):
    control = program("supervisorctl")
    place = Served(tmp_path, lambda: status())
    conf = str(place.work / "sv.conf")

    def status() -> list[str]:
        done = subprocess.run([control, "-c", conf, "status"], check=False, capture_output=True, text=True)
        return [" ".join(line.split()[:4]) for line in done.stdout.splitlines()]

    try:
        place.shell(entries_of("supervisord_of_salt")[0]["sh"])
        ends = time.monotonic() + 60
        while not any("RUNNING" in line for line in status()):
            assert time.monotonic() < ends
            time.sleep(0.1)
        try_case(case, place)
    finally:
        subprocess.run([control, "-c", conf, "shutdown"], check=False, capture_output=True)


@cases(tables.DOCKER)
def test_docker(case: Case, tmp_path: Path):
    with Engine(tmp_path / "docker.sock") as engine:
        engine.registry = {"busybox:latest": "sha256:aaa", "site/web:1.0": "sha256:bbb"}
        held = ("images", "containers", "networks", "volumes")
        place = Served(tmp_path, lambda: repr([getattr(engine, one) for one in held]), **{"docker.url": engine.url})
        try_case(case, place)
        place.minion.space.close()


@cases(tables.HTTP)
def test_http(case: Case, tmp_path: Path):
    def answer(method, path, query, body, headers):
        return (200, {"ok": True}) if path == "/ok" else (404, {"error": "Not found"})

    store = web_stores.Store(answer)
    with store:
        try_case(case, Place(tmp_path, {"@URL@": store.url}))


# --- packages of languages, keys --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def index(tmp_path_factory) -> TrialIndex:
    made = TrialIndex(tmp_path_factory.mktemp("index"))
    for version in ("1.0", "1.1", "2.0"):
        made.add("tru-pkg", version)
    return made


def make_environment(place: Path) -> None:
    """An environment that shares pip with the tests: to install pip anew takes long."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
    (packages,) = place.glob("lib/python*/site-packages")
    ours = Path(sysconfig.get_path("purelib"))
    for one in [ours / "pip", *ours.glob("pip-*.dist-info")]:
        shutil.copytree(one, packages / one.name)
    (place / "bin" / "pip").write_text(f'#!/bin/sh\nexec {place}/bin/python -m pip "$@"\n')
    (place / "bin" / "pip").chmod(0o755)


@cases(tables.PIP)
def test_pip(case: Case, index: TrialIndex, tmp_path: Path, monkeypatch):
    for name, value in {
        "PIP_CONFIG_FILE": "/dev/null", "PIP_INDEX_URL": index.url, "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    place = Place(tmp_path, {"@VENV@": f"{tmp_path}/work/venv"})
    if case.fun.startswith("pip."):
        make_environment(place.work / "venv")
    try_case(case, place)


@cases(tables.NPM)
def test_npm(case: Case, tmp_path: Path, monkeypatch):
    program("npm")
    registry = Registry()
    with registry.store:
        registry.add("one", "1.0.0")
        registry.add("one", "2.0.0")
        for name, value in {
            "registry": registry.store.url, "cache": f"{tmp_path}/npm-cache", "audit": "false",
            "update_notifier": "false",
        }.items():  # fmt: skip
            monkeypatch.setenv(f"npm_config_{name}", value)
        try_case(case, Place(tmp_path))


@pytest.fixture(scope="module")
def ann(tmp_path_factory) -> Iterator[dict[str, str]]:
    """A key, as a file and by its number. The path of an agent's socket may be no longer than 108 characters."""
    home = tmp_path_factory.mktemp("g") / "a"
    home.mkdir(mode=0o700)
    gpg = [program("gpg"), "--homedir", str(home), "--batch", "--yes"]
    new = ["--pinentry-mode", "loopback", "--passphrase", "", "--quick-gen-key", "Ann <ann@x.y>", "rsa2048"]
    subprocess.run([*gpg, *new], check=True, capture_output=True)
    subprocess.run([*gpg, "--armor", "--output", str(home / "ann.asc"), "--export"], check=True, capture_output=True)
    listed = subprocess.run([*gpg, "--list-keys", "--with-colons"], check=True, capture_output=True, text=True).stdout
    fingerprint = next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr"))
    yield {"@ANN@": str(home / "ann.asc"), "@KEYID@": fingerprint[-16:]}
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)


@cases(tables.GPG)
def test_gpg(case: Case, ann: dict[str, str], tmp_path: Path):
    place = Keys(tmp_path, ann)
    try:
        try_case(case, place)
    finally:
        subprocess.run(["gpgconf", "--homedir", str(place.work / "keys"), "--kill", "all"], check=False)


@cases(tables.QUOTA)
def test_quota(case: Case, tmp_path: Path, monkeypatch):
    program("setquota")
    place = Place(tmp_path)
    monkeypatch.setenv("PATH", f"{make_quota_tools(place.work / 'kernel')}:{os.environ['PATH']}")
    try_case(case, place)


# --- devices and zones ------------------------------------------------------------------------------------------------


# The devices of a throw-away root are those of the machine: one group of volumes at a time.
@pytest.mark.xdist_group("lvm")
@cases(tables.LVM)
@in_throwaway_root
def test_lvm(case: Case, tmp_path: Path):
    program("pvcreate")
    with loop_device(tmp_path / "image") as device:
        try_case(case, Volumes(tmp_path, device, tmp_path / "image"))


@pytest.mark.xdist_group("lvm")
@cases(tables.BLOCKDEV)
@in_throwaway_root
def test_blockdev(case: Case, tmp_path: Path):
    with loop_device(tmp_path / "image") as device:
        try_case(case, Volumes(tmp_path, device, tmp_path / "image"))


@cases(tables.GEM)
@in_throwaway_root
def test_gem(case: Case, tmp_path: Path):
    program("gem")
    try_case(case, Root(tmp_path))


@cases(tables.SELINUX)
@in_throwaway_root
def test_selinux(case: Case, tmp_path: Path):
    program("semanage")
    place = Policy(tmp_path)
    shutil.copy(DATA / "selinux_policy.cil", place.work / "policy.cil")
    place.shell(entries_of("selinux_of_salt")[0]["sh"])
    try_case(case, place)


@cases(tables.FIREWALLD)
@in_network_namespace
@in_throwaway_root
def test_firewalld(case: Case, tmp_path: Path):
    with firewalld(tmp_path):
        try_case(case, Zones(tmp_path))


@cases(tables.UFW)
@in_network_namespace
@in_throwaway_root
def test_ufw(case: Case, tmp_path: Path):
    program("ufw")
    try_case(case, Ufw(tmp_path))
