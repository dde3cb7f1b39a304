"""Languages of a PostgreSQL database are installed, or are not.

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
    maintenance_db: str,
    user: str | None = None,
    db_password: str | None = None,
    db_host: str | None = None,
    db_port: Any = None,
    db_user: str | None = None,
) -> dict[str, Any]:
    """A language is installed."""
    server = states.server_of(user, db_user, db_password, db_host, db_port)
    if __salt__["postgres.language_exists"](name, maintenance_db, **server):
        return result_of(name, True, f"Language {name} is already installed")
    changes = {name: "Present"}
    if __opts__["test"]:
        return result_of(name, None, f"Language {name} is set to be installed", changes)
    if not __salt__["postgres.language_create"](name, maintenance_db, **server):
        return result_of(name, False, f"Failed to install language {name}")
    return result_of(name, True, f"Language {name} has been installed", changes)


def absent(
    name: str,
    maintenance_db: str,
    user: str | None = None,
    db_password: str | None = None,
    db_host: str | None = None,
    db_port: Any = None,
    db_user: str | None = None,
) -> dict[str, Any]:
    """A language is not installed."""
    server = states.server_of(user, db_user, db_password, db_host, db_port)
    if not __salt__["postgres.language_exists"](name, maintenance_db, **server):
        return result_of(name, True, f"Language {name} is not present so it cannot be removed")
    changes = {name: "Absent"}
    if __opts__["test"]:
        return result_of(name, None, f"Language {name} is set to be removed", changes)
    if not __salt__["postgres.language_remove"](name, maintenance_db, **server):
        return result_of(name, False, f"Failed to remove language {name}")
    return result_of(name, True, f"Language {name} has been removed", changes)
