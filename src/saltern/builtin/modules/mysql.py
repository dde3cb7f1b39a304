"""Databases, users and privileges of MySQL and MariaDB servers.

Functions reach the server that the options `mysql.host`, `mysql.port`, `mysql.user`, `mysql.pass`, `mysql.db`,
`mysql.unix_socket` and `mysql.default_file` name (minion configuration or pillar); an argument `connection_host`,
`connection_user` and so on stands for one of them. What a server refuses is logged, and the answer is empty or False.
"""

from __future__ import annotations

import importlib.util
import logging
import re
from pathlib import Path

from saltern.plugin_api import CommandExecutionError, Context, Functions
from saltern.plugin_api.databases import mysql as sql

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__salt__: Functions
__context__: Context

log = logging.getLogger(__name__)

_SOCKET_PLUGINS = ("unix_socket", "auth_socket")
_SSL = ("SSL", "X509", "CIPHER", "ISSUER", "SUBJECT")


def __virtual__() -> bool | tuple[bool, str]:
    if importlib.util.find_spec("pymysql") is None:
        return False, "The mysql execution module needs the library PyMySQL (pip install 'saltern[mysql]')."
    return True


def query(database: str, query: str, **connection_args: Any) -> Any:
    """Run a statement in a database. The answer has the rows or the number of rows that were changed, and the time.

    Values are texts. False when the server refuses the statement, empty when it cannot be reached.

    CLI Example::

        saltern run '*' mysql.query mydb "UPDATE mytable set myfield=1 limit 1"
        saltern run '*' mysql.query mydb "SELECT id,name,cash from users limit 3"
    """
    return _ask(lambda server: server.query(query), False, {**connection_args, "connection_db": database}, away={})


def file_query(database: str, file_name: str, **connection_args: Any) -> Any:
    """Run the statements of a file (a path or a `salt://` URL) in a database; False at the first that is refused.

    CLI Example::

        saltern run '*' mysql.file_query mydb file_name=/tmp/sqlfile.sql
        saltern run '*' mysql.file_query mydb file_name=salt://sqlfile.sql
    """
    if file_name.startswith(("salt://", "http://", "https://", "ftp://")):
        file_name = __salt__["cp.cache_file"](file_name)
    try:
        script = Path(file_name).read_text(encoding="utf-8")
    except (OSError, TypeError) as error:
        log.error("The statements in %s cannot be read: %s", file_name, error)
        return False
    found = sql.statements(script)
    if not found:
        return False
    arguments = {**connection_args, "connection_db": database}
    return _ask(lambda server: _summed([server.query(one) for one in found]), False, arguments)


def version(**connection_args: Any) -> str:
    """The version of the server.

    CLI Example::

        saltern run '*' mysql.version
    """
    return str(_ask(lambda server: server.version(), "", connection_args))


def status(**connection_args: Any) -> dict[str, str]:
    """The status variables of the server.

    CLI Example::

        saltern run '*' mysql.status
    """
    rows = _rows("SHOW STATUS", connection_args)
    return {row["Variable_name"]: row["Value"] for row in rows}


def showvariables(**connection_args: Any) -> list[dict[str, str]]:
    """The variables of the session.

    CLI Example::

        saltern run '*' mysql.showvariables
    """
    return _rows("SHOW VARIABLES", connection_args)


def showglobal(**connection_args: Any) -> list[dict[str, str]]:
    """The global variables of the server.

    CLI Example::

        saltern run '*' mysql.showglobal
    """
    return _rows("SHOW GLOBAL VARIABLES", connection_args)


def processlist(**connection_args: Any) -> list[dict[str, Any]]:
    """What the server is doing, one entry for each connection.

    CLI Example::

        saltern run '*' mysql.processlist
    """
    return _rows("SHOW FULL PROCESSLIST", connection_args)


def get_master_status(**connection_args: Any) -> Any:
    """The place in the binary log, as a dictionary; empty when there is none.

    CLI Example::

        saltern run '*' mysql.get_master_status
    """
    return next(iter(_rows("SHOW MASTER STATUS", connection_args)), [])


def get_slave_status(**connection_args: Any) -> Any:
    """How the replication stands, as a dictionary; empty on a server that copies none.

    CLI Example::

        saltern run '*' mysql.get_slave_status
    """
    return next(iter(_rows("SHOW SLAVE STATUS", connection_args)), [])


def slave_lag(**connection_args: Any) -> int:
    """By how many seconds this server is behind the one that it copies.

    -1: it copies none. -2: copying has stopped. -3: the server cannot be asked.

    CLI Example::

        saltern run '*' mysql.slave_lag
    """
    found = _ask(lambda server: server.rows("SHOW SLAVE STATUS"), None, connection_args)
    if found is None:
        return -3
    if not found:
        return -1
    return int(found[0]["Seconds_Behind_Master"]) if found[0]["Slave_IO_Running"] == "Yes" else -2


def free_slave(**connection_args: Any) -> str:
    """Stop copying another server for good: `promoted`, or `failed`.

    CLI Example::

        saltern run '*' mysql.free_slave
    """

    def promote(server: sql.Server) -> str:
        if not server.rows("SHOW SLAVE STATUS"):
            return "failed"
        server.run("STOP SLAVE")
        server.run("RESET SLAVE ALL")
        return "failed" if server.rows("SHOW SLAVE STATUS") else "promoted"

    return str(_ask(promote, "failed", connection_args))


def db_list(**connection_args: Any) -> list[str]:
    """The databases of the server.

    CLI Example::

        saltern run '*' mysql.db_list
    """
    return list(_ask(lambda server: server.first_column("SHOW DATABASES"), [], connection_args))


def db_exists(name: str, **connection_args: Any) -> bool:
    """Whether a database is there.

    CLI Example::

        saltern run '*' mysql.db_exists dbname
    """
    return bool(db_get(name, **connection_args))


def db_get(name: str, **connection_args: Any) -> dict[str, str]:
    """The character set and the collation of a database; empty when it is not there.

    CLI Example::

        saltern run '*' mysql.db_get test
    """
    statement = (
        "SELECT DEFAULT_CHARACTER_SET_NAME AS character_set, DEFAULT_COLLATION_NAME AS `collate`"
        " FROM INFORMATION_SCHEMA.SCHEMATA WHERE SCHEMA_NAME = %s"
    )
    return dict(next(iter(_rows(statement, connection_args, [name])), {}))


def db_tables(name: str, **connection_args: Any) -> Any:
    """The tables of a database; False when it is not there.

    CLI Example::

        saltern run '*' mysql.db_tables dbname
    """
    if not db_exists(name, **connection_args):
        return False
    statement = f"SHOW TABLES IN {sql.identifier(name)}"
    return _ask(lambda server: server.first_column(statement), False, connection_args)


def db_create(name: str, character_set: str | None = None, collate: str | None = None, **connection_args: Any) -> bool:
    """Make a database; False when it is there.

    CLI Example::

        saltern run '*' mysql.db_create dbname
        saltern run '*' mysql.db_create dbname utf8mb4 utf8mb4_general_ci
    """
    if db_exists(name, **connection_args):
        return False
    return _do(f"CREATE DATABASE {sql.identifier(name)}{_characters(character_set, collate)}", connection_args)


def alter_db(name: str, character_set: str | None = None, collate: str | None = None, **connection_args: Any) -> bool:
    """Set the character set and the collation of new tables of a database.

    CLI Example::

        saltern run '*' mysql.alter_db testdb utf8mb4 utf8mb4_general_ci
    """
    now = db_get(name, **connection_args)
    if not now:
        return False
    wanted = _characters(character_set or (None if collate else now["character_set"]), collate)
    return _do(f"ALTER DATABASE {sql.identifier(name)}{wanted}", connection_args)


def db_remove(name: str, **connection_args: Any) -> bool:
    """Remove a database and all that is in it; the server's own are refused.

    CLI Example::

        saltern run '*' mysql.db_remove dbname
    """
    if name in ("mysql", "information_schema", "performance_schema", "sys"):
        log.error("The server's own database %s is not removed", name)
        return False
    if not db_exists(name, **connection_args):
        return False
    return _do(f"DROP DATABASE {sql.identifier(name)}", connection_args)


def db_check(name: str, table: str | None = None, **connection_args: Any) -> list[Any]:
    """Look for faults in a table, or in each table of a database.

    CLI Example::

        saltern run '*' mysql.db_check dbname
        saltern run '*' mysql.db_check dbname dbtable
    """
    return _care_for("CHECK", name, table, connection_args)


def db_repair(name: str, table: str | None = None, **connection_args: Any) -> list[Any]:
    """Repair a table, or each table of a database.

    CLI Example::

        saltern run '*' mysql.db_repair dbname
        saltern run '*' mysql.db_repair dbname dbtable
    """
    return _care_for("REPAIR", name, table, connection_args)


def db_optimize(name: str, table: str | None = None, **connection_args: Any) -> list[Any]:
    """Give back the space that a table, or each table of a database, does not need.

    CLI Example::

        saltern run '*' mysql.db_optimize dbname
        saltern run '*' mysql.db_optimize dbname dbtable
    """
    return _care_for("OPTIMIZE", name, table, connection_args)


def user_list(**connection_args: Any) -> list[dict[str, str]]:
    """The users, each with its host.

    CLI Example::

        saltern run '*' mysql.user_list
    """
    return _rows("SELECT User, Host FROM mysql.user ORDER BY Host, User", connection_args)


def user_exists(
    user: str,
    host: str = "localhost",
    password: str | None = None,
    password_hash: str | None = None,
    passwordless: bool = False,
    unix_socket: bool = False,
    password_column: str | None = None,
    **connection_args: Any,
) -> bool:
    """Whether a user is there; with a password or its hash, whether it has that one.

    `passwordless` asks for one who needs none; with `unix_socket` too, for one that the system's login lets in.

    CLI Example::

        saltern run '*' mysql.user_exists frank localhost password=secret
        saltern run '*' mysql.user_exists frank localhost passwordless=True unix_socket=True
    """
    found = user_info(user, host, **connection_args)
    if not found:
        return False
    kept = _kept_hash(found, password_column)
    if passwordless and unix_socket:
        return found.get("plugin") in _SOCKET_PLUGINS
    if passwordless:
        return not kept and found.get("plugin") not in _SOCKET_PLUGINS
    if password and kept.startswith("$A$"):  # kept so that only the server can compare it
        return verify_login(user, str(password), **connection_args)
    wanted = sql.native_hash(str(password)) if password else password_hash
    return wanted is None or kept.upper() == str(wanted).upper()


def user_info(user: str, host: str = "localhost", **connection_args: Any) -> Any:
    """All that the server keeps of a user; None when it is not there.

    CLI Example::

        saltern run '*' mysql.user_info root localhost
    """
    rows = _rows("SELECT * FROM mysql.user WHERE User = %s AND Host = %s", connection_args, [user, host])
    return next(iter(rows), None)


def user_create(
    user: str,
    host: str = "localhost",
    password: str | None = None,
    password_hash: str | None = None,
    allow_passwordless: bool = False,
    unix_socket: bool = False,
    password_column: str | None = None,
    auth_plugin: str = "mysql_native_password",
    **connection_args: Any,
) -> bool:
    """Make a user with a password, the hash of one, or with `allow_passwordless` with none; False when it is there.

    With `unix_socket` the system's login lets the user in. `auth_plugin` is how MySQL keeps the password.

    CLI Example::

        saltern run '*' mysql.user_create frank localhost password=secret
        saltern run '*' mysql.user_create frank localhost allow_passwordless=True
    """
    if user_exists(user, host, **connection_args):
        return False
    done = _identify(
        "CREATE", user, host, password, password_hash, allow_passwordless, unix_socket, auth_plugin, connection_args
    )
    return done and user_exists(user, host, **connection_args)


def user_chpass(
    user: str,
    host: str = "localhost",
    password: str | None = None,
    password_hash: str | None = None,
    allow_passwordless: bool = False,
    unix_socket: bool | None = None,
    password_column: str | None = None,
    **connection_args: Any,
) -> bool:
    """Change the password of a user; with `allow_passwordless` and no password it is taken away.

    CLI Example::

        saltern run '*' mysql.user_chpass frank localhost newpassword
        saltern run '*' mysql.user_chpass frank localhost allow_passwordless=True
    """
    now = user_info(user, host, **connection_args)
    if not now:
        return False
    plugin = now.get("plugin")
    plugin = "mysql_native_password" if plugin in ("", None, *_SOCKET_PLUGINS) else plugin
    return _identify(
        "ALTER", user, host, password, password_hash, allow_passwordless, bool(unix_socket), plugin, connection_args
    )


def user_remove(user: str, host: str = "localhost", **connection_args: Any) -> bool:
    """Remove a user; False when it is not there.

    CLI Example::

        saltern run '*' mysql.user_remove frank localhost
    """
    if not user_exists(user, host, **connection_args):
        return False
    return _do("DROP USER %s@%s", connection_args, [user, host])


def user_grants(user: str, host: str = "localhost", **connection_args: Any) -> Any:
    """What a user may do, as the server writes it without passwords; False when the user is not there.

    CLI Example::

        saltern run '*' mysql.user_grants frank localhost
    """
    if not user_exists(user, host, **connection_args):
        return False
    lines = _ask(lambda server: server.first_column("SHOW GRANTS FOR %s@%s", [user, host]), None, connection_args)
    return (
        False if lines is None else [re.sub(r" IDENTIFIED (BY|VIA|WITH) .*?(?= WITH |$)", "", line) for line in lines]
    )


def grant_exists(
    grant: str,
    database: str,
    user: str,
    host: str = "localhost",
    grant_option: bool = False,
    escape: bool = True,
    **connection_args: Any,
) -> bool:
    """Whether a user has privileges (joined by commas) on `database.table`.

    With `escape` the wildcards in the name of the database stand for themselves.

    CLI Example::

        saltern run '*' mysql.grant_exists SELECT,INSERT,UPDATE 'database.*' frank localhost
    """
    wanted = sql.privileges_of(grant)
    places = {sql.place_of(database, escape=escape), sql.place_of(database, escape=False)}
    lines = user_grants(user, host, **connection_args) or []
    found = [one for one in map(sql.grant_of, lines) if one and one.place in places]
    return any(wanted <= one.privileges and (one.grantable or not grant_option) for one in found)


def grant_add(
    grant: str,
    database: str,
    user: str,
    host: str = "localhost",
    grant_option: bool = False,
    escape: bool = True,
    ssl_option: Any = False,
    **connection_args: Any,
) -> bool:
    """Give a user privileges (joined by commas) on `database.table`.

    `ssl_option` is a list such as `[{SSL: True}]` or `[{SUBJECT: text}, {ISSUER: text}]`: how the user has to come.

    CLI Example::

        saltern run '*' mysql.grant_add SELECT,INSERT,UPDATE 'database.*' frank localhost
    """

    def add(server: sql.Server) -> bool:
        place = sql.place_of(database, escape=escape)
        needs = _ssl(server, ssl_option)
        further = " WITH GRANT OPTION" if grant_option else ""
        who = f"{server.quoted(user)}@{server.quoted(host)}"
        server.run(f"GRANT {_privileges(grant)} ON {place} TO {who}{needs}{further}")
        return True

    return bool(_ask(add, False, connection_args))


def grant_revoke(
    grant: str,
    database: str,
    user: str,
    host: str = "localhost",
    grant_option: bool = False,
    escape: bool = True,
    **connection_args: Any,
) -> bool:
    """Take privileges (joined by commas) on `database.table` from a user; with `grant_option` that to give them, too.

    CLI Example::

        saltern run '*' mysql.grant_revoke SELECT,INSERT,UPDATE 'database.*' frank localhost
    """

    def revoke(server: sql.Server) -> bool:
        what = f"{_privileges(grant)}{', GRANT OPTION' if grant_option else ''}"
        who = f"{server.quoted(user)}@{server.quoted(host)}"
        server.run(f"REVOKE {what} ON {sql.place_of(database, escape=escape)} FROM {who}")
        return True

    return bool(_ask(revoke, False, connection_args))


def tokenize_grant(grant: str) -> dict[str, Any]:
    """The parts of a `GRANT` statement.

    CLI Example::

        saltern run '*' mysql.tokenize_grant "GRANT SELECT, INSERT ON testdb.* TO 'testuser'@'localhost'"
    """
    found = re.search(r"GRANT (.+?) ON (.+?) TO (\S+)@(\S+)", grant)
    if not found:
        return {"database": "", "grant": [], "host": "", "user": ""}
    privileges: list[str] = []
    for word in sql.words_of_grant(found[1]):
        name, _, columns = word.partition("(")
        privileges.append(name.strip())
        privileges += [
            f"{name.strip()}.{column.strip()}" for column in columns.rstrip(")").split(",") if column.strip()
        ]
    return {"user": found[3].strip("'"), "host": found[4].strip("'"), "grant": privileges, "database": found[2]}


def quote_identifier(identifier: str, for_grants: bool = False) -> str:
    """A name as an identifier in SQL that is formatted with values afterwards: `%` is doubled.

    CLI Example::

        saltern run '*' mysql.quote_identifier 'foo`bar'
    """
    name = identifier.replace("`", "``").replace("%", "%%")
    return "`" + (name.replace("_", "\\_") if for_grants else name) + "`"


def verify_login(user: str, password: str | None = None, **connection_args: Any) -> bool:
    """Whether a user can log in with a password.

    CLI Example::

        saltern run '*' mysql.verify_login root password
    """
    arguments = {**connection_args, "connection_user": user, "connection_pass": password or "", "connection_db": ""}
    try:
        with sql.connected(arguments, _option):
            return True
    except CommandExecutionError:
        return False


def plugins_list(**connection_args: Any) -> list[dict[str, str]]:
    """The plugins of the server, each with its status.

    CLI Example::

        saltern run '*' mysql.plugins_list
    """
    return [{"name": row["Name"], "status": row["Status"]} for row in _rows("SHOW PLUGINS", connection_args)]


def plugin_status(name: str, **connection_args: Any) -> str:
    """The status of a plugin; empty when the server does not have it.

    CLI Example::

        saltern run '*' mysql.plugin_status auth_socket
    """
    statement = "SELECT PLUGIN_STATUS FROM INFORMATION_SCHEMA.PLUGINS WHERE PLUGIN_NAME = %s"
    found = _ask(lambda server: server.first_column(statement, [name]), [], connection_args)
    return str(found[0]) if found else ""


def plugin_add(name: str, soname: str | None = None, **connection_args: Any) -> bool:
    """Load a plugin of the server, from the library `soname` or the one of its name; True when it is loaded already.

    CLI Example::

        saltern run '*' mysql.plugin_add auth_socket
    """
    if plugin_status(name, **connection_args):
        return True
    return _do(f"INSTALL PLUGIN {sql.identifier(name)} SONAME %s", connection_args, [soname or f"{name}.so"])


def plugin_remove(name: str, **connection_args: Any) -> bool:
    """Unload a plugin of the server; True when it is not loaded.

    CLI Example::

        saltern run '*' mysql.plugin_remove auth_socket
    """
    if not plugin_status(name, **connection_args):
        return True
    return _do(f"UNINSTALL PLUGIN {sql.identifier(name)}", connection_args)


def _option(name: str) -> Any:
    return __salt__["config.option"](name)


_SAME: Any = object()


def _ask(
    work: Callable[[sql.Server], Any],
    refused: Any,
    arguments: dict[str, Any],
    away: Any = _SAME,
    secrets: tuple[str | None, ...] = (),
) -> Any:
    """What `work` answers; `refused` (`away` for a server that is not reached) and a log entry where it cannot be done.

    The reason, without the `secrets`, is kept under `mysql.error` among what plugins share: states look for it there.
    """
    __context__.pop(sql.ERROR, None)
    reached = False
    try:
        with sql.connected(arguments, _option) as server:
            reached = True
            return work(server)
    except CommandExecutionError as error:
        reason = str(error)
        for secret in map(str, filter(None, secrets)):
            reason = reason.replace(secret, "***")
        __context__[sql.ERROR] = reason
        log.error("%s", reason)
        return refused if reached or away is _SAME else away


def _rows(statement: str, arguments: dict[str, Any], values: list[Any] | None = None) -> list[dict[str, Any]]:
    return list(_ask(lambda server: server.rows(statement, values or ()), [], arguments))


def _do(statement: str, arguments: dict[str, Any], values: list[Any] | None = None) -> bool:
    def run(server: sql.Server) -> bool:
        server.run(statement, values or ())
        return True

    return bool(_ask(run, False, arguments))


def _summed(answers: list[dict[str, Any]]) -> dict[str, Any]:
    """The answers of several statements as one."""
    taken = sum(float(answer["query time"]["raw"]) for answer in answers)
    total: dict[str, Any] = {"query time": {"human": f"{round(taken, 2)}s", "raw": round(taken, 5)}}
    for key in ("rows returned", "rows affected"):
        total[key] = sum(answer.get(key, 0) for answer in answers)
    for key in ("columns", "results"):
        total[key] = [answer[key] for answer in answers if key in answer]
    return {key: value for key, value in total.items() if value}


def _characters(character_set: str | None, collate: str | None) -> str:
    for word in filter(None, (character_set, collate)):
        if not re.fullmatch(r"\w+", str(word)):
            raise CommandExecutionError(f"{word} is no name of a character set or collation")
    wanted = f" CHARACTER SET {character_set}" if character_set else ""
    return f"{wanted} COLLATE {collate}" if collate else wanted


def _care_for(verb: str, name: str, table: str | None, arguments: dict[str, Any]) -> list[Any]:
    """The reports of CHECK, REPAIR or OPTIMIZE for a table, or a list of them for all tables of a database."""
    if table is None:
        tables = db_tables(name, **arguments) or []
        return [_care_for(verb, name, one, arguments) for one in tables]
    return _rows(f"{verb} TABLE {sql.identifier(name)}.{sql.identifier(table)}", arguments)


def _kept_hash(user: dict[str, Any], column: str | None) -> str:
    """The hash of a user's password; which column has it differs between the servers."""
    columns = [column] if column else ["Password", "authentication_string"]
    return next((str(user[one]) for one in columns if user.get(one)), "")


def _identify(
    verb: str,
    user: str,
    host: str,
    password: str | None,
    password_hash: str | None,
    allow_passwordless: bool,
    unix_socket: bool,
    plugin: str,
    arguments: dict[str, Any],
) -> bool:
    """Make (`CREATE`) or change (`ALTER`) a user so that it is identified in that way."""
    if password is None and password_hash is None and not allow_passwordless and not unix_socket:
        __context__[sql.ERROR] = "password or password_hash must be specified, unless allow_passwordless=True"
        log.error("%s", __context__[sql.ERROR])
        return False

    def run(server: sql.Server) -> bool:
        how = _identification(server, password, password_hash, unix_socket, plugin)
        server.run(f"{verb} USER {server.quoted(user)}@{server.quoted(host)}{how}")
        return True

    return bool(_ask(run, False, arguments, secrets=(password, password_hash)))


def _identification(
    server: sql.Server, password: str | None, password_hash: str | None, unix_socket: bool, plugin: str
) -> str:
    if password is not None and server.is_mariadb:
        return f" IDENTIFIED BY {server.quoted(str(password))}"
    if password is not None:
        return f" IDENTIFIED WITH {sql.identifier(plugin)} BY {server.quoted(str(password))}"
    if password_hash is not None and server.is_mariadb:
        return f" IDENTIFIED BY PASSWORD {server.quoted(str(password_hash))}"
    if password_hash is not None:
        return f" IDENTIFIED WITH {sql.identifier(plugin)} AS {server.quoted(str(password_hash))}"
    if unix_socket:
        return " IDENTIFIED VIA unix_socket" if server.is_mariadb else " IDENTIFIED WITH auth_socket"
    return " IDENTIFIED BY ''"


def _privileges(grant: str) -> str:
    """Privileges as SQL. Raises `CommandExecutionError` for a text that is more than that."""
    words = sql.words_of_grant(grant)
    for word in words:
        if not re.fullmatch(r"[A-Za-z][A-Za-z ]*(?:\([^;()]*\))?", word):
            raise CommandExecutionError(f"{word} is no privilege")
    return ", ".join(words)


def _ssl(server: sql.Server, ssl_option: Any) -> str:
    if not ssl_option:
        return ""
    asked = [(name.strip().upper(), value) for one in ssl_option for name, value in one.items()]
    for name, _ in asked:
        if name not in _SSL:
            raise CommandExecutionError(f"{name} is no way to require a certificate: {', '.join(_SSL)} are")
    words = [name if value is True else f"{name} {server.quoted(value)}" for name, value in asked if value]
    return f" REQUIRE {' AND '.join(words)}" if words else ""
