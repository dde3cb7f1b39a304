"""External pillars that read files, URLs and databases; each database is a real one."""

from __future__ import annotations

import base64
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from asked import asked

from saltern.plugin_api.errors import MinionError
from saltern.plugin_api.sql_pillar import sql_pillar
from servers import Throwaway, etcd_server, mariadb_server, postgresql_server, redis_server
from web_stores import Store, vault

pytestmark = pytest.mark.behaviour("PIL-08")

SIX = [
    ("a", "b", "c", "d", "e", 1), ("a", "b", "c", "f", "g", 2),
    ("a", "z", "h", "y", "j", 3), ("a", "z", "h", "y", "k", 4),
]  # fmt: skip


def rows(query: Any, found: list[tuple[Any, ...]] | None = None) -> dict[str, Any]:
    given = SIX if found is None else found
    names = [f"c{number}" for number in range(len(given[0]))]
    return sql_pillar("m1", [query], {}, lambda _text, _minion: (names, given))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {"a": {"b": {"c": {"d": {"e": 1}, "f": {"g": 2}}}, "z": {"h": {"y": {"j": 3, "k": 4}}}}}),
        ({"with_lists": "1,3"}, {"a": [{"c": [{"e": 1}, {"g": 2}]}, {"h": [{"j": 3, "k": 4}]}]}),
        ({"with_lists": [1, 99]}, {"a": [{"c": {"d": {"e": 1}, "f": {"g": 2}}}, {"h": {"y": {"j": 3, "k": 4}}}]}),
        ({"with_lists": "5"}, {"a": {"b": {"c": {"d": {"e": [1]}, "f": {"g": [2]}}},
                                     "z": {"h": {"y": {"j": [3], "k": [4]}}}}}),
        ({"depth": 2}, {"a": {"b": {"c2": "c", "c3": "f", "c4": "g", "c5": 2},
                              "z": {"c2": "h", "c3": "y", "c4": "k", "c5": 4}}}),
        ({"depth": 1, "as_list": True}, {"a": {
            "c1": ["b", "b", "z", "z"], "c2": ["c", "c", "h", "h"], "c3": ["d", "f", "y", "y"],
            "c4": ["e", "g", "j", "k"], "c5": [1, 2, 3, 4]}}),
        ({"depth": 9}, {"a": {"b": {"c": {"d": {"e": 1}, "f": {"g": 2}}}, "z": {"h": {"y": {"j": 3, "k": 4}}}}}),
    ],
)  # fmt: skip
def test_columns_become_keys_and_lists(options: dict[str, Any], expected: dict[str, Any]):
    assert rows({"query": "q", **options}) == expected


def test_values_that_meet_and_nulls():
    twice = [("k", 1), ("k", 2), ("x", None), ("k", None)]
    assert rows("q", twice) == {"k": None, "x": None}
    assert rows({"query": "q", "as_list": True}, twice) == {"k": [1, 2, None], "x": None}
    assert rows({"query": "q", "ignore_null": True}, twice) == {"k": 2}
    assert rows({"query": "q", "as_list": True, "ignore_null": True}, twice) == {"k": [1, 2]}


def test_json_is_merged():
    found = [('{"a": {"b": 1}, "l": [1]}',), ({"a": {"c": 2}, "l": [1, 2]},), (None,)]
    assert rows({"query": "q", "as_json": True}, found) == {"a": {"b": 1, "c": 2}, "l": [1, 2]}


def test_queries_of_a_mapping_have_keys_of_their_own():
    found = sql_pillar(
        "m1", ["root"], {"one": "x", "two": {"query": "y"}}, lambda text, minion: (["k", "v"], [(text, minion)])
    )
    assert found == {"root": "m1", "one": {"x": "m1"}, "two": {"y": "m1"}}
    with pytest.raises(MinionError, match="the query three has no text under the key 'query'"):
        sql_pillar("m1", [], {"three": {"depth": 1}}, lambda text, minion: ([], []))


# --- databases --------------------------------------------------------------------------------------------------------

TABLE = "CREATE TABLE pillar (id varchar(99), k varchar(99), v varchar(99))"
INSERT = "INSERT INTO pillar VALUES ('m1', 'role', 'web'), ('%', 'all', 'every'), ('m2', 'role', 'db')"
LIKE = "SELECT k, v FROM pillar WHERE {mark} LIKE id ORDER BY k"


def test_sqlite3(tmp_path: Path):
    place = tmp_path / "p.db"
    with sqlite3.connect(place) as database:
        database.execute(TABLE)
        database.execute(INSERT)
    entry = {"sqlite3": {"here": LIKE.format(mark="?")}}
    expected = {"here": {"all": "every", "role": "web"}}
    assert asked(tmp_path, entry, sqlite3={"database": str(place)}) == expected
    assert asked(tmp_path, entry, **{"pillar.sqlite3.database": str(place)}) == expected
    (error,) = asked(tmp_path, entry, sqlite3={"database": str(tmp_path / "nosuch.db")})["_errors"]
    assert "nosuch.db: unable to open database file" in error
    assert not (tmp_path / "nosuch.db").exists()


def running(make: Any) -> Iterator[Throwaway]:
    """A server whose directory its user can reach, whatever other tests do with the directories of theirs."""
    with tempfile.TemporaryDirectory() as place:
        server = make(Path(place))
        server.start()
        yield server
        server.stop()


@pytest.fixture
def mariadb() -> Iterator[Throwaway]:
    yield from running(mariadb_server)


@pytest.fixture
def postgresql() -> Iterator[Throwaway]:
    yield from running(postgresql_server)


@pytest.fixture
def redis_() -> Iterator[Throwaway]:
    yield from running(redis_server)


def login(server: Throwaway) -> dict[str, Any]:
    here = server.server
    return {"host": "127.0.0.1", "port": here.port, "user": here.user, "pass": here.password, "db": here.database}


def test_mysql(tmp_path: Path, mariadb: Throwaway):
    import pymysql

    here = mariadb.server
    with (
        pymysql.connect(
            host="127.0.0.1",
            port=here.port,
            user=here.user,
            password=here.password,
            database=here.database,
            autocommit=True,
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(TABLE)
        cursor.execute(INSERT)
    entry = {"mysql": [LIKE.format(mark="%s")]}
    assert asked(tmp_path, entry, mysql=login(mariadb)) == {"all": "every", "role": "web"}
    (error,) = asked(tmp_path, {"mysql": ["SELECT x FROM nosuch"]}, mysql=login(mariadb))["_errors"]
    assert "nosuch' doesn't exist" in error and "salt" in error
    assert here.password * 2 not in error
    (error,) = asked(tmp_path, entry, mysql={**login(mariadb), "pass": "wr0ng"})["_errors"]
    assert "Access denied" in error and "wr0ng" not in error


def test_postgres(tmp_path: Path, postgresql: Throwaway):
    import psycopg

    here = postgresql.server
    with psycopg.connect(host="127.0.0.1", port=here.port, user=here.user, dbname=here.database) as connection:
        connection.execute(TABLE)
        connection.execute(INSERT)
    entry = {"postgres": {"here": {"query": LIKE.format(mark="%s"), "as_list": True}, "js": {
        "query": "SELECT '{\"a\": 1}'::json WHERE %s <> ''", "as_json": True}}}  # fmt: skip
    assert asked(tmp_path, entry, postgres=login(postgresql)) == {
        "here": {"all": "every", "role": "web"},
        "js": {"a": 1},
    }
    (error,) = asked(tmp_path, {"postgres": ["SELECT x FROM nosuch"]}, postgres=login(postgresql))["_errors"]
    assert 'relation "nosuch" does not exist' in error


def test_redis(tmp_path: Path, redis_: Throwaway):
    import redis

    with redis.Redis(port=redis_.server.port) as client:
        client.hset("m1", mapping={"a": "1", "b": "2"})
        client.rpush("m2", "x", "y")
        client.set("m3", '{"role": "web"}')
        client.sadd("m4", "q", "p")
        client.zadd("m5", {"two": 2, "one": 1})
    options = {"redis": {"host": "127.0.0.1", "port": redis_.server.port}}

    def of(minion: str, **entry: Any) -> dict[str, Any]:
        return asked(tmp_path, {"redis": entry}, minion_id=minion, **options)

    assert of("m1", function="key_value") == {"redis_pillar": {"a": "1", "b": "2"}}
    assert of("m2", function="key_value", pillar_key="here") == {"here": ["x", "y"]}
    assert of("m3", function="key_value") == {"redis_pillar": '{"role": "web"}'}
    assert of("m4", function="key_value") == {"redis_pillar": ["p", "q"]}
    assert of("m5", function="key_value") == {"redis_pillar": ["one", "two"]}
    assert of("nosuch", function="key_value") == {}
    assert of("m3", function="key_json") == {"role": "web"}
    assert of("m3", function="key_json", pillar_key="here") == {"here": {"role": "web"}}
    assert "there is no function nosuch" in of("m1", function="nosuch")["_errors"][0]


@pytest.fixture
def etcd() -> Iterator[Throwaway]:
    yield from running(etcd_server)


def test_etcd(tmp_path: Path, etcd: Throwaway):
    from saltern.plugin_api.etcd_gateway import ask

    def coded(text: str) -> str:
        return base64.b64encode(text.encode()).decode()

    port = etcd.server.port
    held = {"/salt/m1/role": "web", "/salt/m1/a/b": "1", "/salt/m1/a/c/d": "é", "/salt/m10/role": "no", "/other": "x"}
    for key, value in held.items():
        ask({"port": port}, "put", {"key": coded(key), "value": coded(value)})
    entry = {"etcd": "here root=/salt/%(minion_id)s"}
    expected = {"role": "web", "a": {"b": "1", "c": {"d": "é"}}}
    assert asked(tmp_path, entry, here={"etcd.port": port}) == expected
    assert asked(tmp_path, {"etcd": "root=salt/m1"}, **{"etcd.port": port, "etcd.host": "127.0.0.1"}) == expected
    assert asked(tmp_path, {"etcd": "here root=/nosuch"}, here={"etcd.port": port}) == {}
    assert asked(tmp_path, {"etcd": "here"}, here={"etcd.port": port})["other"] == "x"


def consul(token: str) -> Store:
    held = {"salt/m1/": b"", "salt/m1/role": b"web", "salt/m1/web/port": b"80", "salt/m1/web/names": b"[a, b]"}

    def answer(method: str, path: str, query: Any, body: bytes, headers: Any) -> Any:
        if headers.get("X-Consul-Token") != token:
            return 403, b"Permission denied"
        root = path.removeprefix("/v1/kv/")
        assert query == {"recurse": ["true"], "dc": ["one"]}
        coded = {key: base64.b64encode(value).decode() if value else None for key, value in held.items()}
        found = [{"Key": key, "Value": value} for key, value in coded.items() if key.startswith(root)]
        return (200, found) if found else (404, b"")

    return Store(answer)


def test_consul(tmp_path: Path):
    with consul("t0ken") as store:
        here = {"consul.port": store.port, "consul.token": "t0ken", "consul.dc": "one"}
        expected = {"role": "web", "web": {"port": 80, "names": ["a", "b"]}}
        assert asked(tmp_path, {"consul": "here root=/salt/%(minion_id)s"}, here=here) == expected
        assert asked(tmp_path, {"consul": "here root=salt/m1 pillar_root=x/y"}, here=here) == {"x": {"y": expected}}
        assert asked(tmp_path, {"consul": "here root=salt/m2"}, here=here) == {}
        (error,) = asked(tmp_path, {"consul": "here root=salt"}, here={**here, "consul.token": "wr0ng"})["_errors"]
        assert "Consul did not tell salt: 403" in error and "wr0ng" not in error


@pytest.mark.parametrize("version", ["1", "2"])
def test_vault(tmp_path: Path, version: str):
    from saltern.plugin_api.vault_secrets import place_of, service_of

    with vault("t0ken", {"role_id": "r", "secret_id": "s"}, version) as store:
        option = {"url": store.url, "auth": {"method": "approle", "role_id": "r", "secret_id": "s"}}
        for path, secret in (("secret/minions/m1", {"password": "p"}), ("secret/shared", {"key": "k"})):
            service = service_of(option)
            service.ask("POST", place_of(service, path)[0], {"data": secret} if version == "2" else secret)
        entries = (
            {"vault": "path=secret/minions/{minion}"},
            {"vault": {"conf": "path=secret/shared", "nesting_key": "v"}},
        )
        assert asked(tmp_path, *entries, vault=option) == {"password": "p", "v": {"key": "k"}}
        assert asked(tmp_path, {"vault": "path=secret/nosuch"}, vault=option) == {}
        assert asked(tmp_path, {"vault": "path=secret/shared nesting_key=n"}, vault=option) == {"n": {"key": "k"}}
        (error,) = asked(tmp_path, {"vault": "path=secret/x"}, vault={"url": store.url, "auth": {"token": "bad"}})[
            "_errors"
        ]
        assert "permission denied" in error


# --- files and URLs ---------------------------------------------------------------------------------------------------


def test_csv(tmp_path: Path):
    file = tmp_path / "p.csv"
    file.write_text("id,role,env\nm2,db,dev\nm1,web,prod\n")
    assert asked(tmp_path, {"csv": {"path": str(file)}}) == {"id": "m1", "role": "web", "env": "prod"}
    assert asked(tmp_path, {"csv": {"path": str(file), "namespace": "ns"}}, minion_id="m2")["ns"]["role"] == "db"
    assert asked(tmp_path, {"csv": {"path": str(file)}}, minion_id="m3") == {}
    file.write_text("m1;1;2;3\n")
    (tmp_path / "names").touch()
    names = {"path": str(file), "idkey": "host", "fieldnames": ["host;x"]}
    assert asked(tmp_path, {"csv": names}) == {}
    assert "No such file" in asked(tmp_path, {"csv": {"path": str(tmp_path / "nosuch")}})["_errors"][0]


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = {
            "/json/m1": '{"a": [1, {"b": null}]}',
            "/yaml/m1": "a: {b: 0644}\nc: !!python/none\n" if "bad" in self.path else "a: {b: yes}\n",
            "/grain/Debian/web": '{"g": 1}',
            "/list": "[1]",
            "/secret": '{"s": "' + str(self.headers.get("Authorization")) + str(self.headers.get("X-Own")) + '"}',
        }.get(self.path)
        self.send_response(404 if found is None else 200)
        self.end_headers()
        self.wfile.write((found or "").encode())

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_http(tmp_path: Path, url: str, caplog: pytest.LogCaptureFixture):
    assert asked(tmp_path, {"http_json": {"url": f"{url}/json/%s"}}) == {"a": [1, {"b": None}]}
    assert asked(tmp_path, {"http_yaml": {"url": f"{url}/yaml/%s"}}) == {"a": {"b": True}}
    grains = {"url": f"{url}/grain/<os>/<roles:0>", "with_grains": True}
    assert asked(tmp_path, {"http_json": grains}) == {"g": 1}
    login = {"url": f"{url}/secret", "username": "u", "password": "p", "header_dict": {"X-Own": "!"}}
    assert asked(tmp_path, {"http_json": login}) == {"s": "Basic dTpw!"}
    assert asked(tmp_path, {"http_json": {"url": f"{url}/list"}}, {"http_json": f"{url}/json/%s"}) == {
        "a": [1, {"b": None}]
    }
    assert asked(tmp_path, {"http_json": f"{url}/nosuch?token=s3cret"}, {"http_json": f"{url}/<nosuch>"}) == {}
    assert asked(tmp_path, {"http_json": {"url": f"{url}/<nosuch>", "with_grains": True}}) == {}
    assert asked(tmp_path, {"http_json": "file:///etc/hosts"}) == {}
    for told in ("is no mapping", "404", "the grain nosuch", "neither http nor https"):
        assert told in caplog.text
    assert "s3cret" not in caplog.text
