"""Returners keep jobs where Salt's users look for them: one suite for all, against real servers."""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
import socket
import sqlite3
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shipped

import servers
from mongo_service import MongoService
from saltern.plugin_api import CommandExecutionError, job_tables
from saltern.plugin_api.errors import StoreUnwellError
from web_services import Bucket, Couch, Elastic

JID = "20261126080000000001"
NEXT = "20261126090000000002"
OLD = "20161221104423776776"
STORES = (
    "sqlite3", "redis", "mysql", "postgres", "pgjsonb", "multi_returner", "etcd", "memcache", "influxdb",
    "elasticsearch", "s3", "couchdb", "mongo",
)  # fmt: skip
WEB = ("elasticsearch", "s3", "couchdb", "mongo")
TABLES = ("sqlite3", "mysql", "postgres", "pgjsonb")


def load_of(jid: str, **fields: Any) -> dict[str, Any]:
    return {"cmd": "publish", "jid": jid, "fun": "test.echo", "arg": ["é"], "tgt": "*", "tgt_type": "glob",
            "user": "root", "ret": "", **fields}  # fmt: skip


def return_of(minion: str, jid: str = JID, **fields: Any) -> dict[str, Any]:
    return {"id": minion, "jid": jid, "fun": "test.echo", "fun_args": ["é"], "return": "é\0'\"\\ 猫", "retcode": 0,
            "success": True, **fields}  # fmt: skip


@pytest.fixture(scope="session")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Starts a server when a store first needs it; the options by which a returner finds it."""
    running: dict[str, servers.Throwaway] = {}
    makers = {
        "redis": servers.redis_server, "mysql": servers.mariadb_server, "pg": servers.postgresql_server,
        "etcd": servers.etcd_server, "memcache": servers.memcached_server, "influxdb": servers.influxdb_server,
    }  # fmt: skip

    def options(store: str) -> dict[str, Any]:
        kind = "pg" if store in ("postgres", "pgjsonb") else store
        if kind not in running:
            running[kind] = makers[kind](tmp_path_factory.mktemp(kind))
            running[kind].start()
        server = running[kind].server
        where = {"host": "127.0.0.1", "port": server.port}
        if kind in ("mysql", "pg"):
            where |= {"user": server.user, "pass": server.password, "db": server.database}
        return {f"returner.{store}" if kind == "pg" else store: where}

    yield options
    for server in running.values():
        server.stop()


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, addresses: Any, tmp_path: Path) -> Iterator[Any]:
    name = request.param
    file = {"sqlite3.database": str(tmp_path / "salt.db")}
    opts = file if name in ("sqlite3", "multi_returner") else {}
    if name == "multi_returner":
        opts = file | addresses("redis") | {"multi_returner": ["sqlite3", "redis"]}
    elif name not in ("sqlite3", *WEB):
        opts = addresses(name)
    with contextlib.ExitStack() as stack:
        if name == "elasticsearch":
            opts = {"elasticsearch.hosts": [stack.enter_context(Elastic()).address]}
        elif name == "s3":
            bucket = stack.enter_context(Bucket("history", "AK", "secret"))
            keys = {"bucket": "history", "access_key": "AK", "secret_key": "secret"}
            opts = {"returner.s3": {"endpoint": bucket.url, **keys}}
        elif name == "couchdb":
            opts = {"couchdb.url": stack.enter_context(Couch()).url}
        elif name == "mongo":
            opts = {"mongo": {"host": "127.0.0.1", "port": stack.enter_context(MongoService()).port}}
        made = shipped.Shipped(tmp_path, **opts)
        yield Store(made, name)
        made.space.close()
        clear(name, made)


class Store:
    """The functions of one returner."""

    def __init__(self, made: shipped.Shipped, name: str) -> None:
        self.name = name
        self.space = made.space
        self.opts = made.space.scope.opts
        self._table = made.space.table("returners")

    def __getattr__(self, function: str) -> Any:
        return self._table[f"{self.name}.{function}"]


def clear(name: str, made: shipped.Shipped) -> None:
    """Empty a server that the next test uses too."""
    if name in ("redis", "multi_returner"):
        import redis

        with redis.Redis(port=made.opts["redis"]["port"]) as client:
            client.flushdb()
    elif name in ("etcd", "memcache", "influxdb"):
        empty(name, made.opts[name]["port"])
    elif name in TABLES and name != "sqlite3":
        with connected(name, made.opts) as connection:
            for table in ("jids", "salt_returns", "salt_events"):
                connection.cursor().execute(f"DROP TABLE IF EXISTS {table}")
                connection.cursor().execute(f"DROP TABLE IF EXISTS {table}_archive")
            connection.commit()


def empty(name: str, port: int) -> None:
    """Empty a server that is no database of tables, in its own words."""
    if name == "memcache":
        with socket.create_connection(("127.0.0.1", port)) as stream:
            stream.sendall(b"flush_all\r\n")
            assert stream.recv(100) == b"OK\r\n"
    elif name == "etcd":
        everything = json.dumps({"key": "AA==", "range_end": "AA=="}).encode()
        urllib.request.urlopen(f"http://127.0.0.1:{port}/v3/kv/deleterange", everything).close()
    else:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/query?db=salt&q=DROP+SERIES+FROM+/.*/", b"").close()


def connected(name: str, opts: dict[str, Any]) -> Any:
    """A connection to the tables, past the returner."""
    if name == "sqlite3":
        return sqlite3.connect(opts["sqlite3.database"])
    where = opts[name] if name == "mysql" else opts[f"returner.{name}"]
    if name == "mysql":
        import pymysql

        return pymysql.connect(host=where["host"], port=where["port"], user="salt", password="salt", database="salt")
    import psycopg

    return psycopg.connect(host=where["host"], port=where["port"], user="salt", dbname="postgres")


def rows(store: Store, statement: str) -> list[tuple[Any, ...]]:
    with connected(store.name, store.opts) as connection:
        cursor = connection.cursor()
        cursor.execute(statement)
        connection.commit()
        return list(cursor.fetchall()) if cursor.description else []


@pytest.mark.behaviour("RET-06", "RET-08")
def test_a_job_and_its_returns_come_back_as_they_were(store: Store):
    store.save_load(JID, load_of(JID))
    store.returner(return_of("m1"))
    store.returner(return_of("m2", **{"return": {"a": [1, None, True]}, "retcode": 2, "success": False}))

    assert store.get_load(JID) == load_of(JID)
    found = store.get_jid(JID)
    # PostgreSQL has no place for NUL in JSON.
    text = return_of("m1")["return"].replace("\0", "\ufffd" if store.name == "pgjsonb" else "\0")
    assert found == {
        "m1": return_of("m1", **{"return": text}),
        "m2": return_of("m2", **{"return": {"a": [1, None, True]}, "retcode": 2, "success": False}),
    }
    assert store.get_load("20200101000000000000") == {}
    assert store.get_jid("20200101000000000000") == {}


@pytest.mark.behaviour("RET-06")
def test_a_load_that_is_stored_twice_stays_as_it_was_first(store: Store):
    store.save_load(JID, load_of(JID))
    store.save_load(JID, load_of(JID, fun="test.ping"))

    assert store.get_load(JID)["fun"] == "test.echo"


@pytest.mark.behaviour("RET-06", "MJC-08")
def test_jobs_are_listed_as_the_jobs_runner_shows_them(store: Store):
    store.save_load(JID, load_of(JID))
    store.save_load(NEXT, load_of(NEXT, fun="saltutil.find_job"))

    assert store.get_jids() == {
        JID: {
            "Function": "test.echo", "Arguments": ["é"], "Target": "*", "Target-type": "glob", "User": "root",
            "StartTime": "2026, Nov 26 08:00:00.000001",
        },
        NEXT: {
            "Function": "saltutil.find_job", "Arguments": ["é"], "Target": "*", "Target-type": "glob", "User": "root",
            "StartTime": "2026, Nov 26 09:00:00.000002",
        },
    }  # fmt: skip


@pytest.mark.behaviour("MJC-04")
@pytest.mark.parametrize("store", [name for name in STORES if name != "multi_returner"], indirect=True)
def test_a_return_that_comes_again_is_stored_once(store: Store):
    store.returner(return_of("m1"))
    store.returner(return_of("m1", **{"return": "another"}))
    store.returner_many([return_of("m1"), return_of("m2"), return_of("m2"), return_of("m1", NEXT)])

    found = store.get_jid(JID)
    assert (sorted(found), sorted(store.get_jid(NEXT))) == (["m1", "m2"], ["m1"])
    assert found["m1"]["return"][0] == "é"
    if store.name in TABLES:
        assert len(rows(store, "SELECT jid FROM salt_returns")) == 3


@pytest.mark.behaviour("MJC-04", "RET-06")
@pytest.mark.parametrize("store", [*TABLES, "redis", "multi_returner"], indirect=True)
def test_loads_and_returns_of_several_jobs_are_stored_at_once_and_once(store: Store):
    loads = [{"jid": jid, "load": load_of(jid), "minions": ["m1", "m2"]} for jid in (JID, NEXT)]
    rets = [return_of(minion, jid) for jid in (JID, NEXT) for minion in ("m1", "m2")]
    store.store_many(loads[:1], rets[:1])
    # Sent again with what came behind it, because nobody knew whether it had arrived.
    store.store_many([*loads, {**loads[0], "load": load_of(JID, fun="test.ping")}], [*rets, rets[0]])
    store.store_many([], [])

    assert {jid: shown["Function"] for jid, shown in store.get_jids().items()} == dict.fromkeys(
        (JID, NEXT), "test.echo"
    )
    for jid in (JID, NEXT):
        assert {minion: ret["return"][0] for minion, ret in store.get_jid(jid).items()} == {"m1": "é", "m2": "é"}
    if store.name in TABLES:
        assert sorted(rows(store, "SELECT jid, id FROM salt_returns")) == [(ret["jid"], ret["id"]) for ret in rets]


@pytest.mark.behaviour("RET-06")
@pytest.mark.parametrize("store", ["mysql", "postgres", "pgjsonb"], indirect=True)
def test_of_a_batch_that_is_refused_nothing_is_stored(store: Store):
    store.returner(return_of("m0"))
    with pytest.raises(Exception, match="too long") as caught:
        store.store_many(
            [{"jid": JID, "load": load_of(JID), "minions": []}], [return_of("m1"), return_of("m2", "9" * 300)]
        )

    assert type(caught.value).__name__ == "ReturnRefusedError"
    assert rows(store, "SELECT id FROM salt_returns") == [("m0",)]
    assert rows(store, "SELECT jid FROM jids") == []


@pytest.mark.parametrize("store", TABLES, indirect=True)
def test_a_function_with_a_long_name_is_stored(store: Store):
    store.returner(return_of("m1", fun=["test.echo"] * 20, fun_args=[["a"]] * 20))

    assert store.get_jid(JID)["m1"]["fun"] == ["test.echo"] * 20


@pytest.mark.parametrize("store", ["mysql"], indirect=True)
def test_what_the_database_will_never_take_is_refused(store: Store):
    with pytest.raises(Exception, match="too long") as caught:
        store.returner(return_of("m1", jid="9" * 300))

    assert type(caught.value).__name__ == "ReturnRefusedError"


def test_a_jid_is_given_or_kept(store: Store):
    assert store.prep_jid(passed_jid=JID) == JID
    assert len(store.prep_jid()) == 20


@pytest.mark.parametrize("store", [name for name in STORES if name != "multi_returner"], indirect=True)
def test_the_last_return_of_each_minion_for_a_function(store: Store):
    store.returner(return_of("m1"))
    store.returner(return_of("m1", NEXT))
    store.returner(return_of("m2"))
    store.returner(return_of("m2", NEXT, fun="test.ping"))

    assert {minion: ret["jid"] for minion, ret in store.get_fun("test.echo").items()} == {"m1": NEXT, "m2": JID}
    assert store.get_minions() == ["m1", "m2"]
    assert store.get_jids_filter(5) == []


@pytest.mark.parametrize("store", [name for name in STORES if name != "multi_returner"], indirect=True)
def test_the_newest_jobs_without_the_questions_of_commands(store: Store):
    for number, fun in ((1, "test.ping"), (2, "saltutil.find_job"), (3, "cmd.run"), (4, "test.echo")):
        jid = f"2026112608000000000{number}"
        store.save_load(jid, load_of(jid, fun=fun))

    assert [row["Function"] for row in store.get_jids_filter(2)] == ["cmd.run", "test.echo"]
    assert [row["JID"][-1] for row in store.get_jids_filter(3, filter_find_job=False)] == ["2", "3", "4"]


@pytest.mark.behaviour("RET-11", "RET-12", "RET-14", "RET-16")
@pytest.mark.parametrize("store", TABLES, indirect=True)
def test_the_tables_are_those_that_other_tools_know(store: Store):
    store.save_load(JID, load_of(JID))
    store.returner(return_of("m1", **{"return": {"a": 1}}))

    load_column = "`load`" if store.name == "mysql" else "load"
    ((jid, load),) = rows(store, f"SELECT jid, {load_column} FROM jids")
    ((fun, of, minion, full, success),) = rows(store, "SELECT fun, jid, id, full_ret, success FROM salt_returns")
    assert (jid, as_value(load)) == (JID, load_of(JID))
    assert (fun, of, minion, as_value(full)) == ("test.echo", JID, "m1", return_of("m1", **{"return": {"a": 1}}))
    assert str(success).lower() in ("true", "1")


def as_value(column: Any) -> Any:
    return json.loads(column) if isinstance(column, str) else column


@pytest.mark.behaviour("RET-07", "RET-11", "RET-12")
@pytest.mark.parametrize("store", ["mysql", "postgres", "pgjsonb"], indirect=True)
def test_events_are_rows_with_tag_data_and_master(store: Store):
    events = [{"tag": "salt/auth", "data": {"id": "m1"}}, {"tag": "salt/key", "data": {"act": "accept"}}]
    store.event_return(events[:1])
    # Sent again, because nobody knew whether it had arrived.
    store.event_return(events)

    found = rows(store, "SELECT tag, data, master_id FROM salt_events ORDER BY id")
    assert [(tag, as_value(data), master) for tag, data, master in found] == [
        ("salt/auth", {"id": "m1"}, "m1"),
        ("salt/key", {"act": "accept"}, "m1"),
    ]


@pytest.mark.behaviour("RET-13")
@pytest.mark.parametrize("archive", [False, True])
@pytest.mark.parametrize("store", TABLES, indirect=True)
def test_what_is_old_is_dropped_or_archived(store: Store, archive: bool):
    for jid in (OLD, NEXT):
        store.save_load(jid, load_of(jid))
        store.returner(return_of("m1", jid))
    column = "date" if store.name == "sqlite3" else "alter_time"
    rows(store, f"UPDATE salt_returns SET {column} = '2020-01-02 03:04:05' WHERE jid = '{OLD}'")
    store.opts["keep_jobs_seconds"] = 3600
    store.opts["archive_jobs"] = archive

    with fresh(store) as again:
        again.clean_old_jobs()
        assert set(again.get_jids()) == {NEXT}
        assert again.get_jid(OLD) == {}
    if archive:
        assert rows(store, "SELECT jid FROM jids_archive") == [(OLD,)]
        assert rows(store, "SELECT jid FROM salt_returns_archive") == [(OLD,)]


@pytest.mark.behaviour("RET-13")
@pytest.mark.parametrize("store", TABLES, indirect=True)
def test_jobs_are_dropped_some_at_a_time_by_whatever_name_they_have(store: Store, monkeypatch: pytest.MonkeyPatch):
    jids = [OLD, *(f"2016122110442377{number:04d}" for number in range(7)), "deploy-1", "release"]
    for jid in [*jids, NEXT]:
        store.save_load(jid, load_of(jid))
        store.returner(return_of("m1", jid))
    column = "date" if store.name == "sqlite3" else "alter_time"
    rows(store, f"UPDATE salt_returns SET {column} = '2020-01-02 03:04:05' WHERE jid <> '{NEXT}'")
    store.returner(return_of("late", "release"))
    store.opts["keep_jobs_seconds"] = 3600
    monkeypatch.setattr(job_tables, "_SLICE", 0.0)
    monkeypatch.setattr(job_tables, "_JOBS_AT_ONCE", 4)

    with fresh(store) as again:
        steps = [again.clean_some_old_jobs() for _ in range(4)]

        assert steps == [True, True, True, False]
        assert set(again.get_jids()) == {NEXT, "release"}
        assert set(again.get_jid("release")) == {"m1", "late"}


@pytest.mark.behaviour("RET-13")
@pytest.mark.parametrize("store", [name for name in TABLES if name != "sqlite3"], indirect=True)
def test_old_events_are_dropped(store: Store):
    store.event_return([{"tag": f"old/{number}", "data": {}} for number in range(5)])
    rows(store, "UPDATE salt_events SET alter_time = '2020-01-02 03:04:05'")
    store.event_return([{"tag": "new", "data": {}}])
    store.opts["keep_jobs_seconds"] = 3600

    with fresh(store) as again:
        again.clean_old_jobs()

    assert rows(store, "SELECT tag FROM salt_events") == [("new",)]


@pytest.mark.parametrize("store", ["postgres", "pgjsonb", "sqlite3"], indirect=True)
def test_what_no_return_is_to_blame_for_is_told_apart(store: Store):
    """A database that may be read only, as one does whose disk is full or that is a copy."""
    store.returner(return_of("m1"))
    if store.name == "sqlite3":
        with fresh(store) as other, sqlite3.connect(store.opts["sqlite3.database"]) as lock:
            other.opts["sqlite3.timeout"] = 0.1
            lock.execute("BEGIN EXCLUSIVE")
            with pytest.raises(StoreUnwellError, match="locked"):
                other.returner(return_of("m2"))
        return
    rows(store, "ALTER ROLE CURRENT_USER SET default_transaction_read_only = on")
    try:
        with fresh(store) as other, pytest.raises(StoreUnwellError, match="read-only transaction"):
            other.returner(return_of("m2"))
    finally:
        rows(store, "SET TRANSACTION READ WRITE; ALTER ROLE CURRENT_USER RESET default_transaction_read_only")


@pytest.mark.parametrize("store", ["mysql"], indirect=True)
def test_writers_do_not_wait_for_the_clean_up_of_a_large_history(store: Store):
    """A deletion by a subquery over 20,000 returns took MariaDB minutes, with locks on all rows."""
    store.save_load(JID, load_of(JID))
    many = "seq_1_to_20000"  # MariaDB's engine of sequences
    rows(store, f"INSERT INTO jids SELECT 20161221000000000000 + seq, '{{}}' FROM {many}")
    rows(
        store,
        "INSERT INTO salt_returns (fun, jid, `return`, id, success, full_ret, alter_time)"
        f" SELECT 'test.ping', 20161221000000000000 + seq, 'true', 'm1', '1', '{{}}', '2020-01-02' FROM {many}",
    )
    store.returner(return_of("m1"))
    store.opts["keep_jobs_seconds"] = 3600
    done = threading.Event()

    def clean() -> None:
        with fresh(store) as other:
            other.clean_old_jobs()
        done.set()

    cleaning = threading.Thread(target=clean)
    cleaning.start()
    written = 0
    while not done.wait(0.05):
        written += 1
        store.save_load(f"{NEXT}{written}", load_of(NEXT))
        store.returner(return_of("m1", f"{NEXT}{written}"))
        assert written < 2000, "the clean-up takes minutes"
    cleaning.join()
    assert rows(store, "SELECT count(*) FROM salt_returns") == [(written + 1,)]
    assert rows(store, "SELECT count(*) FROM jids") == [(written + 1,)]


@contextlib.contextmanager
def fresh(store: Store) -> Iterator[Store]:
    """The same store in a space of its own, with the options as they are now."""
    made = shipped.Shipped(Path("/nonexistent"), **store.opts)
    with made.space:
        yield Store(made, store.name)


@pytest.mark.behaviour("RET-09")
def test_a_returner_is_known_by_the_name_that_it_gives_itself(tmp_path: Path):
    """The file of `redis` is `redis_return.py`, that of `slack` is `slack_returner.py`."""
    table = shipped.Shipped(tmp_path).space.table("returners")

    for name, file in (("redis", "redis_return"), ("slack", "slack_returner"), ("sqlite3", "sqlite3_return")):
        assert f"{name}.returner" in table
        assert f"{file}.returner" not in table


@pytest.mark.behaviour("RET-15")
class Gate:
    """A way to a server that keeps back what follows the first bytes, until it is opened."""

    def __init__(self, port: int, first: int) -> None:
        self._server = ("127.0.0.1", port)
        self._first = first
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.opened = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # it is closed
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(self._server)
                threading.Thread(target=self._pass, args=(client, server, True), daemon=True).start()
                threading.Thread(target=self._pass, args=(server, client, False), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, guarded: bool) -> None:
        passed = 0
        with source, target, contextlib.suppress(OSError):
            while data := source.recv(4096):
                if guarded and passed >= self._first:
                    self.opened.wait(20)
                target.sendall(data)
                passed += len(data)

    def close(self) -> None:
        self.opened.set()
        self._listening.close()


@pytest.mark.behaviour("RET-15")
@pytest.mark.parametrize("store", ["redis"], indirect=True)
def test_a_redis_that_refuses_the_first_of_a_batch_takes_none_of_it(store: Store, tmp_path: Path):
    import redis

    rets = [return_of(f"m{number:03}", **{"return": "x" * 200}) for number in range(300)]
    port = store.opts["redis"]["port"]
    with redis.Redis(port=port) as client, contextlib.closing(Gate(port, first=20_000)) as gate:
        through = Store(shipped.Shipped(tmp_path / "gate", redis={"host": "127.0.0.1", "port": gate.port}), "redis")
        client.config_resetstat()
        client.config_set("min-replicas-to-write", 1)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            written = pool.submit(through.store_many, [], rets)
            ends = time.monotonic() + 20
            while "errorstat_NOREPLICAS" not in client.info("errorstats"):
                assert time.monotonic() < ends and not written.done()
                time.sleep(0.01)
            client.config_set("min-replicas-to-write", 0)
            gate.opened.set()
            with pytest.raises(CommandExecutionError):
                written.result(20)
        assert client.hlen(f"ret:{JID}") == 0
        through.store_many([], rets)
        assert client.hlen(f"ret:{JID}") == 300


@pytest.mark.parametrize("store", ["redis"], indirect=True)
def test_the_keys_of_redis_are_those_that_other_tools_know(store: Store):
    import redis

    store.save_load(JID, load_of(JID))
    store.returner(return_of("m1"))

    with redis.Redis(port=store.opts["redis"]["port"], decode_responses=True) as client:
        assert sorted(client.keys()) == [f"load:{JID}", "m1:test.echo", "minions", f"ret:{JID}"]
        assert json.loads(client.hget(f"ret:{JID}", "m1")) == return_of("m1")
        assert client.get("m1:test.echo") == JID
        assert client.smembers("minions") == {"m1"}
        assert 0 < client.ttl(f"ret:{JID}") <= 86_400
        assert 0 < client.ttl(f"load:{JID}") <= 86_400
        client.delete(f"load:{JID}")
        store.clean_old_jobs()
        assert not client.exists(f"ret:{JID}")


@pytest.mark.behaviour("RET-04")
@pytest.mark.parametrize("name", ["redis", "mysql", "postgres", "pgjsonb"])
def test_a_server_that_is_not_there_is_named(tmp_path: Path, name: str):
    prefix = f"returner.{name}" if name in ("postgres", "pgjsonb") else name
    made = shipped.Shipped(tmp_path, **{f"{prefix}.host": "127.0.0.1", f"{prefix}.port": servers.free_port()})

    with pytest.raises(Exception, match=f"The returner {name} cannot") as caught:
        made.space.table("returners")[f"{name}.returner"](return_of("m1"))

    assert type(caught.value).__name__ == "CommandExecutionError"


@pytest.mark.behaviour("RET-02", "RET-05")
@pytest.mark.parametrize(
    ("ret", "file"),
    [
        ({}, "plain.json"),
        ({"ret_config": "alt"}, "alternative.json"),
        ({"ret_config": "nested"}, "nested.json"),
        ({"ret_config": "unknown"}, "plain.json"),
        ({"ret_config": "alt", "ret_kwargs": {"filename": "given.json"}}, "given.json"),
    ],
)
def test_the_options_of_a_returner_are_found_in_salts_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ret: dict[str, Any], file: str
):
    monkeypatch.chdir(tmp_path)
    made = shipped.Shipped(
        tmp_path,
        pillar={"rawfile_json": {"filename": "plain.json"}, "alt.rawfile_json.filename": "alternative.json"},
        nested={"rawfile_json": {"filename": "nested.json"}},
    )

    made.space.table("returners")["rawfile_json.returner"](return_of("m1", **ret))

    (line,) = (tmp_path / file).read_text().splitlines()
    assert json.loads(line)["id"] == "m1"


@pytest.mark.behaviour("RET-10")
def test_raw_files_hold_a_document_a_line(tmp_path: Path):
    made = shipped.Shipped(tmp_path, **{"rawfile_json.filename": str(tmp_path / "raw.json")})
    table = made.space.table("returners")

    table["rawfile_json.returner"](return_of("m1"))
    table["rawfile_json.event_return"]([{"tag": "a", "data": {}}, {"tag": "b", "data": {"x": "line\nbreak"}}])

    lines = [json.loads(line) for line in (tmp_path / "raw.json").read_text().splitlines()]
    assert lines == [return_of("m1"), {"tag": "a", "data": {}}, {"tag": "b", "data": {"x": "line\nbreak"}}]


@pytest.mark.behaviour("RET-10")
def test_the_local_returner_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    shipped.Shipped(tmp_path).space.table("returners")["local.returner"](return_of("m1"))

    assert "'id': 'm1'" in capsys.readouterr().out


@pytest.mark.behaviour("RET-10")
def test_a_name_that_syslog_does_not_know_is_named(tmp_path: Path):
    made = shipped.Shipped(tmp_path, **{"syslog.level": "LOUD"})

    with pytest.raises(Exception, match="'LOUD'"):
        made.space.table("returners")["syslog.returner"](return_of("m1"))


def test_a_returner_that_fails_keeps_no_other_from_its_work(tmp_path: Path):
    made = shipped.Shipped(
        tmp_path,
        **{"rawfile_json.filename": "/nonexistent/raw.json", "sqlite3.database": str(tmp_path / "salt.db")},
        multi_returner=["rawfile_json", "sqlite3"],
    )
    table = made.space.table("returners")

    with pytest.raises(Exception, match="rawfile_json"):
        table["multi_returner.returner"](return_of("m1"))

    assert table["sqlite3.get_jid"](JID) == {"m1": return_of("m1")}
