"""Users of web servers in files of name and password hash, as states."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts, password_file

__virtualname__ = "webutil"

__opts__: Opts
__salt__: Functions


def __virtual__() -> str:
    return __virtualname__


def user_exists(
    name: str,
    password: str | None = None,
    htpasswd_file: str | None = None,
    options: str = "",
    force: bool = False,
    update: bool = False,
    runas: str | None = None,
) -> dict[str, Any]:
    """Have a user in a file; with `update` with this password, with `force` written anew in any case."""
    if not htpasswd_file or password is None:
        return _result(name, False, "'htpasswd_file' and 'password' are needed")
    try:
        there = name in password_file.entries(htpasswd_file)
        other = there and update and not __salt__["webutil.verify"](htpasswd_file, name, password, options)
        if there and not other and not force:
            return _result(name, True, "User already known")
        if __opts__["test"]:
            return _result(name, None, f"User '{name}' is set to be added to htpasswd file", {name: True})
        done = __salt__["webutil.useradd"](htpasswd_file, name, password, options, runas)
    except (CommandExecutionError, OSError) as error:
        return _result(name, False, str(error))
    return _result(name, True, done["stderr"], {name: True})


def user_absent(name: str, htpasswd_file: str | None = None, runas: str | None = None) -> dict[str, Any]:
    """Not have a user in a file."""
    if not htpasswd_file:
        return _result(name, False, "'htpasswd_file' is needed")
    try:
        if name not in password_file.entries(htpasswd_file):
            return _result(name, True, "User already not in file")
        if __opts__["test"]:
            return _result(name, None, f"User '{name}' is set to be removed from htpasswd file", {name: True})
        done = __salt__["webutil.userdel"](htpasswd_file, name, runas, all_results=True)
    except (CommandExecutionError, OSError) as error:
        return _result(name, False, str(error))
    return _result(name, True, done["stderr"], {name: True})


def _result(name: str, result: bool | None, comment: str, changes: Any = None) -> dict[str, Any]:
    return {"name": name, "changes": changes or {}, "result": result, "comment": comment}
