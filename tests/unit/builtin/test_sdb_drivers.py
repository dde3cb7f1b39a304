"""Drivers of sdb: real servers of etcd, memcached and Redis, and services over HTTP that speak as the real ones do."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from shipped import Shipped

import web_stores
from servers import etcd_server, memcached_server, redis_server

pytestmark = pytest.mark.behaviour("SDB-01", "SDB-04")


@pytest.fixture(scope="module")
def etcd(tmp_path_factory):
    server = etcd_server(tmp_path_factory.mktemp("etcd"))
    server.start()
    yield server.server
    server.stop()


@pytest.fixture(params=["memcached", "redis"])
def store(request, tmp_path):
    server = memcached_server(tmp_path) if request.param == "memcached" else redis_server(tmp_path)
    server.start()
    port = server.server.port
    profiles = {
        "memcached": {"driver": "memcached", "memcached.host": "127.0.0.1", "memcached.port": port},
        "redis": {"driver": "redis", "host": "127.0.0.1", "port": port, "db": 1},
    }
    yield profiles[request.param]
    server.stop()


def check(minion: Shipped, key: str, value: str = "grün & blau") -> None:
    """A driver keeps, tells and forgets values."""
    uri = f"sdb://mine/{key}"
    assert minion.call("sdb.get", uri) is None
    assert minion.call("sdb.set", uri, value)
    assert minion.call("sdb.get", uri) == value
    assert minion.call("sdb.set", uri, "other")
    assert minion.call("sdb.get", uri) == "other"
    assert minion.call("sdb.delete", uri) is True
    assert minion.call("sdb.get", uri) is None


def test_servers(store, tmp_path):
    minion = Shipped(tmp_path, mine=store)
    check(minion, "colour")
    made = minion.call("sdb.get_or_set_hash", "sdb://mine/secret", 20)
    assert len(made) == 20
    assert minion.call("sdb.get_or_set_hash", "sdb://mine/secret", 20) == made


def test_memcached_forgets_in_time_and_refuses_strange_keys(tmp_path):
    server = memcached_server(tmp_path)
    server.start()
    try:
        place = {"driver": "memcached", "memcached.host": "127.0.0.1", "memcached.port": server.server.port}
        minion = Shipped(tmp_path, mine={**place, "expire": 1})
        assert minion.call("sdb.set", "sdb://mine/a", "b") is True
        ends = time.monotonic() + 30
        while minion.call("sdb.get", "sdb://mine/a") is not None:
            assert time.monotonic() < ends
            time.sleep(0.2)
        assert "at most 250 bytes" in minion.outcome("sdb.get", "sdb://mine/a b").value
    finally:
        server.stop()
    assert "memcached at 127.0.0.1" in minion.outcome("sdb.get", "sdb://mine/a").value


def test_etcd(etcd, tmp_path):
    minion = Shipped(tmp_path, mine={"driver": "etcd", "etcd.host": "127.0.0.1", "etcd.port": etcd.port})
    check(minion, "salt/colour")


def test_consul(tmp_path):
    with web_stores.consul("t0ken") as store:
        place = {"driver": "consul", "host": "127.0.0.1", "port": store.port}
        check(Shipped(tmp_path, mine={**place, "token": "t0ken"}), "salt/colour")
        refused = Shipped(tmp_path, mine=place).outcome("sdb.get", "sdb://mine/x").value
        assert refused == "ERROR: Consul did not tell x: 403 Permission denied"


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("login", ["token", "approle"])
def test_vault(tmp_path, version, login):
    role = {"role_id": "r", "secret_id": "s"}
    auth = {"token": {"token": "t0ken"}, "approle": {"method": "approle", **role}}[login]
    with web_stores.vault("t0ken", role, version) as store:
        minion = Shipped(tmp_path, mine={"driver": "vault"}, vault={"url": store.url, "auth": auth})
        check(minion, "secret/app/colour")
        minion.call("sdb.set", "sdb://mine/secret/app/a", "1")
        minion.call("sdb.set", "sdb://mine/secret/app?b", "2")
        assert minion.call("sdb.get", "sdb://mine/secret/app/a") == "1"
        assert minion.call("sdb.get", "sdb://mine/secret/app/b") == "2"
        wrong = Shipped(tmp_path, mine={"driver": "vault", "url": store.url, "auth": {"token": "x"}})
        refused = wrong.outcome("sdb.get", "sdb://mine/secret/app/a").value
        assert refused == "ERROR: Vault did not tell the secret: permission denied"


def test_couchdb(tmp_path):
    with web_stores.couchdb("u", "p") as store:
        place = {"driver": "couchdb", "url": store.url, "database": "salt", "user": "u"}
        check(Shipped(tmp_path, mine={**place, "password": "p"}), "colour")
        assert "401" in Shipped(tmp_path, mine=place).outcome("sdb.get", "sdb://mine/x").value


def test_a_web_service(tmp_path):
    with web_stores.site() as store:
        urls = {"user": {"url": f"{store.url}/user/{{{{ name }}}}"}, "gone": {"url": f"{store.url}/gone"}}
        minion = Shipped(tmp_path, mine={"driver": "rest", "urls": urls})
        assert minion.call("sdb.get", "sdb://mine/user?name=ann")["path"] == "/user/ann"
        sent = minion.call("sdb.set", "sdb://mine/user?name=bob", {"a": 1})
        assert sent == {"method": "POST", "path": "/user/bob", "body": {"a": 1}}
        assert minion.outcome("sdb.get", "sdb://mine/gone").value == f"ERROR: {store.url}/gone: 410"


@pytest.mark.behaviour("CFG-06")
def test_options_of_the_configuration(tmp_path):
    (tmp_path / "minion").write_text(
        f"id: m1\nroot_dir: {tmp_path}\nfile_client: local\nvalues: {{driver: yaml, files: [{tmp_path}/values.yaml]}}\n"
        "password: sdb://values/db:password\nservers: [{host: a, key: 'sdb://values/db:user'}]\nother: sdb://nosuch/x\n"
    )
    (tmp_path / "values.yaml").write_text("db: {password: hunter22, user: ann}\n")
    for key, value in {
        "password": "hunter22",
        "servers": [{"host": "a", "key": "ann"}],
        "other": "sdb://nosuch/x",
    }.items():
        command = ["saltern", "call", "--local", "-c", str(tmp_path), "--out", "json", "config.get", key]
        done = subprocess.run(
            [Path(sys.executable).with_name("saltern"), *command[1:]], capture_output=True, check=True
        )
        assert json.loads(done.stdout) == {"local": value}
