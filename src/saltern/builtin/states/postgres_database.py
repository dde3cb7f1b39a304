"""Databases of a PostgreSQL server are there, as said, or are not.

`db_host`, `db_port`, `db_user`, `db_password` and `maintenance_db` name the server, `user` the system's user that asks
it; what is not said is as the module `postgres` has it.
"""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.databases import postgres_states as states
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def present(
    name: str,
    tablespace: str | None = None,
    encoding: str | None = None,
    lc_collate: str | None = None,
    lc_ctype: str | None = None,
    owner: str | None = None,
    owner_recurse: bool = False,
    template: str | None = None,
    user: str | None = None,
    maintenance_db: str | None = None,
    db_password: str | None = None,
    db_host: str | None = None,
    db_port: Any = None,
    db_user: str | None = None,
) -> dict[str, Any]:
    """A database is there with this owner and tablespace.

    Encoding, collation and template are for a new one: where one that is there has others, the state fails. With
    `owner_recurse` what is in the database gets a new owner, too.
    """
    server = states.server_of(user, db_user, db_password, db_host, db_port, maintenance_db=maintenance_db)
    now = __salt__["postgres.db_list"](**server).get(name)
    texts = {"encoding": encoding, "lc_collate": lc_collate, "lc_ctype": lc_ctype}
    if now is None:
        given = {"tablespace": tablespace, "owner": owner, "template": template, **texts, **server}
        create = __salt__["postgres.db_create"]
        return states.present(name, "Database", __opts__["test"], lambda: create(name, **given))
    if any(
        value and _plain(value) != _plain(now[column]) for value, column in zip(texts.values(), _COLUMNS, strict=True)
    ):
        return result_of(name, False, f"Database {name} has wrong parameters which couldn't be changed on fly.")
    if owner in (None, now["Owner"]) and tablespace in (None, now["Tablespace"]):
        return result_of(name, True, f"Database {name} is already present")
    changes = {name: "Parameters changed"}
    if __opts__["test"]:
        return result_of(name, None, f"Database {name} exists, but parameters need to be changed", changes)
    other = None if tablespace == now["Tablespace"] else tablespace
    if not __salt__["postgres.db_alter"](name, tablespace=other, owner=owner, owner_recurse=owner_recurse, **server):
        return result_of(name, False, f"Failed to change parameters for database {name}")
    return result_of(name, True, f"Parameters for database {name} have been changed", changes)


def absent(
    name: str,
    user: str | None = None,
    maintenance_db: str | None = None,
    db_password: str | None = None,
    db_host: str | None = None,
    db_port: Any = None,
    db_user: str | None = None,
) -> dict[str, Any]:
    """A database is not there."""
    server = states.server_of(user, db_user, db_password, db_host, db_port, maintenance_db=maintenance_db)
    exists = __salt__["postgres.db_exists"](name, **server)
    remove = __salt__["postgres.db_remove"]
    return states.absent(name, "Database", __opts__["test"], exists, lambda: remove(name, **server))


_COLUMNS = ("Encoding", "Collate", "Ctype")


def _plain(name: str) -> str:
    """A name of an encoding or locale without what may be written in several ways: `C.UTF-8`, `C.utf8`."""
    return str(name).lower().replace("-", "")
