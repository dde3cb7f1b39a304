"""What roles of a PostgreSQL server may do with its objects.

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
    object_name: str,
    object_type: str,
    privileges: list[str] | None = None,
    grant_option: bool | None = None,
    prepend: str = "public",
    maintenance_db: str | None = None,
    user: str | None = None,
    db_password: str | None = None,
    db_host: str | None = None,
    db_port: Any = None,
    db_user: str | None = None,
) -> dict[str, Any]:
    """A role has privileges on an object (`table`, `sequence`, `schema`, `database`, …), or is in a group.

    `prepend` is the schema of a table, sequence or function, whose name may be `ALL`. With `grant_option` the role can
    pass the privileges on.
    """
    server = states.server_of(user, db_user, db_password, db_host, db_port, maintenance_db=maintenance_db)
    which = (name, object_name, object_type, _words(privileges), grant_option, prepend)
    if __salt__["postgres.has_privileges"](*which, **server):
        return result_of(name, True, "The requested privilege(s) are already set")
    what = _words(privileges) or object_name
    changes = {name: "Present"}
    if __opts__["test"]:
        return result_of(name, None, f"The privilege(s): {what} are set to be granted to {name}", changes)
    if not __salt__["postgres.privileges_grant"](*which, **server):
        return result_of(name, False, f"Failed to grant privilege(s): {what} to {name}")
    return result_of(name, True, f"The privilege(s): {what} have been granted to {name}", changes)


def absent(
    name: str,
    object_name: str,
    object_type: str,
    privileges: list[str] | None = None,
    prepend: str = "public",
    maintenance_db: str | None = None,
    user: str | None = None,
    db_password: str | None = None,
    db_host: str | None = None,
    db_port: Any = None,
    db_user: str | None = None,
) -> dict[str, Any]:
    """A role does not have privileges on an object, or is not in a group."""
    server = states.server_of(user, db_user, db_password, db_host, db_port, maintenance_db=maintenance_db)
    which = (name, object_name, object_type, _words(privileges))
    if not __salt__["postgres.has_privileges"](*which, prepend=prepend, **server):
        return result_of(name, True, "The requested privilege(s) are not set so cannot be revoked")
    what = _words(privileges) or object_name
    changes = {name: "Absent"}
    if __opts__["test"]:
        return result_of(name, None, f"The privilege(s): {what} are set to be revoked from {name}", changes)
    if not __salt__["postgres.privileges_revoke"](*which, prepend=prepend, **server):
        return result_of(name, False, f"Failed to revoke privilege(s): {what} from {name}")
    return result_of(name, True, f"The privilege(s): {what} have been revoked from {name}", changes)


def _words(privileges: Any) -> str | None:
    return ",".join(privileges) if isinstance(privileges, list | tuple) else privileges
