"""`mysql` and its states on a real server of their own.

What functions answer is compared with Salt 3008.2's answers on the same server; the states with Salt's texts.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pymysql
import pytest
from thrice import Trial
from transcript import differences

from job_stores import MEMORY
from saltern.plugin_api.databases import mysql as sql
from servers import Server, mariadb_server

pytestmark = pytest.mark.xdist_group("mysql")


@pytest.fixture(scope="module")
def server():
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        throwaway = mariadb_server(Path(folder))
        throwaway.start()
        yield throwaway.server
        throwaway.stop()


def options(server: Server) -> dict:
    return {
        "mysql.host": "127.0.0.1",
        "mysql.port": server.port,
        "mysql.user": server.user,
        "mysql.pass": server.password,
        "mysql.db": "mysql",
    }


@pytest.fixture
def trial(tmp_path: Path, server: Server) -> Trial:
    return Trial(tmp_path, **options(server))


def asked(server: Server, statement: str, user: str = "salt", password: str = "salt") -> list:
    connection = pymysql.connect(host="127.0.0.1", port=server.port, user=user, password=password, autocommit=True)
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


@pytest.mark.behaviour("LDR-14")
def test_functions_answer_as_salt_does(tmp_path: Path, server: Server):
    assert differences("mysql_of_salt", tmp_path, {}, **options(server)) == []


def test_queries(trial: Trial, server: Server):
    call = trial.minion.call
    call("mysql.db_create", "shop")
    made = call("mysql.query", "shop", "CREATE TABLE item (id int primary key, name varchar(20), price decimal(6,2))")
    assert made["rows affected"] == 0
    assert call("mysql.query", "shop", "INSERT INTO item VALUES (1, '5% off', 1.5), (2, NULL, 2)")["rows affected"] == 2
    found = call("mysql.query", "shop", "SELECT * FROM item ORDER BY id")
    assert set(found.pop("query time")) == {"human", "raw"}
    assert found == {
        "columns": ["id", "name", "price"],
        "results": [["1", "5% off", "1.50"], ["2", None, "2.00"]],
        "rows returned": 2,
    }
    assert call("mysql.query", "shop", "SELEC 1") is False
    assert call("mysql.db_tables", "shop") == ["item"]
    assert call("mysql.db_check", "shop")[0][0]["Msg_text"] == "OK"
    script = trial.minion.write("base/fill.sql", "-- two\nINSERT INTO item VALUES\n(3, 'a;b', 3);\nSELECT 1 AS one;\n")
    filled = call("mysql.file_query", "shop", str(script))
    assert (filled["rows affected"], filled["results"], filled["columns"]) == (1, [[["1"]]], [["one"]])
    assert call("mysql.file_query", "shop", "salt://fill.sql") is False  # the key is there already
    assert asked(server, "SELECT name FROM shop.item WHERE id = 3") == [("a;b",)]


@pytest.mark.behaviour("STM-02", "TST-01")
def test_databases(trial: Trial, server: Server):
    made = trial.thrice("mysql_database.present", "news", character_set="utf8mb4", collate="utf8mb4_bin")
    assert made.foreseen == "Database news is not present and needs to be created"
    assert made.done == "The database news has been created"
    assert made.changes == {"news": "Present"}
    assert trial.told("mysql_database.present", "news")[1] == "Database news is already present"
    altered = trial.thrice("mysql_database.present", "news", collate="utf8mb4_general_ci")
    assert altered.changes == {"collate": {"before": "utf8mb4_bin", "now": "utf8mb4_general_ci"}}
    removed = trial.thrice("mysql_database.absent", "news")
    assert removed == (
        "Database news is present and needs to be removed",
        "Database news has been removed",
        {"news": "Absent"},
    )
    gone = trial.told("mysql_database.absent", "news")
    assert gone == (True, "Database news is not present, so it cannot be removed", {})
    assert trial.told("mysql_database.absent", "mysql")[0] is False
    assert ("news",) not in asked(server, "SHOW DATABASES")
    refused = trial.told("mysql_database.present", "x", connection_user="nobody", connection_pass="secret")
    assert refused[0] is False
    assert refused[1].startswith("MySQL Error 1045: Access denied for user 'nobody'@")


@pytest.mark.behaviour("STM-02", "TST-01")
def test_users(trial: Trial, server: Server):
    made = trial.thrice("mysql_user.present", "eve", password="it's")
    assert made == (
        "User eve@localhost is set to be added",
        "The user eve@localhost has been added",
        {"eve": "Present"},
    )
    assert asked(server, "SELECT CURRENT_USER()", "eve", "it's") == [("eve@localhost",)]
    held = trial.told("mysql_user.present", "eve", password="it's")
    assert held == (True, "User eve@localhost is already present with the desired password", {})
    changed = trial.thrice("mysql_user.present", "eve", password_hash=sql.native_hash("other"))
    assert changed == (
        "Password for user eve@localhost is set to be changed",
        "Password for user eve@localhost has been changed",
        {"eve": "Updated"},
    )
    assert asked(server, "SELECT 1", "eve", "other") == [(1,)]
    cleared = trial.thrice("mysql_user.present", "eve", allow_passwordless=True)
    assert cleared.done == "Password for user eve@localhost has been cleared"
    assert asked(server, "SELECT 1", "eve", "") == [(1,)]
    trial.thrice("mysql_user.present", "eve", allow_passwordless=True, unix_socket=True)
    assert trial.minion.call("mysql.user_info", "eve")["plugin"] == "unix_socket"
    without = trial.thrice("mysql_user.present", "free", host="%", allow_passwordless=True)
    assert without.done == "The user free@% has been added with passwordless login"
    unsaid = "Either password or password_hash must be specified, unless allow_passwordless is True"
    assert trial.told("mysql_user.present", "eve") == (False, unsaid, {})
    removed = trial.thrice("mysql_user.absent", "eve")
    assert removed.done == "User eve@localhost has been removed"
    assert trial.told("mysql_user.absent", "eve")[1] == "User eve@localhost is not present, so it cannot be removed"


def test_secrets_are_not_told(trial: Trial, caplog: pytest.LogCaptureFixture):
    refused = trial.told("mysql_user.present", "eve", host="h" * 300, password="very secret")
    assert refused[0] is False
    assert refused[1].startswith(f"Failed to create user eve@{'h' * 300} (MySQL Error ")
    bad_hash = trial.told("mysql_user.present", "eve", password_hash="half a secret")
    assert bad_hash[0] is False
    assert "secret" not in refused[1] + bad_hash[1] + caplog.text
    other = trial.told("mysql_user.present", "eve", host="None" * 75, password="very secret")
    assert other[1].startswith(f"Failed to create user eve@{'None' * 75} (MySQL Error ")
    assert "NoneNone" in other[1].partition(" (MySQL Error ")[2]


@pytest.mark.behaviour("STM-02", "TST-01")
def test_grants(trial: Trial, server: Server):
    trial.minion.call("mysql.db_create", "my_shop")
    trial.minion.call("mysql.user_create", "bob", password="bob")
    grant = {"user": "bob", "grant": "select, INSERT", "database": "my_shop.*"}
    made = trial.thrice("mysql_grants.present", "shop", **grant)
    assert made == (
        "MySQL grant shop is set to be created",
        "Grant select, INSERT on my_shop.* to bob@localhost has been added",
        {"shop": "Present"},
    )
    assert r"GRANT SELECT, INSERT ON `my\_shop`.* TO `bob`@`localhost`" in trial.minion.call("mysql.user_grants", "bob")
    more = trial.thrice("mysql_grants.present", "shop", **grant, grant_option=True)
    assert more.changes == {"shop": "Present"}
    trial.thrice("mysql_grants.present", "all", user="bob", grant="ALL PRIVILEGES", database="salt.*")
    less = {"user": "bob", "grant": "SELECT", "database": "salt.*", "revoke_first": True}
    trial.thrice("mysql_grants.present", "all", **less)
    assert "GRANT SELECT ON `salt`.* TO `bob`@`localhost`" in trial.minion.call("mysql.user_grants", "bob")
    revoked = trial.thrice("mysql_grants.absent", "shop", **grant)
    assert revoked.done == "Grant select, INSERT on my_shop.* for bob@localhost has been revoked"
    unknown = trial.told("mysql_grants.present", "x", user="bob", grant="FLY", database="salt.*")
    assert unknown[0] is False
    assert unknown[1].startswith('Failed to execute: "GRANT FLY ON salt.* TO bob@localhost" (MySQL Error 1064')
    injected = trial.told("mysql_grants.present", "x", user="bob", grant="SELECT ON *.* TO root; --", database="salt.*")
    assert injected[0] is False
    where = {"user": "bob", "grant": "SELECT", "database": "other.*"}
    encrypted = trial.told("mysql_grants.present", "x", ssl_option=[{"ssl": True}], **where)
    assert encrypted[0] is True
    assert "REQUIRE SSL" in asked(server, "SHOW CREATE USER bob@localhost")[0][0]
    injected = trial.told(
        "mysql_grants.present", "y", ssl_option=[{"NONE WITH GRANT OPTION": True}], **{**where, "grant": "UPDATE"}
    )
    assert injected[0] is False
    assert "NONE WITH GRANT OPTION is no way to require a certificate" in injected[1]


@pytest.mark.behaviour("STM-02", "TST-01")
def test_query_states(trial: Trial, tmp_path: Path):
    query, output = "SELECT 1 AS one, 'x' AS two", str(tmp_path / "answer")
    foreseen = trial.told("mysql_query.run", "q", dry=True, database="salt", query=query)
    assert foreseen == (None, "Query would execute, not storing result", {"query": "Executed"})
    done = trial.told("mysql_query.run", "q", database="salt", query=query)
    assert done[0] is True
    assert "'results': [{'one': '1', 'two': 'x'}]" in done[1]
    kept = trial.thrice("mysql_query.run", "q", database="salt", query=query, output=output, overwrite=False)
    assert kept.foreseen == f"Query would execute, storing result in file: {output}"
    assert kept.changes == {"query": f"Executed. Output into {output}"}
    assert Path(output).read_text() == "one:1\ntwo:x\n"
    again = trial.told("mysql_query.run", "q", database="salt", query=query, output=output, overwrite=False)
    assert again[1] == f"No execution needed. File {output} already set"
    failed = trial.told("mysql_query.run", "q", database="salt", query="SELEC")
    assert (failed[0], failed[2]) == (False, {})
    assert trial.told("mysql_query.run", "q", database="nope", query=query)[1] == "Database nope is not present"
    script = trial.minion.write("base/two.sql", "SELECT 1 AS a; SELECT 2 AS b;")
    of_file = trial.told("mysql_query.run_file", "q", database="salt", query_file=str(script))
    assert (of_file[0], of_file[2]) == (True, {"query": "Executed"})


def test_statements_of_a_script():
    script = (
        "-- a; b\nSELECT ';' AS `x;y`; # c\n/* d; */ INSERT INTO t VALUES ('it''s', \"--\");\n/*!40101 SET x=1 */;\n"
    )
    assert sql.statements(script) == [
        "SELECT ';' AS `x;y`",
        "INSERT INTO t VALUES ('it''s', \"--\")",
        "/*!40101 SET x=1 */",
    ]
