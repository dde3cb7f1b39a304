"""What the states of PostgreSQL have in common: how they name the server, and how something becomes there or absent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from saltern.plugin_api.databases.postgres import is_password
from saltern.plugin_api.state_result import result_of

_FLAGS = {
    "createdb": "can create databases",
    "createroles": "can create roles",
    "inherit": "inherits privileges",
    "login": "can login",
    "superuser": "superuser",
    "replication": "replication",
}
"""The arguments of a role that are true or false, and their names in `postgres.role_get`."""


def server_of(
    user: str | None, db_user: str | None, db_password: str | None, db_host: str | None, db_port: Any, **further: Any
) -> dict[str, Any]:
    """The arguments of a state that name the server, in the words of the module's functions."""
    return {"runas": user, "user": db_user, "password": db_password, "host": db_host, "port": db_port, **further}


def present(name: str, kind: str, test: bool, create: Callable[[], Any], where: str = "") -> dict[str, Any]:
    """The result for something that is not there and shall be."""
    changes = {name: "Present"}
    if test:
        return result_of(name, None, f"{kind} {name} is set to be created{where}", changes)
    if not create():
        return result_of(name, False, f"Failed to create {kind.lower()} {name}{where}")
    return result_of(name, True, f"The {kind.lower()} {name} has been created{where}", changes)


def absent(
    name: str, kind: str, test: bool, is_there: bool, remove: Callable[[], Any], where: tuple[str, str] = ("", "")
) -> dict[str, Any]:
    """The result for something that shall not be there; `where` is said behind `removed` and behind `present`."""
    if not is_there:
        return result_of(name, True, f"{kind} {name} is not present{where[1]}, so it cannot be removed")
    changes = {name: "Absent"}
    if test:
        return result_of(name, None, f"{kind} {name} is set to be removed{where[0]}", changes)
    if not remove():
        return result_of(name, False, f"{kind} {name} failed to be removed{where[0]}")
    return result_of(name, True, f"{kind} {name} has been removed{where[0]}", changes)


def role_present(
    name: str,
    kind: str,
    wanted: Mapping[str, Any],
    functions: Mapping[str, Callable[..., Any]],
    server: Mapping[str, Any],
    *,
    test: bool,
    new_password: str | None = None,
) -> dict[str, Any]:
    """The result of a user or group; `wanted` are its attributes, `new_password` is for one that is not there yet."""
    attributes = {key: value for key, value in wanted.items() if value is not None and key != "refresh_password"}
    now = functions["postgres.role_get"](name, return_password=True, **server)
    if now is None:
        if new_password is not None and "rolepassword" not in attributes:
            attributes["rolepassword"] = new_password
        create = functions[f"postgres.{kind.lower()}_create"]
        return present(name, kind, test, lambda: create(name, **attributes, **server))
    update = _differences(name, now, wanted)
    if not update:
        return result_of(name, True, f"{kind} {name} is already present")
    if test:
        return result_of(name, None, f"{kind} {name} is set to be updated", {name: update})
    given = {"encrypted": wanted.get("encrypted")} if "password" in update else {}
    given |= {key: value for key, value in update.items() if key != "password"}
    if "password" in update:
        given["rolepassword"] = wanted["rolepassword"]
    if not functions[f"postgres.{kind.lower()}_update"](name, **given, **server):
        return result_of(name, False, f"Failed to update {kind.lower()} {name}")
    return result_of(name, True, f"The {kind.lower()} {name} has been updated", {name: update})


def _differences(name: str, now: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What a role has to get; of a password it is only said that."""
    update: dict[str, Any] = {
        key: wanted[key]
        for key, said in _FLAGS.items()
        if wanted.get(key) is not None and bool(wanted[key]) != now[said]
    }
    password = wanted.get("rolepassword")
    if password is not None and (
        wanted.get("refresh_password")
        or not is_password(name, str(password), now.get("password"), wanted.get("encrypted"))
    ):
        update["password"] = True
    until = wanted.get("valid_until")
    if until is not None and not _is_moment(until, now["expiry time"]):
        update["valid_until"] = until
    listed = wanted.get("groups") or []
    groups = listed.split(",") if isinstance(listed, str) else list(listed)
    lacking = sorted({group.strip() for group in groups} - set(now["groups"]))
    if lacking:
        update["groups"] = lacking
    return update


def _is_moment(wanted: Any, now: Any) -> bool:
    """Whether a role ends at a moment; without a zone, and where only the day is said, that counts as the server's."""
    from datetime import datetime

    text = str(wanted).strip()
    if text == "infinity":
        return now is None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return False
    return now is not None and moment.replace(tzinfo=None) == now
