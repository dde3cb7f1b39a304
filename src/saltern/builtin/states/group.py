"""Groups of users are there, as said, or are not."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Functions, Opts

__salt__: Functions
__opts__: Opts

_APPLIED = {"Final": "All changes applied successfully"}


def present(
    name: str,
    gid: Any = None,
    system: bool = False,
    addusers: list[str] | None = None,
    delusers: list[str] | None = None,
    members: list[str] | None = None,
    non_unique: bool = False,
    local: bool = False,
) -> dict[str, Any]:
    """A group is there. `members` are all of its members; `addusers` are among them, `delusers` are not."""
    if members is not None and (addusers is not None or delusers is not None):
        comment = 'Error: Conflicting options "members" with "addusers" and/or "delusers" can not be used together. '
        return _result(name, False, {}, comment)
    if set(addusers or ()) & set(delusers or ()):
        return _result(name, False, {}, "Error. Same user(s) can not be added and deleted simultaneously")
    now = __salt__["group.info"](name)
    if not now:
        return _create(name, gid, system, [*(addusers or ()), *(members or ())], non_unique, local)
    if gid is not None and not str(gid).isdigit():
        return _result(name, False, {}, f"Invalid gid {gid}")
    wanted = _wanted(now, gid, addusers, delusers, members)
    if not wanted:
        return _result(name, True, {}, f"Group {name} is present and up to date")
    listed = "".join(f"{key}: {value}\n" for key, value in wanted.items())
    comment = f"The following group attributes are set to be changed:\n{listed}"
    if __opts__["test"]:
        return _result(name, None, dict(_APPLIED), comment)
    _change(name, wanted, non_unique)
    failed = _wanted(__salt__["group.info"](name), gid, addusers, delusers, members)
    if failed:
        return _result(name, False, {"Failed": failed}, f"{comment}Some changes could not be applied")
    return _result(name, True, dict(_APPLIED), comment)


def absent(name: str, local: bool = False) -> dict[str, Any]:
    """A group is not there."""
    if not __salt__["group.info"](name):
        return _result(name, True, {}, "Group not present")
    if __opts__["test"]:
        return _result(name, None, {name: ""}, f"Group {name} is set for removal")
    if __salt__["group.delete"](name, local=local):
        return _result(name, True, {name: ""}, f"Removed group {name}")
    return _result(name, False, {}, f"Failed to remove group {name}")


def _wanted(
    now: dict[str, Any],
    gid: Any,
    addusers: list[str] | None,
    delusers: list[str] | None,
    members: list[str] | None,
) -> dict[str, Any]:
    """What is not as wanted."""
    wanted: dict[str, Any] = {}
    there = now["members"]
    if gid is not None and int(gid) != now["gid"]:
        wanted["gid"] = int(gid)
    if members is not None and set(members) != set(there):
        wanted["members"] = list(members)
    added = [one for one in addusers or () if one not in there]
    deleted = [one for one in delusers or () if one in there]
    if added:
        wanted["addusers"] = added
    if deleted:
        wanted["delusers"] = deleted
    return wanted


def _change(name: str, wanted: dict[str, Any], non_unique: bool) -> None:
    if "gid" in wanted:
        __salt__["group.chgid"](name, wanted["gid"], non_unique=non_unique)
    if "members" in wanted:
        __salt__["group.members"](name, ",".join(wanted["members"]))
    for user in wanted.get("addusers", ()):
        __salt__["group.adduser"](name, user)
    for user in wanted.get("delusers", ()):
        __salt__["group.deluser"](name, user)


def _create(name: str, gid: Any, system: bool, users: list[str], non_unique: bool, local: bool) -> dict[str, Any]:
    taken = [group["name"] for group in __salt__["group.getent"]() if str(group["gid"]) == str(gid)]
    if taken and not non_unique:
        comment = f"Group {name} is not present but gid {gid} is already taken by group {taken[0]}"
        return _result(name, False, {}, comment)
    if __opts__["test"]:
        number = {} if gid is None else {"gid": int(gid)}
        changes: dict[str, Any] = {"name": name, "passwd": "x", **number, "members": users}
        return _result(name, None, changes, f"Group {name} set to be added")
    if not __salt__["group.add"](name, gid=gid, system=system, non_unique=non_unique, local=local):
        return _result(name, False, {}, f"Failed to create new group {name}")
    for user in users:
        __salt__["group.adduser"](name, user)
    changes = dict(__salt__["group.info"](name))
    failed = [user for user in users if user not in changes["members"]]
    if failed:
        comment = f"Group {name} has been created but, some changes could not be applied"
        return _result(name, False, {**changes, "Failed": {"addusers": failed}}, comment)
    return _result(name, True, changes, f"New group {name} created")


def _result(name: str, result: bool | None, changes: dict[str, Any], comment: str) -> dict[str, Any]:
    return {"name": name, "changes": changes, "result": result, "comment": comment}
