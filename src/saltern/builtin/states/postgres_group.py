"""Groups of a PostgreSQL server are there, as said, or are not.

`db_host`, `db_port`, `db_user`, `db_password` and `maintenance_db` name the server, `user` the system's user that asks
it; what is not said is as the module `postgres` has it.
"""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.databases import postgres_states as states

__salt__: Functions
__opts__: Opts


def present(
    name: str,
    createdb: bool | None = None,
    createroles: bool | None = None,
    encrypted: Any = None,
    superuser: bool | None = None,
    inherit: bool | None = None,
    login: bool | None = None,
    replication: bool | None = None,
    password: str | None = None,
    refresh_password: bool | None = None,
    groups: Any = None,
    user: str | None = None,
    maintenance_db: str | None = None,
    db_password: str | None = None,
    db_host: str | None = None,
    db_port: Any = None,
    db_user: str | None = None,
) -> dict[str, Any]:
    """A group is there with these attributes; what is not said stays as it is.

    With `refresh_password` the password is set each time. `groups` are those that it is in, joined by commas.
    """
    server = states.server_of(user, db_user, db_password, db_host, db_port, maintenance_db=maintenance_db)
    wanted = {
        "createdb": createdb,
        "createroles": createroles,
        "inherit": inherit,
        "login": login,
        "superuser": superuser,
        "replication": replication,
        "encrypted": encrypted,
        "rolepassword": password,
        "groups": groups,
        "refresh_password": refresh_password,
    }
    test = bool(__opts__["test"])
    return states.role_present(name, "Group", wanted, __salt__, server, test=test)


def absent(
    name: str,
    user: str | None = None,
    maintenance_db: str | None = None,
    db_password: str | None = None,
    db_host: str | None = None,
    db_port: Any = None,
    db_user: str | None = None,
) -> dict[str, Any]:
    """A group is not there."""
    server = states.server_of(user, db_user, db_password, db_host, db_port, maintenance_db=maintenance_db)
    exists = __salt__["postgres.user_exists"](name, **server)
    remove = __salt__["postgres.group_remove"]
    return states.absent(name, "Group", __opts__["test"], exists, lambda: remove(name, **server))
