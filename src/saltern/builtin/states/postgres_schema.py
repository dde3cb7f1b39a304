"""Schemas of a PostgreSQL database are there, or are not.

`db_host`, `db_port`, `db_user` and `db_password` name the server, `user` the system's user that asks it;
what is not said is as the module `postgres` has it.
"""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.databases import postgres_states as states
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def present(
    dbname: str,
    name: str,
    owner: str | None = None,
    user: str | None = None,
    db_user: str | None = None,
    db_password: str | None = None,
    db_host: str | None = None,
    db_port: Any = None,
) -> dict[str, Any]:
    """A schema is there; a new one belongs to `owner`."""
    server = _server(user, db_user, db_password, db_host, db_port)
    if __salt__["postgres.schema_exists"](dbname, name, **server):
        return result_of(name, True, f"Schema {name} already exists in database {dbname}")
    changes = {name: "Present"}
    if __opts__["test"]:
        return result_of(name, None, f"Schema {name} is set to be created in database {dbname}.", changes)
    if not __salt__["postgres.schema_create"](dbname, name, owner=owner, **server):
        return result_of(name, False, f"Failed to create schema {name} in database {dbname}")
    return result_of(name, True, f"Schema {name} has been created in database {dbname}", changes)


def absent(
    dbname: str,
    name: str,
    user: str | None = None,
    db_user: str | None = None,
    db_password: str | None = None,
    db_host: str | None = None,
    db_port: Any = None,
) -> dict[str, Any]:
    """A schema is not there. One that has something in it stays, and the state fails."""
    server = _server(user, db_user, db_password, db_host, db_port)
    exists = __salt__["postgres.schema_exists"](dbname, name, **server)
    where = (f" from database {dbname}", f" in database {dbname}")
    remove = __salt__["postgres.schema_remove"]
    return states.absent(name, "Schema", __opts__["test"], exists, lambda: remove(dbname, name, **server), where)


def _server(*words: Any) -> dict[str, Any]:
    """As the functions for schemas name the server."""
    found = states.server_of(*words)
    return {"user": found.pop("runas"), **{f"db_{key}": value for key, value in found.items()}}
