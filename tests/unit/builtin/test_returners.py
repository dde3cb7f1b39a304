"""Returners keep jobs where Salt's users look for them: one suite for all, against real servers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shipped

import servers

JID = "20261126080000000001"
NEXT = "20261126090000000002"
STORES = ("sqlite3", "redis", "mysql", "postgres", "pgjsonb", "multi_returner")
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
    makers = {"redis": servers.redis_server, "mysql": servers.mariadb_server, "pg": servers.postgresql_server}

    def options(store: str) -> dict[str, Any]:
        kind = "pg" if store in ("postgres", "pgjsonb") else store
        if kind not in running:
            running[kind] = makers[kind](tmp_path_factory.mktemp(kind))
            running[kind].start()
        server = running[kind].server
        where = {"host": "127.0.0.1", "port": server.port}
        if kind != "redis":
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
    elif name != "sqlite3":
        opts = addresses(name)
    made = shipped.Shipped(tmp_path, **opts)
    yield Store(made, name)
    clear(name, made)


class Store:
    """The functions of one returner."""

    def __init__(self, made: shipped.Shipped, name: str) -> None:
        self.name = name
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
    elif name != "sqlite3":
        with connected(name, made.opts) as connection:
            for table in ("jids", "salt_returns", "salt_events"):
                connection.cursor().execute(f"DROP TABLE IF EXISTS {table}")
                connection.cursor().execute(f"DROP TABLE IF EXISTS {table}_archive")
            connection.commit()


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
    store.event_return([{"tag": "salt/auth", "data": {"id": "m1"}}, {"tag": "salt/key", "data": {"act": "accept"}}])

    found = rows(store, "SELECT tag, data, master_id FROM salt_events ORDER BY id")
    assert [(tag, as_value(data), master) for tag, data, master in found] == [
        ("salt/auth", {"id": "m1"}, "m1"),
        ("salt/key", {"act": "accept"}, "m1"),
    ]


@pytest.mark.behaviour("RET-13")
@pytest.mark.parametrize("archive", [False, True])
@pytest.mark.parametrize("store", TABLES, indirect=True)
def test_what_is_old_is_dropped_or_archived(store: Store, archive: bool):
    for jid in (JID, NEXT):
        store.save_load(jid, load_of(jid))
        store.returner(return_of("m1", jid))
    column = "date" if store.name == "sqlite3" else "alter_time"
    rows(store, f"UPDATE salt_returns SET {column} = '2020-01-02 03:04:05' WHERE jid = '{JID}'")
    store.opts["keep_jobs_seconds"] = 3600
    store.opts["archive_jobs"] = archive

    fresh(store).clean_old_jobs()

    assert set(store.get_jids()) == {NEXT}
    assert store.get_jid(JID) == {}
    if archive:
        assert rows(store, "SELECT jid FROM jids_archive") == [(JID,)]
        assert rows(store, "SELECT jid FROM salt_returns_archive") == [(JID,)]


def fresh(store: Store) -> Store:
    """The same store in a space of its own, with the options as they are now."""
    made = shipped.Shipped(Path("/nonexistent"), **store.opts)
    return Store(made, store.name)


@pytest.mark.behaviour("RET-15")
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
