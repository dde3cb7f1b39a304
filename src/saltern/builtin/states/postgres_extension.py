"""Extensions of a PostgreSQL database are installed, or are not.

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
    if_not_exists: bool | None = None,
    schema: str | None = None,
    ext_version: str | None = None,
    from_version: str | None = None,
    user: str | None = None,
    maintenance_db: str | None = None,
    db_user: str | None = None,
    db_password: str | None = None,
    db_host: str | None = None,
    db_port: Any = None,
) -> dict[str, Any]:
    """An extension is installed in `maintenance_db`, in this version and schema if they are given."""
    server = states.server_of(user, db_user, db_password, db_host, db_port, maintenance_db=maintenance_db)
    told = __salt__["postgres.create_metadata"](name, ext_version=ext_version, schema=schema, **server)
    is_new = "EXTENSION NOT INSTALLED" in told
    if not is_new and len(told) == 1:
        return result_of(name, True, f"Extension {name} is already present")
    verb = "install" if is_new else "upgrade"
    done = f"{verb.rstrip('e')}ed"
    changes = {name: done.capitalize()}
    if __opts__["test"]:
        return result_of(name, None, f"Extension {name} is set to be {done}", changes)
    given = {"if_not_exists": if_not_exists, "schema": schema, "ext_version": ext_version, "from_version": from_version}
    if not __salt__["postgres.create_extension"](name, **given, **server):
        return result_of(name, False, f"Failed to {verb} extension {name}")
    return result_of(name, True, f"The extension {name} has been {done}", changes)


def absent(
    name: str,
    if_exists: bool | None = None,
    restrict: bool | None = None,
    cascade: bool | None = None,
    user: str | None = None,
    maintenance_db: str | None = None,
    db_user: str | None = None,
    db_password: str | None = None,
    db_host: str | None = None,
    db_port: Any = None,
) -> dict[str, Any]:
    """An extension is not installed; with `cascade` neither is what needs it."""
    server = states.server_of(user, db_user, db_password, db_host, db_port, maintenance_db=maintenance_db)
    exists = __salt__["postgres.is_installed_extension"](name, **server)
    given = {"if_exists": if_exists, "restrict": restrict, "cascade": cascade, **server}
    drop = __salt__["postgres.drop_extension"]
    return states.absent(name, "Extension", __opts__["test"], exists, lambda: drop(name, **given))
