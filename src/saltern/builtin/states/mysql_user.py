"""Users of a MySQL or MariaDB server are there with their passwords, or are not.

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
    host: str = "localhost",
    password: str | None = None,
    password_hash: str | None = None,
    allow_passwordless: Any = False,
    unix_socket: bool = False,
    password_column: str | None = None,
    auth_plugin: str = "mysql_native_password",
    **connection_args: Any,
) -> dict[str, Any]:
    """A user is there with a password, the hash of one, or with `allow_passwordless` with none.

    With `unix_socket` and no password the system's login lets the user in.
    """
    passwordless = not (password or password_hash)
    if passwordless and not _is_true(allow_passwordless):
        comment = "Either password or password_hash must be specified, unless allow_passwordless is True"
        return result_of(name, False, comment)
    how: dict[str, Any] = {"passwordless": True} if passwordless else {}
    how.update(password=password, password_hash=password_hash, unix_socket=unix_socket, password_column=password_column)
    as_wanted = __salt__["mysql.user_exists"](name, host, **how, **connection_args)
    error = taken_error(__context__, ERROR)
    if error:
        return result_of(name, False, error)
    who = f"{name}@{host}"
    if as_wanted:
        with_what = "passwordless login" if passwordless else "the desired password" + " hash" * (not password)
        return result_of(name, True, f"User {who} is already present with {with_what}")
    secret = {"password": password, "password_hash": password_hash, "unix_socket": unix_socket}
    secret.update(allow_passwordless=_is_true(allow_passwordless), password_column=password_column)
    if __salt__["mysql.user_exists"](name, host, **connection_args):
        return _changed(name, host, passwordless, {**secret, **connection_args})
    return _added(name, host, passwordless, {**secret, "auth_plugin": auth_plugin, **connection_args})


def absent(name: str, host: str = "localhost", **connection_args: Any) -> dict[str, Any]:
    """A user is not there."""
    exists = __salt__["mysql.user_exists"](name, host, **connection_args)
    error = taken_error(__context__, ERROR)
    if error:
        return result_of(name, False, error)
    who = f"{name}@{host}"
    if not exists:
        return result_of(name, True, f"User {who} is not present, so it cannot be removed")
    changes = {name: "Absent"}
    if __opts__["test"]:
        return result_of(name, None, f"User {who} is set to be removed", changes)
    if __salt__["mysql.user_remove"](name, host, **connection_args):
        return result_of(name, True, f"User {who} has been removed", changes)
    return result_of(name, False, taken_error(__context__, ERROR) or f"Failed to remove user {who}")


def _added(name: str, host: str, passwordless: bool, arguments: dict[str, Any]) -> dict[str, Any]:
    who, how = f"{name}@{host}", " with passwordless login" if passwordless else ""
    changes = {name: "Present"}
    if __opts__["test"]:
        return result_of(name, None, f"User {who} is set to be added{how}", changes)
    if __salt__["mysql.user_create"](name, host, **arguments):
        return result_of(name, True, f"The user {who} has been added{how}", changes)
    return result_of(name, False, f"Failed to create user {who}{taken_error(__context__, ERROR, ' ({})')}")


def _changed(name: str, host: str, passwordless: bool, arguments: dict[str, Any]) -> dict[str, Any]:
    who = f"{name}@{host}"
    verb, done = ("clear", "cleared") if passwordless else ("change", "changed")
    changes = {name: "Updated"}
    if __opts__["test"]:
        return result_of(name, None, f"Password for user {who} is set to be {done}", changes)
    if __salt__["mysql.user_chpass"](name, host, **arguments):
        return result_of(name, True, f"Password for user {who} has been {done}", changes)
    error = taken_error(__context__, ERROR, " ({})")
    return result_of(name, False, f"Failed to {verb} password for user {who}{error}")


def _is_true(value: Any) -> bool:
    return value.lower() == "true" if isinstance(value, str) else bool(value)
