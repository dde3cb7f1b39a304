"""Databases, roles, schemas, extensions and privileges of PostgreSQL servers, by psql.

Functions reach the server that the options `postgres.host`, `postgres.port`, `postgres.user`, `postgres.pass` and
`postgres.maintenance_db` name (minion configuration or pillar), or the arguments of these names. Without a host it is
the server on this machine, asked as the system's user `runas`, by default `postgres`. What a server refuses is logged,
and the answer is empty or False.
"""

from __future__ import annotations

import logging
import os
import re
import tempfile
from datetime import datetime

from saltern.plugin_api import CommandExecutionError, CommandNotFoundError, Functions, SaltInvocationError
from saltern.plugin_api.databases import postgres as sql
from saltern.plugin_api.program import ask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__salt__: Functions

log = logging.getLogger(__name__)

_EXTENSION_MISSING = "EXTENSION NOT INSTALLED"
_EXTENSION_THERE = "EXTENSION INSTALLED"
_EXTENSION_TO_UPGRADE = "EXTENSION TO UPGRADE"
_EXTENSION_TO_MOVE = "EXTENSION TO MOVE"
_FLAGS = ("CREATEDB", "CREATEROLE", "INHERIT", "LOGIN", "SUPERUSER", "REPLICATION")


def __virtual__() -> bool | tuple[bool, str]:
    try:
        sql.program("psql", __salt__["config.option"]("postgres.bins_dir") or None)
    except CommandNotFoundError:
        return False, "The postgres execution module cannot be loaded: psql is not installed"
    return True


def version(
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    runas: str | None = None,
) -> str | None:
    """The version of the server; None when it cannot be asked.

    CLI Example::

        saltern run '*' postgres.version
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    found = _rows(server, "SHOW server_version")
    return found[0]["server_version"] if found else None


def psql_query(
    query: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    runas: str | None = None,
    write: bool = False,
) -> list[dict[str, str]]:
    """The rows that a query answers, each value a text. With `write` it may change something.

    CLI Example::

        saltern run '*' postgres.psql_query 'select * from pg_stat_activity'
        saltern run '*' postgres.psql_query "delete from session where id = 1" maintenance_db=shop write=True
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    mode = "" if write else "SET default_transaction_read_only = on;\n"
    return _rows(server, f"{mode}{query}") or []


def db_list(
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    runas: str | None = None,
) -> dict[str, dict[str, str]]:
    """The databases, each with its owner, encoding, collation and tablespace.

    CLI Example::

        saltern run '*' postgres.db_list
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    found = _rows(
        server,
        'SELECT datname AS "Name", pg_get_userbyid(datdba) AS "Owner", pg_encoding_to_char(encoding) AS "Encoding",'
        ' datcollate AS "Collate", datctype AS "Ctype", datacl AS "Access privileges", spcname AS "Tablespace"'
        " FROM pg_database d JOIN pg_tablespace t ON d.dattablespace = t.oid ORDER BY datname",
    )
    return _by("Name", found)


def db_exists(
    name: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    runas: str | None = None,
) -> bool:
    """Whether a database is there.

    CLI Example::

        saltern run '*' postgres.db_exists dbname
    """
    return name in db_list(user, host, port, maintenance_db, password, runas)


def db_create(
    name: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    tablespace: str | None = None,
    encoding: str | None = None,
    lc_collate: str | None = None,
    lc_ctype: str | None = None,
    owner: str | None = None,
    template: str | None = None,
    runas: str | None = None,
) -> bool:
    """Make a database.

    CLI Example::

        saltern run '*' postgres.db_create dbname owner=frank
        saltern run '*' postgres.db_create dbname template=template0 encoding=UTF8 lc_collate=C.UTF-8 lc_ctype=C.UTF-8
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    names = {"TABLESPACE": tablespace, "OWNER": owner, "TEMPLATE": template}
    texts = {"ENCODING": encoding, "LC_COLLATE": lc_collate, "LC_CTYPE": lc_ctype}
    wanted = [f" {word} = {sql.identifier(value)}" for word, value in names.items() if value]
    wanted += [f" {word} = {sql.literal(value)}" for word, value in texts.items() if value]
    return _run(server, f"CREATE DATABASE {sql.identifier(name)}{' WITH' if wanted else ''}{''.join(wanted)}")


def db_alter(
    name: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    tablespace: str | None = None,
    owner: str | None = None,
    owner_recurse: bool = False,
    runas: str | None = None,
) -> bool:
    """Give a database another owner or tablespace; with `owner_recurse` what is in it gets the owner, too.

    CLI Example::

        saltern run '*' postgres.db_alter dbname owner=otheruser
    """
    statements = []
    if owner and owner_recurse and not owner_to(name, owner, user, host, port, password, runas):
        return False
    if owner:
        statements.append(f"ALTER DATABASE {sql.identifier(name)} OWNER TO {sql.identifier(owner)}")
    if tablespace:
        statements.append(f"ALTER DATABASE {sql.identifier(name)} SET TABLESPACE {sql.identifier(tablespace)}")
    server = _server(user, host, port, maintenance_db, password, runas)
    return all(_run(server, statement) for statement in statements)


def db_remove(
    name: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    runas: str | None = None,
) -> bool:
    """Remove a database; who is connected to it is disconnected.

    CLI Example::

        saltern run '*' postgres.db_remove dbname
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    connected = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {sql.literal(name)};"
    return _run(server, f"{connected}\nDROP DATABASE {sql.identifier(name)};")


def owner_to(
    dbname: str,
    ownername: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    password: str | None = None,
    runas: str | None = None,
) -> bool:
    """Give a database's schemas, tables, sequences, views and functions an owner.

    CLI Example::

        saltern run '*' postgres.owner_to dbname username
    """
    server = _server(user, host, port, dbname, password, runas)
    statements = _rows(server, _CHANGES_OF_OWNER.replace("@OWNER@", sql.literal(ownername)))
    if statements is None:
        return False
    lines = ["BEGIN", f"ALTER DATABASE {sql.identifier(dbname)} OWNER TO {sql.identifier(ownername)}"]
    lines += [row["statement"] for row in statements]
    return _run(server, ";\n".join([*lines, "COMMIT;"]))


# Relations that belong to others (sequences of columns, parts of extensions) follow those.
_CHANGES_OF_OWNER = """
WITH schemas AS (
  SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), parts AS (SELECT objid FROM pg_depend WHERE deptype IN ('e', 'a', 'i') AND classid IN
  ('pg_class'::regclass, 'pg_proc'::regclass) AND (deptype = 'e' OR refobjsubid <> 0))
SELECT format('ALTER SCHEMA %I OWNER TO %I', nspname, @OWNER@) AS statement FROM schemas
UNION ALL
SELECT format('ALTER %s %I.%I OWNER TO %I', CASE relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW'
  WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, nspname, relname, @OWNER@)
FROM pg_class c JOIN schemas s ON s.oid = c.relnamespace
WHERE relkind IN ('r', 'p', 'S', 'v', 'm', 'f') AND c.oid NOT IN (SELECT objid FROM parts)
UNION ALL
SELECT format('ALTER ROUTINE %I.%I(%s) OWNER TO %I', nspname, proname,
  pg_get_function_identity_arguments(p.oid), @OWNER@)
FROM pg_proc p JOIN schemas s ON s.oid = p.pronamespace WHERE p.oid NOT IN (SELECT objid FROM parts) AND prokind <> 'a'
"""


def user_list(
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    runas: str | None = None,
    return_password: bool = False,
) -> Any:
    """The roles, users and groups alike, with what they may do; False when the server cannot be asked.

    CLI Example::

        saltern run '*' postgres.user_list
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    source = "pg_authid" if return_password else "pg_roles"
    found = _rows(server, _ROLES.replace("@SOURCE@", source))
    if found is None:
        return False
    return {row["name"]: _role(row, return_password) for row in found}


_ROLES = """
SELECT r.rolname AS name, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolconnlimit,
  CASE WHEN isfinite(rolvaliduntil) THEN rolvaliduntil::timestamp(0) END AS rolvaliduntil, rolpassword,
  (SELECT array_to_string(setconfig, ',') FROM pg_db_role_setting WHERE setrole = r.oid AND setdatabase = 0)
    AS settings,
  (SELECT string_agg(g.rolname, E'\\n' ORDER BY g.rolname) FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
    WHERE m.member = r.oid) AS groups
FROM @SOURCE@ r WHERE r.rolname !~ '^pg_' ORDER BY r.rolname
"""


def _role(row: dict[str, str], return_password: bool) -> dict[str, Any]:
    role: dict[str, Any] = {
        "superuser": row["rolsuper"] == "t",
        "inherits privileges": row["rolinherit"] == "t",
        "can create roles": row["rolcreaterole"] == "t",
        "can create databases": row["rolcreatedb"] == "t",
        "can update system catalogs": None,
        "can login": row["rolcanlogin"] == "t",
        "replication": row["rolreplication"] == "t",
        "connections": int(row["rolconnlimit"]) if row["rolconnlimit"] != "-1" else None,
        "expiry time": datetime.fromisoformat(row["rolvaliduntil"]) if row["rolvaliduntil"] else None,
        "defaults variables": row["settings"],
        "groups": row["groups"].splitlines(),
    }
    if return_password:
        role["password"] = row["rolpassword"]
    return role


def role_get(
    name: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    runas: str | None = None,
    return_password: bool = False,
) -> Any:
    """What a role may do; None when it is not there.

    CLI Example::

        saltern run '*' postgres.role_get frank
    """
    return (user_list(user, host, port, maintenance_db, password, runas, return_password) or {}).get(name)


def user_exists(
    name: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    runas: str | None = None,
) -> bool:
    """Whether a role is there.

    CLI Example::

        saltern run '*' postgres.user_exists frank
    """
    return role_get(name, user, host, port, maintenance_db, password, runas) is not None


def user_create(
    username: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    createdb: Any = None,
    createroles: Any = None,
    inherit: Any = None,
    login: Any = None,
    connlimit: Any = None,
    encrypted: Any = None,
    superuser: Any = None,
    replication: Any = None,
    rolepassword: str | None = None,
    valid_until: Any = None,
    groups: Any = None,
    runas: str | None = None,
) -> bool:
    """Make a user; False when it is there.

    A password is kept as an md5 hash; `encrypted` may be `scram-sha-256`, or False to leave it to the server. `groups`
    are joined by commas.

    CLI Example::

        saltern run '*' postgres.user_create frank rolepassword=secret groups=staff,admins
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    login = True if login is None else login
    flags = (createdb, createroles, inherit, login, superuser, replication)
    how = _attributes(username, flags, rolepassword, encrypted, connlimit, valid_until)
    return _create_role(server, username, how, groups)


def user_update(
    username: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    createdb: Any = None,
    createroles: Any = None,
    encrypted: Any = None,
    superuser: Any = None,
    inherit: Any = None,
    login: Any = None,
    connlimit: Any = None,
    replication: Any = None,
    rolepassword: str | None = None,
    valid_until: Any = None,
    groups: Any = None,
    runas: str | None = None,
) -> bool:
    """Change a user; what is not said stays. For the arguments see `user_create`.

    CLI Example::

        saltern run '*' postgres.user_update frank createdb=True
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    flags = (createdb, createroles, inherit, login, superuser, replication)
    how = _attributes(username, flags, rolepassword, encrypted, connlimit, valid_until)
    return _alter_role(server, username, how, groups)


def user_remove(
    username: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    runas: str | None = None,
) -> bool:
    """Remove a user; False when it is not there, or owns something.

    CLI Example::

        saltern run '*' postgres.user_remove frank
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    return _run(server, f"DROP ROLE {sql.identifier(username)}")


def group_create(
    groupname: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    createdb: Any = None,
    createroles: Any = None,
    encrypted: Any = None,
    login: Any = None,
    inherit: Any = None,
    superuser: Any = None,
    replication: Any = None,
    rolepassword: str | None = None,
    groups: Any = None,
    runas: str | None = None,
) -> bool:
    """Make a group, a role that cannot log in unless `login` says so; False when it is there.

    CLI Example::

        saltern run '*' postgres.group_create staff
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    flags = (createdb, createroles, inherit, login, superuser, replication)
    how = _attributes(groupname, flags, rolepassword, encrypted)
    return _create_role(server, groupname, how, groups)


def group_update(
    groupname: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    createdb: Any = None,
    createroles: Any = None,
    encrypted: Any = None,
    inherit: Any = None,
    login: Any = None,
    superuser: Any = None,
    replication: Any = None,
    rolepassword: str | None = None,
    groups: Any = None,
    runas: str | None = None,
) -> bool:
    """Change a group; what is not said stays.

    CLI Example::

        saltern run '*' postgres.group_update staff createdb=True
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    flags = (createdb, createroles, inherit, login, superuser, replication)
    how = _attributes(groupname, flags, rolepassword, encrypted)
    return _alter_role(server, groupname, how, groups)


def group_remove(
    groupname: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    runas: str | None = None,
) -> bool:
    """Remove a group; False when it is not there, or owns something.

    CLI Example::

        saltern run '*' postgres.group_remove staff
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    return _run(server, f"DROP ROLE {sql.identifier(groupname)}")


def schema_list(
    dbname: str,
    user: str | None = None,
    db_user: str | None = None,
    db_password: str | None = None,
    db_host: str | None = None,
    db_port: Any = None,
) -> dict[str, dict[str, str]]:
    """The schemas of a database, each with its owner and access list.

    CLI Example::

        saltern run '*' postgres.schema_list dbname
    """
    server = _server(db_user, db_host, db_port, dbname, db_password, user)
    found = _rows(
        server, "SELECT nspname AS name, nspacl AS acl, pg_get_userbyid(nspowner) AS owner FROM pg_namespace ORDER BY 1"
    )
    return {
        name: row for name, row in _by("name", found).items() if not name.startswith(("pg_temp_", "pg_toast_temp_"))
    }


def schema_get(
    dbname: str,
    name: str,
    user: str | None = None,
    db_user: str | None = None,
    db_password: str | None = None,
    db_host: str | None = None,
    db_port: Any = None,
) -> Any:
    """The owner and access list of a schema; None when it is not there.

    CLI Example::

        saltern run '*' postgres.schema_get dbname schemaname
    """
    return schema_list(dbname, user, db_user, db_password, db_host, db_port).get(name)


def schema_exists(
    dbname: str,
    name: str,
    user: str | None = None,
    db_user: str | None = None,
    db_password: str | None = None,
    db_host: str | None = None,
    db_port: Any = None,
) -> bool:
    """Whether a database has a schema.

    CLI Example::

        saltern run '*' postgres.schema_exists dbname schemaname
    """
    return schema_get(dbname, name, user, db_user, db_password, db_host, db_port) is not None


def schema_create(
    dbname: str,
    name: str,
    owner: str | None = None,
    user: str | None = None,
    db_user: str | None = None,
    db_password: str | None = None,
    db_host: str | None = None,
    db_port: Any = None,
) -> bool:
    """Make a schema; False when it is there.

    CLI Example::

        saltern run '*' postgres.schema_create dbname schemaname owner=frank
    """
    server = _server(db_user, db_host, db_port, dbname, db_password, user)
    whose = f" AUTHORIZATION {sql.identifier(owner)}" if owner else ""
    return _run(server, f"CREATE SCHEMA {sql.identifier(name)}{whose}")


def schema_remove(
    dbname: str,
    name: str,
    user: str | None = None,
    db_user: str | None = None,
    db_password: str | None = None,
    db_host: str | None = None,
    db_port: Any = None,
) -> bool:
    """Remove a schema that is empty; False when it is not there.

    CLI Example::

        saltern run '*' postgres.schema_remove dbname schemaname
    """
    server = _server(db_user, db_host, db_port, dbname, db_password, user)
    return _run(server, f"DROP SCHEMA {sql.identifier(name)}")


def language_list(
    maintenance_db: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    password: str | None = None,
    runas: str | None = None,
) -> dict[str, str]:
    """The languages of a database.

    CLI Example::

        saltern run '*' postgres.language_list dbname
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    return {row["name"]: row["name"] for row in _rows(server, "SELECT lanname AS name FROM pg_language") or []}


def language_exists(
    name: str,
    maintenance_db: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    password: str | None = None,
    runas: str | None = None,
) -> bool:
    """Whether a database has a language.

    CLI Example::

        saltern run '*' postgres.language_exists plpgsql dbname
    """
    return name in language_list(maintenance_db, user, host, port, password, runas)


def language_create(
    name: str,
    maintenance_db: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    password: str | None = None,
    runas: str | None = None,
) -> bool:
    """Install a language in a database; False when it is there.

    CLI Example::

        saltern run '*' postgres.language_create plpgsql dbname
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    if language_exists(name, maintenance_db, user, host, port, password, runas):
        return False
    return _run(server, f"CREATE LANGUAGE {sql.identifier(name)}")


def language_remove(
    name: str,
    maintenance_db: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    password: str | None = None,
    runas: str | None = None,
) -> bool:
    """Remove a language from a database; False when it is not there, or belongs to an extension.

    CLI Example::

        saltern run '*' postgres.language_remove plpgsql dbname
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    return _run(server, f"DROP LANGUAGE {sql.identifier(name)}")


def available_extensions(
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    runas: str | None = None,
) -> dict[str, dict[str, str]]:
    """The extensions that can be installed.

    CLI Example::

        saltern run '*' postgres.available_extensions
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    found = _rows(server, "SELECT name, default_version, comment FROM pg_available_extensions ORDER BY name")
    return _by("name", found, keep=True)


def installed_extensions(
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    runas: str | None = None,
) -> dict[str, dict[str, str]]:
    """The extensions that are installed in `maintenance_db`.

    CLI Example::

        saltern run '*' postgres.installed_extensions maintenance_db=dbname
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    found = _rows(
        server,
        "SELECT e.oid, extname, extowner, extnamespace, extrelocatable, extversion, extconfig, extcondition,"
        " nspname AS schema_name FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace ORDER BY extname",
    )
    return _by("extname", found, keep=True)


def get_available_extension(
    name: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    runas: str | None = None,
) -> Any:
    """What is known of an extension that can be installed; None for another.

    CLI Example::

        saltern run '*' postgres.get_available_extension hstore
    """
    return available_extensions(user, host, port, maintenance_db, password, runas).get(name)


def is_available_extension(
    name: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    runas: str | None = None,
) -> bool:
    """Whether an extension can be installed.

    CLI Example::

        saltern run '*' postgres.is_available_extension hstore
    """
    return name in available_extensions(user, host, port, maintenance_db, password, runas)


def get_installed_extension(
    name: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    runas: str | None = None,
) -> Any:
    """What is known of an extension that is installed; None for another.

    CLI Example::

        saltern run '*' postgres.get_installed_extension hstore
    """
    return installed_extensions(user, host, port, maintenance_db, password, runas).get(name)


def is_installed_extension(
    name: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    runas: str | None = None,
) -> bool:
    """Whether an extension is installed.

    CLI Example::

        saltern run '*' postgres.is_installed_extension hstore
    """
    return name in installed_extensions(user, host, port, maintenance_db, password, runas)


def create_metadata(
    name: str,
    ext_version: str | None = None,
    schema: str | None = None,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    runas: str | None = None,
) -> list[str]:
    """What stands between an extension and a version and schema of it.

    CLI Example::

        saltern run '*' postgres.create_metadata hstore ext_version=1.8 schema=extensions
    """
    found = get_installed_extension(name, user, host, port, maintenance_db, password, runas)
    if not found:
        return [_EXTENSION_MISSING]
    told = [_EXTENSION_THERE]
    if ext_version is not None and str(ext_version) != found["extversion"]:
        told.append(_EXTENSION_TO_UPGRADE)
    if schema is not None and schema != found["schema_name"]:
        told.append(_EXTENSION_TO_MOVE)
    return told


def create_extension(
    name: str,
    if_not_exists: bool | None = None,
    schema: str | None = None,
    ext_version: str | None = None,
    from_version: str | None = None,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    runas: str | None = None,
) -> bool:
    """Install an extension in `maintenance_db`, or bring it to a version and schema.

    CLI Example::

        saltern run '*' postgres.create_extension hstore maintenance_db=dbname
        saltern run '*' postgres.create_extension hstore schema=extensions ext_version=1.8
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    where = (user, host, port, maintenance_db, password, runas)
    told = create_metadata(name, ext_version, schema, *where)
    extension = sql.identifier(name)
    statements = []
    if _EXTENSION_MISSING in told:
        words = [f"SCHEMA {sql.identifier(schema)}"] if schema else []
        words += [f"VERSION {sql.literal(ext_version)}"] if ext_version else []
        words += [f"FROM {sql.literal(from_version)}"] if from_version else []
        careful = "IF NOT EXISTS " if if_not_exists else ""
        statements.append(" ".join([f"CREATE EXTENSION {careful}{extension}", *words]))
    if _EXTENSION_TO_MOVE in told:
        statements.append(f"ALTER EXTENSION {extension} SET SCHEMA {sql.identifier(schema)}")
    if _EXTENSION_TO_UPGRADE in told:
        statements.append(f"ALTER EXTENSION {extension} UPDATE TO {sql.literal(ext_version)}")
    return all(_run(server, statement) for statement in statements)


def drop_extension(
    name: str,
    if_exists: bool | None = None,
    restrict: bool | None = None,
    cascade: bool | None = None,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    runas: str | None = None,
) -> bool:
    """Remove an extension from `maintenance_db`; with `cascade` what needs it goes, too. True when it is not there.

    CLI Example::

        saltern run '*' postgres.drop_extension hstore maintenance_db=dbname
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    if not is_installed_extension(name, user, host, port, maintenance_db, password, runas):
        return True
    return _run(server, f"DROP EXTENSION {sql.identifier(name)}{' CASCADE' if cascade and not restrict else ''}")


def privileges_list(
    name: str,
    object_type: str,
    prepend: str = "public",
    maintenance_db: str | None = None,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    password: str | None = None,
    runas: str | None = None,
) -> dict[str, Any]:
    """Who may do what with an object: role to privilege to whether the role can pass it on; `public` is everybody.

    For a group the members, and whether they can let others in. `prepend` is the schema of a table, sequence or
    function.

    CLI Example::

        saltern run '*' postgres.privileges_list table_name table maintenance_db=db_name
        saltern run '*' postgres.privileges_list group_name group
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    found = _object(server, name, object_type, prepend)
    if object_type == "group":
        return {row["member"]: row["admin"] == "t" for row in found}
    return sql.privileges_of(found[0]["acl"]) if found else {}


def has_privileges(
    name: str,
    object_name: str,
    object_type: str,
    privileges: Any = None,
    grant_option: bool | None = None,
    prepend: str = "public",
    maintenance_db: str | None = None,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    password: str | None = None,
    runas: str | None = None,
) -> bool:
    """Whether a role has privileges (joined by commas) on an object, or owns it.

    With `grant_option` it can pass them on.

    `ALL` as the name of an object means all tables or sequences of the schema `prepend`.

    CLI Example::

        saltern run '*' postgres.has_privileges user_name table_name table SELECT,INSERT maintenance_db=db_name
        saltern run '*' postgres.has_privileges user_name group_name group
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    wanted = sql.wanted_privileges(object_type, privileges)
    if object_type == "group":
        members = {row["member"]: row["admin"] == "t" for row in _object(server, object_name, object_type, prepend)}
        return name in members and (members[name] or not grant_option)
    found = _objects(server, object_name, object_type, prepend)
    return bool(found) and all(
        row["owner"] == name
        or sql.holds(sql.privileges_of(row["acl"]).get(name, {}), object_type, wanted, grantable=bool(grant_option))
        for row in found
    )


def privileges_grant(
    name: str,
    object_name: str,
    object_type: str,
    privileges: Any = None,
    grant_option: bool | None = None,
    prepend: str = "public",
    maintenance_db: str | None = None,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    password: str | None = None,
    runas: str | None = None,
) -> bool:
    """Give a role privileges on an object, or make it a member of a group; False when it has them.

    CLI Example::

        saltern run '*' postgres.privileges_grant user_name table_name table SELECT,UPDATE maintenance_db=db_name
        saltern run '*' postgres.privileges_grant user_name group_name group
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    where = (prepend, maintenance_db, user, host, port, password, runas)
    if has_privileges(name, object_name, object_type, privileges, grant_option, *where):
        return False
    role = sql.identifier(name)
    if object_type == "group":
        further = " WITH ADMIN OPTION" if grant_option else ""
        return _run(server, f"GRANT {sql.identifier(object_name)} TO {role}{further}")
    further = " WITH GRANT OPTION" if grant_option else ""
    what = ", ".join(sql.wanted_privileges(object_type, privileges))
    return _run(server, f"GRANT {what} ON {_target(object_name, object_type, prepend)} TO {role}{further}")


def privileges_revoke(
    name: str,
    object_name: str,
    object_type: str,
    privileges: Any = None,
    prepend: str = "public",
    maintenance_db: str | None = None,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    password: str | None = None,
    runas: str | None = None,
) -> bool:
    """Take privileges on an object or the membership of a group from a role; False when it does not have them.

    CLI Example::

        saltern run '*' postgres.privileges_revoke user_name table_name table SELECT,UPDATE maintenance_db=db_name
        saltern run '*' postgres.privileges_revoke user_name group_name group
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    where = (prepend, maintenance_db, user, host, port, password, runas)
    if not has_privileges(name, object_name, object_type, privileges, None, *where):
        return False
    role = sql.identifier(name)
    if object_type == "group":
        return _run(server, f"REVOKE {sql.identifier(object_name)} FROM {role}")
    what = ", ".join(sql.wanted_privileges(object_type, privileges))
    return _run(server, f"REVOKE {what} ON {_target(object_name, object_type, prepend)} FROM {role}")


def tablespace_list(
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    runas: str | None = None,
) -> dict[str, dict[str, str]]:
    """The tablespaces, each with its place, owner, options and access list.

    CLI Example::

        saltern run '*' postgres.tablespace_list
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    found = _rows(
        server,
        'SELECT spcname AS "Name", pg_get_userbyid(spcowner) AS "Owner", pg_tablespace_location(oid) AS "Location",'
        ' spcacl AS "ACL", spcoptions AS "Opts" FROM pg_tablespace ORDER BY spcname',
    )
    return _by("Name", found)


def tablespace_exists(
    name: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    runas: str | None = None,
) -> bool:
    """Whether a tablespace is there.

    CLI Example::

        saltern run '*' postgres.tablespace_exists fast
    """
    return name in tablespace_list(user, host, port, maintenance_db, password, runas)


def tablespace_create(
    name: str,
    location: str,
    options: dict[str, Any] | None = None,
    owner: str | None = None,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    runas: str | None = None,
) -> bool:
    """Make a tablespace in a directory that is empty and belongs to the server.

    CLI Example::

        saltern run '*' postgres.tablespace_create fast /srv/postgres/fast
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    words = [f" OWNER {sql.identifier(owner)}"] if owner else []
    words += [f" LOCATION {sql.literal(location)}"]
    words += [f" WITH ({_settings(options)})"] if options else []
    return _run(server, f"CREATE TABLESPACE {sql.identifier(name)}{''.join(words)}")


def tablespace_alter(
    name: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    new_name: str | None = None,
    new_owner: str | None = None,
    set_option: dict[str, Any] | None = None,
    reset_option: str | None = None,
    runas: str | None = None,
) -> bool:
    """Give a tablespace another name, owner or options.

    CLI Example::

        saltern run '*' postgres.tablespace_alter fast new_owner=frank
        saltern run '*' postgres.tablespace_alter fast set_option='{random_page_cost: 1.1}'
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    what = f"ALTER TABLESPACE {sql.identifier(name)}"
    statements = [f"{what} OWNER TO {sql.identifier(new_owner)}"] if new_owner else []
    statements += [f"{what} SET ({_settings(set_option)})"] if set_option else []
    statements += [f"{what} RESET ({sql.identifier(reset_option)})"] if reset_option else []
    statements += [f"{what} RENAME TO {sql.identifier(new_name)}"] if new_name else []
    return all(_run(server, statement) for statement in statements)


def tablespace_remove(
    name: str,
    user: str | None = None,
    host: str | None = None,
    port: Any = None,
    maintenance_db: str | None = None,
    password: str | None = None,
    runas: str | None = None,
) -> bool:
    """Remove a tablespace that is empty; False when it is not there.

    CLI Example::

        saltern run '*' postgres.tablespace_remove fast
    """
    server = _server(user, host, port, maintenance_db, password, runas)
    return _run(server, f"DROP TABLESPACE {sql.identifier(name)}")


def datadir_exists(name: str) -> bool:
    """Whether a directory is a server's directory of data.

    CLI Example::

        saltern run '*' postgres.datadir_exists /var/lib/postgresql/15/main
    """
    return sql.is_data_directory(name)


def datadir_init(
    name: str,
    auth: str = "password",
    user: str | None = None,
    password: str | None = None,
    encoding: str = "UTF8",
    locale: str | None = None,
    waldir: str | None = None,
    checksums: bool = False,
    runas: str | None = None,
) -> bool:
    """Make a directory of data with its first superuser `user`, by initdb; False when it cannot be made.

    CLI Example::

        saltern run '*' postgres.datadir_init /var/lib/pgsql/data user=postgres password=secret
    """
    runas = runas or ("postgres" if os.geteuid() == 0 else None)
    options = {"pgdata": name, "username": user or runas, "auth": auth, "encoding": encoding}
    options |= {"locale": locale, "waldir": waldir}
    words = [f"--{option}={value}" for option, value in options.items() if value is not None]
    words += ["--data-checksums"] if checksums else []
    initdb = sql.program("initdb", __salt__["config.option"]("postgres.bins_dir") or None)
    with tempfile.NamedTemporaryFile("w") as file:
        if password is not None:
            file.write(f"{password}\n")
            file.flush()
            if runas:
                __salt__["file.chown"](file.name, runas, None)
            words.append(f"--pwfile={file.name}")
        answer = ask([initdb, *words], user=runas)
    if answer.retcode:
        log.error("initdb: %s", answer.reason)
    return not answer.retcode


def _server(
    user: str | None, host: str | None, port: Any, database: str | None, password: str | None, runas: str | None
) -> sql.Psql:
    return sql.reached(__salt__["config.option"], user, host, port, database, password, runas)


def _rows(server: sql.Psql, statement: str) -> list[dict[str, str]] | None:
    """The rows of an answer; None and a log entry where the server refuses."""
    try:
        return server.rows(statement)
    except CommandExecutionError as error:
        log.error("%s", error)
        return None


def _run(server: sql.Psql, statement: str) -> bool:
    """Run statements; False and a log entry where the server refuses."""
    try:
        server.run(statement)
    except CommandExecutionError as error:
        log.error("%s", error)
        return False
    return True


def _by(key: str, rows: list[dict[str, str]] | None, *, keep: bool = False) -> dict[str, dict[str, str]]:
    """Rows by the value of a column, which is left out of them unless `keep`."""
    return {row[key]: {name: row[name] for name in row if keep or name != key} for row in rows or []}


def _attributes(
    name: str,
    flags: tuple[Any, ...],
    rolepassword: str | None,
    encrypted: Any,
    connlimit: Any = None,
    valid_until: Any = None,
) -> str:
    """The attributes of a role as SQL; `flags` are in the order of `_FLAGS`, None for one that is not said."""
    said = zip(_FLAGS, flags, strict=True)
    words = [word if value else f"NO{word}" for word, value in said if value is not None]
    if connlimit is not None:
        words.append(f"CONNECTION LIMIT {int(connlimit)}")
    if rolepassword is not None:
        words.append(f"PASSWORD {sql.literal(sql.hash_of(name, str(rolepassword), encrypted))}")
    if valid_until is not None:
        words.append(f"VALID UNTIL {sql.literal(valid_until)}")
    return f" WITH {' '.join(words)}" if words else ""


def _create_role(server: sql.Psql, name: str, how: str, groups: Any) -> bool:
    return _run(server, _with_groups(f"CREATE ROLE {sql.identifier(name)}{how}", name, groups))


def _alter_role(server: sql.Psql, name: str, how: str, groups: Any) -> bool:
    return _run(server, _with_groups(f"ALTER ROLE {sql.identifier(name)}{how}", name, groups))


def _with_groups(statement: str, name: str, groups: Any) -> str:
    """A statement, and those that let a role into groups, as one transaction."""
    listed = groups if isinstance(groups, list | tuple) else str(groups or "").split(",")
    named = [group.strip() for group in listed if group.strip()]
    grants = [f"GRANT {sql.identifier(group)} TO {sql.identifier(name)}" for group in named]
    return ";\n".join(["BEGIN", statement, *grants, "COMMIT;"])


def _object(server: sql.Psql, name: str, kind: str, schema: str) -> list[dict[str, str]]:
    """The access list and the owner of an object, or the members of a group; nothing when it is not there."""
    sql.wanted_privileges(kind, None)
    if kind == "group":
        return _rows(server, _MEMBERS.replace("@NAME@", sql.literal(name))) or []
    lookup = sql.KINDS[kind].lookup.format(name=sql.literal(name), schema=sql.literal(schema))
    return _rows(server, lookup) or []


_MEMBERS = """
SELECT u.rolname AS member, m.admin_option AS admin FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
JOIN pg_roles u ON u.oid = m.member WHERE g.rolname = @NAME@
"""


def _objects(server: sql.Psql, name: str, kind: str, schema: str) -> list[dict[str, str]]:
    """The access lists and owners of an object, or with the name `ALL` of all that its schema has."""
    if name.upper() != "ALL" or not sql.KINDS[kind].in_schema:
        return _object(server, name, kind, schema)
    lookup = sql.KINDS[kind].lookup.partition(" AND proname" if kind == "function" else " AND relname")
    kinds = " AND relkind IN" + lookup[2].partition("relkind IN")[2] if kind != "function" else ""
    return _rows(server, f"{lookup[0]}{kinds}".format(schema=sql.literal(schema))) or []


def _target(name: str, kind: str, schema: str) -> str:
    """An object as behind `GRANT ... ON`."""
    if sql.KINDS[kind].in_schema and name.upper() == "ALL":
        return f"ALL {kind.upper()}S IN SCHEMA {sql.identifier(schema)}"
    if kind == "function":
        function, bracket, arguments = name.partition("(")
        if bracket and not re.fullmatch(r'[\w\s.,"()\[\]]*\)', arguments):
            raise SaltInvocationError(f"{name} is no function with the types of its arguments, like twice(integer)")
        return f"FUNCTION {sql.identifier(schema)}.{sql.identifier(function)}{bracket}{arguments}"
    where = f"{sql.identifier(schema)}." if sql.KINDS[kind].in_schema else ""
    return f"{kind.upper()} {where}{sql.identifier(name)}"


def _settings(options: dict[str, Any] | None) -> str:
    return ", ".join(f"{sql.identifier(name)} = {sql.literal(value)}" for name, value in (options or {}).items())
