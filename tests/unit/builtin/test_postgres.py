"""`postgres` and its states on a real server of their own, against what Salt 3008.2 answered on such a server."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import psycopg
import pytest
from shipped import Shipped
from thrice import Trial
from transcript import differences

from job_stores import MEMORY
from saltern.plugin_api.databases import postgres as sql
from servers import Server, postgresql_server

pytestmark = pytest.mark.xdist_group("postgres")


@pytest.fixture(scope="module")
def server():
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        throwaway = postgresql_server(Path(folder))
        throwaway.start()
        yield throwaway.server
        throwaway.stop()


def options(server: Server) -> dict[str, Any]:
    return {
        "postgres.host": "127.0.0.1",
        "postgres.port": server.port,
        "postgres.user": server.user,
        "postgres.maintenance_db": server.database,
    }


@pytest.fixture
def trial(tmp_path: Path, server: Server) -> Trial:
    return Trial(tmp_path, **options(server))


def asked(server: Server, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
    address = {"host": "127.0.0.1", "port": server.port, "user": server.user, "dbname": database}
    with psycopg.connect(**address, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


@pytest.mark.behaviour("LDR-14", "STM-02", "TST-01")
def test_it_answers_as_salt_does(server: Server):
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        Path(folder).chmod(0o755)  # the server's user makes a tablespace below
        env = {"PGPORT": str(server.port)}
        assert differences("postgres_of_salt", Path(folder), env, **options(server)) == []


def test_lists(trial: Trial, server: Server):
    call = trial.minion.call
    assert call("postgres.version") == asked(server, "SHOW server_version")[0][0]
    call("postgres.db_create", "listed", owner="salt")
    assert call("postgres.db_list")["listed"] == {
        "Access privileges": "",
        "Collate": asked(server, "SELECT datcollate FROM pg_database WHERE datname = 'listed'")[0][0],
        "Ctype": asked(server, "SELECT datctype FROM pg_database WHERE datname = 'listed'")[0][0],
        "Encoding": "UTF8",
        "Owner": "salt",
        "Tablespace": "pg_default",
    }
    assert call("postgres.schema_list", "listed")["pg_catalog"]["owner"] == "salt"
    assert call("postgres.available_extensions")["hstore"]["name"] == "hstore"
    call("postgres.create_extension", "hstore", maintenance_db="listed")
    installed = call("postgres.installed_extensions", maintenance_db="listed")
    assert sorted(installed) == ["hstore", "plpgsql"]
    assert installed["hstore"]["schema_name"] == "public"
    call("postgres.user_create", "limited", connlimit=3, valid_until="2030-01-01")
    assert call("postgres.role_get", "limited")["connections"] == 3
    read_only = trial.minion.call("postgres.psql_query", "delete from pg_class returning 1 as a")
    assert read_only == []


def test_names_with_quotes(trial: Trial, server: Server):
    trial.thrice("postgres_user.present", 'we"ird', password="it's \\")
    trial.thrice("postgres_database.present", 'we"ird', owner='we"ird')
    trial.thrice("postgres_schema.present", "it's", dbname='we"ird')
    role = {"object_name": "it's", "object_type": "schema", "privileges": ["USAGE"], "maintenance_db": 'we"ird'}
    trial.thrice("postgres_user.present", "plain")
    trial.thrice("postgres_privileges.present", "plain", **role)
    trial.thrice("postgres_privileges.absent", "plain", **role)
    kept = asked(server, "SELECT rolpassword FROM pg_authid WHERE rolname = 'we\"ird'")[0][0]
    assert kept == sql.md5_hash('we"ird', "it's \\")
    trial.thrice("postgres_database.absent", 'we"ird')
    trial.thrice("postgres_user.absent", 'we"ird')


def test_passwords(trial: Trial, server: Server, caplog: pytest.LogCaptureFixture):
    made = trial.thrice("postgres_user.present", "keeper", password="secret one", encrypted="scram-sha-256", login=True)
    assert made.done == "The user keeper has been created"
    kept = asked(server, "SELECT rolpassword FROM pg_authid WHERE rolname = 'keeper'")[0][0]
    assert kept.startswith("SCRAM-SHA-256$4096:")
    changed = trial.thrice("postgres_user.present", "keeper", password="secret two", encrypted=False)
    assert changed.changes == {"keeper": {"password": True}}
    failed = trial.told("postgres_user.present", "keeper", password="secret three", groups="nosuch")
    assert failed == (False, "Failed to update user keeper", {})
    assert "secret" not in caplog.text


def test_scram_is_as_the_server_makes_it(server: Server):
    asked(server, "CREATE ROLE made PASSWORD 'pencil'")
    kept = asked(server, "SELECT rolpassword FROM pg_authid WHERE rolname = 'made'")[0][0]
    assert sql.is_password("made", "pencil", kept, "scram-sha-256")
    assert not sql.is_password("made", "pen", kept, "scram-sha-256")
    assert not sql.is_password("made", "pencil", kept, None)  # md5 is wanted


def test_owners(trial: Trial, server: Server):
    trial.minion.call("postgres.db_create", "owned")
    trial.minion.call("postgres.user_create", "heir")
    asked(
        server,
        "CREATE SCHEMA s; CREATE TABLE s.t (id serial, a int GENERATED ALWAYS AS IDENTITY); CREATE SEQUENCE s.q;"
        " CREATE VIEW s.v AS SELECT 1 AS a; CREATE FUNCTION s.f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';"
        " CREATE EXTENSION hstore",
        "owned",
    )
    changed = trial.thrice("postgres_database.present", "owned", owner="heir", owner_recurse=True)
    assert changed.done == "Parameters for database owned have been changed"
    owners = asked(
        server,
        "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relnamespace = 's'::regnamespace"
        " UNION SELECT pg_get_userbyid(proowner) FROM pg_proc WHERE pronamespace = 's'::regnamespace",
        "owned",
    )
    assert owners == [("heir",)]


def test_privileges_on_all_tables(trial: Trial, server: Server):
    trial.minion.call("postgres.db_create", "many")
    trial.minion.call("postgres.user_create", "reader")
    asked(server, "CREATE TABLE a (x int); CREATE TABLE b (x int)", "many")
    which = {"object_type": "table", "privileges": ["SELECT"], "maintenance_db": "many"}
    trial.minion.call("postgres.privileges_grant", "reader", "a", "table", "SELECT", maintenance_db="many")
    trial.thrice("postgres_privileges.present", "reader", object_name="ALL", **which)
    trial.thrice("postgres_privileges.present", "reader", object_name="a", grant_option=True, **which)
    assert trial.minion.call("postgres.privileges_list", "a", "table", maintenance_db="many")["reader"] == {
        "SELECT": True
    }
    trial.thrice("postgres_privileges.absent", "reader", object_name="ALL", **which)


def test_privileges_on_functions(trial: Trial, server: Server):
    trial.minion.call("postgres.db_create", "counting")
    trial.minion.call("postgres.user_create", "counter")
    asked(
        server, "CREATE FUNCTION twice(a int, b numeric(3, 1)[]) RETURNS int LANGUAGE sql AS 'SELECT 2 * a'", "counting"
    )
    which = {"object_type": "function", "privileges": ["EXECUTE"], "maintenance_db": "counting"}
    trial.thrice("postgres_privileges.present", "counter", object_name="twice(integer, numeric[])", **which)
    injected = "twice(integer, numeric[]) TO public; --"
    refused = trial.minion.outcome(
        "postgres.privileges_grant", "counter", injected, "function", "EXECUTE", maintenance_db="counting"
    )
    assert "is no function with the types of its arguments" in refused.value


def test_extensions_are_upgraded(trial: Trial):
    trial.minion.call("postgres.db_create", "ext")
    old = trial.thrice("postgres_extension.present", "citext", maintenance_db="ext", ext_version="1.4")
    assert old.changes == {"citext": "Installed"}
    new = trial.thrice("postgres_extension.present", "citext", maintenance_db="ext", ext_version="1.6")
    assert new == ("Extension citext is set to be upgraded", "The extension citext has been upgraded", new.changes)


def test_a_directory_of_data_is_made(tmp_path: Path):
    runas = "postgres" if os.geteuid() == 0 else None
    trial = Trial(tmp_path)
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        Path(folder).chmod(0o777)
        data = f"{folder}/main"
        how = {"user": "boss", "password": "x", "auth": "scram-sha-256", "runas": runas}
        made = trial.thrice("postgres_initdb.present", data, **how)
        assert made == (
            f"Postgres data directory {data} is set to be initialized",
            f"Postgres data directory {data} has been initialized",
            {data: "Present"},
        )
        assert Path(data, "PG_VERSION").exists()
    assert trial.told("postgres_initdb.present", "/proc/none", runas=runas)[0] is False


def test_a_server_that_is_away(tmp_path: Path, server: Server, caplog: pytest.LogCaptureFixture):
    minion = Shipped(tmp_path, **{**options(server), "postgres.port": 1})
    assert minion.call("postgres.db_list") == {}
    assert minion.call("postgres.user_list") is False
    assert "Connection refused" in caplog.text


def test_access_lists():
    acl = '{salt=UC/salt,=U/salt,"\\"we ird\\"=r*w/salt"}'
    assert sql.privileges_of(acl) == {
        "salt": {"USAGE": False, "CREATE": False},
        "public": {"USAGE": False},
        "we ird": {"SELECT": True, "UPDATE": False},
    }
    assert sql.privileges_of("") == {}
