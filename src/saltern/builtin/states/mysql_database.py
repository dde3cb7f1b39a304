"""Databases of a MySQL or MariaDB server are there, or are not.

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
    name: str, character_set: str | None = None, collate: str | None = None, **connection_args: Any
) -> dict[str, Any]:
    """A database is there, with this character set and collation if they are given."""
    now = __salt__["mysql.db_get"](name, **connection_args)
    error = taken_error(__context__, ERROR)
    if now:
        return _altered(name, now, character_set, collate, connection_args)
    if error:
        return result_of(name, False, error)
    changes = {name: "Present"}
    if __opts__["test"]:
        return result_of(name, None, f"Database {name} is not present and needs to be created", changes)
    if __salt__["mysql.db_create"](name, character_set=character_set, collate=collate, **connection_args):
        return result_of(name, True, f"The database {name} has been created", changes)
    return result_of(name, False, f"Failed to create database {name}{taken_error(__context__, ERROR, ' ({})')}")


def absent(name: str, **connection_args: Any) -> dict[str, Any]:
    """A database is not there."""
    exists = __salt__["mysql.db_exists"](name, **connection_args)
    error = taken_error(__context__, ERROR)
    if error:
        return result_of(name, False, error)
    if not exists:
        return result_of(name, True, f"Database {name} is not present, so it cannot be removed")
    changes = {name: "Absent"}
    if __opts__["test"]:
        return result_of(name, None, f"Database {name} is present and needs to be removed", changes)
    if __salt__["mysql.db_remove"](name, **connection_args):
        return result_of(name, True, f"Database {name} has been removed", changes)
    return result_of(name, False, f"Unable to remove database {name}{taken_error(__context__, ERROR, ' ({})')}")


def _altered(
    name: str, now: dict[str, str], character_set: str | None, collate: str | None, connection_args: dict[str, Any]
) -> dict[str, Any]:
    """The result for a database that is there."""
    wanted = {"character_set": character_set, "collate": collate}
    differ = {key: value for key, value in wanted.items() if value and value != now[key]}
    if not differ:
        return result_of(name, True, f"Database {name} is already present")
    if __opts__["test"]:
        changes = {key: {"before": now[key], "now": value} for key, value in differ.items()}
        said = ", ".join(f"{key.replace('_', ' ')} {now[key]} != {value}" for key, value in differ.items())
        return result_of(name, None, f"Database {name} is going to be updated: {said}", changes)
    if not __salt__["mysql.alter_db"](name, character_set=character_set, collate=collate, **connection_args):
        return result_of(name, False, f"Failed to update database {name}{taken_error(__context__, ERROR, ' ({})')}")
    found = __salt__["mysql.db_get"](name, **connection_args)
    changes = {key: {"before": now[key], "now": found[key]} for key in wanted if now[key] != found[key]}
    return result_of(name, True, f"Database {name} has been updated", changes)
