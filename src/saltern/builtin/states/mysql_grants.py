"""What users of a MySQL or MariaDB server may do.

The server is the one that the module `mysql` reaches; `connection_host`, `connection_user` and so on name another.
"""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Context, Functions, Opts
from saltern.plugin_api.databases.mysql import ERROR
from saltern.plugin_api.state_result import result_of, taken_error

__salt__: Functions
__opts__: Opts
__context__: Context


def present(
    name: str,
    grant: str | None = None,
    database: str | None = None,
    user: str | None = None,
    host: str = "localhost",
    grant_option: bool = False,
    escape: bool = True,
    revoke_first: bool = False,
    ssl_option: Any = False,
    **connection_args: Any,
) -> dict[str, Any]:
    """A user has the privileges `grant` on `database` (`database.table`).

    `revoke_first` takes away what the user may do there before. `ssl_option` is that of `mysql.grant_add`.
    """
    which = (grant, database, user, host, grant_option, escape)
    about = f"Grant {grant} on {database} to {user}@{host}"
    exists = __salt__["mysql.grant_exists"](*which, **connection_args)
    error = taken_error(__context__, ERROR)
    if exists:
        return result_of(name, True, f"{about} is already present")
    if error:
        return result_of(name, False, error)
    changes = {name: "Present"}
    if __opts__["test"]:
        return result_of(name, None, f"MySQL grant {name} is set to be created", changes)
    if revoke_first:
        _revoke_all(database, user, host, escape, connection_args)
    if __salt__["mysql.grant_add"](*which, ssl_option, **connection_args):
        return result_of(name, True, f"{about} has been added", changes)
    error = taken_error(__context__, ERROR, " ({})")
    return result_of(name, False, f'Failed to execute: "GRANT {grant} ON {database} TO {user}@{host}"{error}')


def absent(
    name: str,
    grant: str | None = None,
    database: str | None = None,
    user: str | None = None,
    host: str = "localhost",
    grant_option: bool = False,
    escape: bool = True,
    **connection_args: Any,
) -> dict[str, Any]:
    """A user does not have the privileges `grant` on `database` (`database.table`)."""
    which = (grant, database, user, host, grant_option, escape)
    exists = __salt__["mysql.grant_exists"](*which, **connection_args)
    error = taken_error(__context__, ERROR)
    if error:
        comment = f"Unable to determine if grant {grant} on {database} for {user}@{host} exists ({error})"
        return result_of(name, False, comment)
    if not exists:
        comment = f"Grant {grant} on {database} to {user}@{host} is not present, so it cannot be revoked"
        return result_of(name, True, comment)
    changes = {name: "Absent"}
    if __opts__["test"]:
        return result_of(name, None, f"MySQL grant {name} is set to be revoked", changes)
    if __salt__["mysql.grant_revoke"](*which, **connection_args):
        return result_of(name, True, f"Grant {grant} on {database} for {user}@{host} has been revoked", changes)
    error = taken_error(__context__, ERROR)
    return result_of(name, False, f"Unable to revoke grant {grant} on {database} for {user}@{host} ({error})")


def _revoke_all(
    database: str | None, user: str | None, host: str, escape: bool, connection_args: dict[str, Any]
) -> None:
    """Take away all that a user may do at a place. One who may do nothing there makes no fault."""
    __salt__["mysql.grant_revoke"]("ALL PRIVILEGES", database, user, host, False, escape, **connection_args)
    taken_error(__context__, ERROR)
