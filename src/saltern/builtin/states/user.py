"""Users are there, as said, or are not."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts

__salt__: Functions
__opts__: Opts

_REDACTED = "XXX-REDACTED-XXX"
_LOGIN_DEFS = "/etc/login.defs"
_GECOS = ("fullname", "roomnumber", "workphone", "homephone", "other")
# The arguments about the age of a password: the field that shows them, and the function of `shadow` that sets them.
_AGES = {
    "date": ("lstchg", "set_date"),
    "mindays": ("min", "set_mindays"),
    "maxdays": ("max", "set_maxdays"),
    "inactdays": ("inact", "set_inactdays"),
    "warndays": ("warn", "set_warndays"),
    "expire": ("expire", "set_expire"),
}


def present(
    name: str,
    uid: Any = None,
    gid: Any = None,
    usergroup: bool | None = None,
    groups: list[str] | None = None,
    optional_groups: list[str] | None = None,
    remove_groups: bool = True,
    home: str | None = None,
    createhome: bool = True,
    persist_home: bool = False,
    password: Any = None,
    hash_password: bool = False,
    enforce_password: bool = True,
    empty_password: bool = False,
    shell: str | None = None,
    unique: bool = True,
    system: bool = False,
    fullname: Any = None,
    roomnumber: Any = None,
    workphone: Any = None,
    homephone: Any = None,
    other: Any = None,
    loginclass: str | None = None,
    date: Any = None,
    mindays: Any = None,
    maxdays: Any = None,
    inactdays: Any = None,
    warndays: Any = None,
    expire: Any = None,
    win_homedrive: str | None = None,
    win_profile: str | None = None,
    win_logonscript: str | None = None,
    win_description: str | None = None,
    nologinit: bool = False,
    allow_uid_change: bool = False,
    allow_gid_change: bool = False,
    password_lock: bool | None = None,
    local: bool = False,
) -> dict[str, Any]:
    """A user is there with these attributes. One that is not said stays as it is.

    `groups` must be there (in test mode another state may yet make them), of `optional_groups` those are taken that
    are; others are left unless `remove_groups` is False. `password` is a hash, or with `hash_password` hashed here;
    without `enforce_password` only a new user gets it. `date`, `mindays`, … are those of shadow(5). The arguments for
    Windows are accepted and mean nothing.
    """
    gecos = dict(zip(_GECOS, (fullname, roomnumber, workphone, homephone, other), strict=True))
    wrong = _wrong_text(gecos)
    if wrong:
        return _result(name, False, {}, wrong)
    missing = [one for one in groups or () if not __salt__["group.info"](one)]
    if missing and not __opts__["test"]:
        return _result(name, False, {}, f"The following group(s) are not present: {','.join(missing)}")
    optional = [one for one in optional_groups or () if one not in (groups or ()) and __salt__["group.info"](one)]
    wanted_groups = None if groups is None and not optional else [*(groups or ()), *optional]
    now = __salt__["user.info"](name)
    password = _password(name, password, hash_password, empty_password)
    days = zip(_AGES, (date, mindays, maxdays, inactdays, warndays, expire), strict=True)
    ages = {key: value for key, value in days if value is not None}
    if not now:
        given = {
            "uid": uid,
            "gid": gid,
            "groups": wanted_groups,
            "home": home,
            "shell": shell,
            "unique": unique,
            "system": system,
            "createhome": createhome,
            "nologinit": nologinit,
            "usergroup": usergroup,
            "local": local,
            **{key: value or "" for key, value in gecos.items()},
        }
        if __opts__["test"]:
            return _planned(name, given, password, ages, missing)
        return _create(name, given, password, ages, password_lock)
    refused = _refused(now, uid, gid, allow_uid_change, allow_gid_change)
    if refused:
        return _result(name, False, {}, refused)
    wanted = _wanted(name, now, uid, gid, wanted_groups, remove_groups, home, createhome, shell, gecos)
    if "shadow.info" in __salt__:
        set_password = password if enforce_password else None
        wanted.update(_wanted_shadow(name, set_password, ages, password_lock))
    if not wanted:
        return _result(name, True, {}, f"User {name} is present and up to date")
    if __opts__["test"]:
        listed = "".join(f"{key}: {_shown(key, value)}\n" for key, value in wanted.items())
        comment = f"The following user attributes are set to be changed:\n{listed}"
        return _result(name, None, _foreseen(name, now, wanted), comment)
    return _change(name, wanted, persist_home=persist_home, append=not remove_groups)


def absent(name: str, purge: bool = False, force: bool = False, local: bool = False) -> dict[str, Any]:
    """A user is not there; with `purge` neither is the home directory. `force` removes one who is logged in."""
    if not __salt__["user.info"](name):
        return _result(name, True, {}, f"User {name} is not present")
    groups = set(__salt__["user.list_groups"](name))
    if __opts__["test"]:
        gone = [name] if name in groups and _falls_with(name) else []
        changes = {f"{one} group": "removed" for one in gone}
        return _result(name, None, {**changes, name: "removed"}, f"User {name} set for removal")
    if not __salt__["user.delete"](name, purge, force, local=local):
        return _result(name, False, {}, f"Failed to remove user {name}")
    gone = [one for one in sorted(groups) if not __salt__["group.info"](one)]
    changes = {f"{one} group": "removed" for one in gone}
    return _result(name, True, {**changes, name: "removed"}, f"Removed user {name}")


def _falls_with(user: str) -> bool:
    """Whether the group of a user's name is removed with the user: it is his alone, and the system has it so."""
    if not os.path.isfile(_LOGIN_DEFS):
        return False
    with open(_LOGIN_DEFS, encoding="utf-8", errors="replace") as file:
        said = [line.split() for line in file if line.startswith("USERGROUPS_ENAB")]
    group = __salt__["group.info"](user)
    others = [one for one in __salt__["user.getent"]() if one["gid"] == group.get("gid") and one["name"] != user]
    alone = not others and not set(group.get("members") or []) - {user}
    return alone and bool(said) and said[-1][1:2] == ["yes"]


def _wrong_text(gecos: Mapping[str, Any]) -> str:
    for value in (value for key, value in gecos.items() if key != "other" and value is not None):
        for character in ",:":
            if character in str(value):
                return f"Unsupported char '{character}' in {value}"
    return ""


def _password(name: str, password: Any, hash_password: bool, empty_password: bool) -> str | None:
    """The hash that is wanted; the user's own if it is the hash of that password."""
    if empty_password:
        return ""
    if password is None or not hash_password:
        return None if password is None else str(password)
    now = __salt__["shadow.info"](name)["passwd"].lstrip("!")
    parts = now.split("$")
    algorithms = {"6": "sha512", "5": "sha256", "1": "md5"}
    if len(parts) == 4 and parts[1] in algorithms:
        hashed = str(__salt__["shadow.gen_password"](str(password), parts[2], algorithms[parts[1]]))
        if hashed == now:
            return hashed
    return str(__salt__["shadow.gen_password"](str(password)))


def _refused(now: Mapping[str, Any], uid: Any, gid: Any, allow_uid: bool, allow_gid: bool) -> str:
    """Why the number of a user or of the group cannot be changed."""
    errors = []
    note = "to True to force this change. Note that this will not change file ownership."
    if uid is not None and str(uid) != str(now["uid"]) and not allow_uid:
        errors.append(f"Changing uid ({now['uid']} -> {uid}) not permitted, set allow_uid_change {note}")
    if gid is not None and _gid_of(gid) != now["gid"] and not allow_gid:
        errors.append(f"Changing gid ({now['gid']} -> {gid}) not permitted, set allow_gid_change {note}")
    return str(CommandExecutionError("Encountered error checking for needed changes", info=errors)) if errors else ""


def _gid_of(gid: Any) -> Any:
    if str(gid).isdigit():
        return int(gid)
    return __salt__["group.info"](gid).get("gid", gid)


def _wanted(
    name: str,
    now: Mapping[str, Any],
    uid: Any,
    gid: Any,
    groups: list[str] | None,
    remove_groups: bool,
    home: str | None,
    createhome: bool,
    shell: str | None,
    gecos: Mapping[str, Any],
) -> dict[str, Any]:
    """The attributes that are not as wanted."""
    wanted: dict[str, Any] = {}
    if uid is not None and str(uid) != str(now["uid"]):
        wanted["uid"] = int(uid)
    if gid is not None and _gid_of(gid) != now["gid"]:
        wanted["gid"] = gid
    if groups is not None:
        primary = __salt__["group.info"](gid).get("name") if isinstance(gid, str) else None
        primaries = {primary, *_names_of_gid(now["gid"])}
        have, want = set(now["groups"]) - primaries, set(groups) - primaries
        if want - have or (remove_groups and have - want):
            wanted["groups"] = sorted(want)
    if home is not None and home != now["home"]:
        wanted["home"] = home
    if createhome and home is not None and not os.path.isdir(home):
        wanted["homeDoesNotExist"] = home
    if shell is not None and shell != now["shell"]:
        wanted["shell"] = shell
    wanted.update({key: str(value) for key, value in gecos.items() if value is not None and str(value) != now[key]})
    return wanted


def _names_of_gid(gid: int) -> set[str]:
    return {group["name"] for group in __salt__["group.getent"]() if group["gid"] == gid}


def _wanted_shadow(
    name: str, password: str | None, ages: Mapping[str, Any], password_lock: bool | None
) -> dict[str, Any]:
    now = __salt__["shadow.info"](name)
    wanted: dict[str, Any] = {}
    bare = now["passwd"].lstrip("!") if password_lock is not None else now["passwd"]
    if password is not None and password not in (now["passwd"], bare):
        wanted["passwd"] = password
    wanted.update({key: value for key, value in ages.items() if str(now[_AGES[key][0]]) != str(_number(key, value))})
    # With an asterisk nobody can log in by a password anyhow.
    locked = now["passwd"].startswith("!") or now["passwd"] == "*"
    if password_lock is not None and locked != password_lock:
        wanted["password_lock"] = password_lock
    return wanted


def _number(key: str, value: Any) -> Any:
    """The number of days that a date means."""
    if key in ("date", "expire") and not str(value).lstrip("-").isdigit():
        from saltern.plugin_api.linux import accounts

        return accounts.days(value)
    return value


def _shown(key: str, value: Any) -> Any:
    return _REDACTED if key == "passwd" else value


def _foreseen(name: str, now: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The changes that `_change` would give."""
    found: dict[str, Any] = {}
    for key, value in wanted.items():
        if key in ("passwd", "password_lock"):
            found["passwd"] = _REDACTED
        elif key in _AGES:
            found[_AGES[key][0]] = int(_number(key, value))
        elif key == "gid":
            found["gid"] = _gid_of(value)
        elif key != "homeDoesNotExist":
            found[key] = value
    if "groups" in wanted or "gid" in found:
        primary = _names_of_gid(found.get("gid", now["gid"]))
        others = wanted.get("groups", set(now["groups"]) - _names_of_gid(now["gid"]))
        found["groups"] = sorted(primary | set(others))
    return found


def _change(name: str, wanted: Mapping[str, Any], *, persist_home: bool, append: bool) -> dict[str, Any]:
    before, before_shadow = _both(name)
    calls: dict[str, Callable[[Any], Any]] = {
        "groups": lambda value: __salt__["user.chgroups"](name, value, append),
        "home": lambda value: __salt__["user.chhome"](name, value, persist=persist_home),
        "homeDoesNotExist": lambda value: _make_home(name, value),
        "passwd": lambda value: _set_password(name, value),
        "password_lock": lambda value: __salt__["shadow.lock_password" if value else "shadow.unlock_password"](name),
    }
    for key, value in wanted.items():
        if key in calls:
            calls[key](value)
        elif key in _AGES:
            __salt__[f"shadow.{_AGES[key][1]}"](name, value)
        else:
            __salt__[f"user.ch{key}"](name, value)
    after, after_shadow = _both(name)
    changes = {key: after[key] for key in after if after[key] != before.get(key) and key != "passwd"}
    for key in after_shadow:
        if after_shadow[key] != before_shadow.get(key) and key != "lstchg":
            changes[key] = _shown(key, after_shadow[key])
    if "date" in wanted and after_shadow["lstchg"] != before_shadow["lstchg"]:
        changes["lstchg"] = after_shadow["lstchg"]
    failed = _failures(wanted, after, after_shadow)
    if failed:
        return _result(name, False, changes, f"These values could not be changed: {failed}")
    return _result(name, True, changes, f"Updated user {name}")


def _both(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    shadow = __salt__["shadow.info"](name) if "shadow.info" in __salt__ else {}
    return dict(__salt__["user.info"](name)), dict(shadow)


def _failures(wanted: Mapping[str, Any], after: Mapping[str, Any], shadow: Mapping[str, Any]) -> dict[str, Any]:
    failed: dict[str, Any] = {}
    for key, value in wanted.items():
        if key == "passwd":
            good = shadow["passwd"].lstrip("!") == value.lstrip("!")
        elif key == "password_lock":
            good = shadow["passwd"].startswith("!") == value
        elif key in _AGES:
            good = str(shadow[_AGES[key][0]]) == str(_number(key, value))
        elif key == "groups":
            good = set(value) <= set(after["groups"])
        elif key == "gid":
            good = after["gid"] == _gid_of(value)
        else:
            good = os.path.isdir(value) if key == "homeDoesNotExist" else after[key] == value
        if not good:
            failed[key] = _shown(key, value)
    return failed


def _make_home(name: str, home: str) -> None:
    """The directory, unless moving the old one has made it."""
    if not os.path.isdir(home):
        info = __salt__["user.info"](name)
        os.makedirs(home, 0o755)
        os.chown(home, info["uid"], info["gid"])


def _set_password(name: str, password: str) -> bool:
    if password == "":
        return bool(__salt__["shadow.del_password"](name))
    return bool(__salt__["shadow.set_password"](name, password))


def _planned(
    name: str, given: Mapping[str, Any], password: str | None, ages: Mapping[str, Any], missing: list[str]
) -> dict[str, Any]:
    """What test mode tells of a user who is not there, and of groups that are not there yet either."""
    attributes = ("uid", "gid", "groups", "home", "shell", *_GECOS)
    foreseen = {key: given[key] for key in attributes if given[key] not in (None, "")}
    changes = {"name": name, **foreseen, **({} if password is None else {"password": _shown_new(password)}), **ages}
    pending = f" (pending groups: {','.join(missing)})" if missing else ""
    return _result(name, None, changes, f"User {name} set to be added{pending}")


def _create(
    name: str, given: Mapping[str, Any], password: str | None, ages: Mapping[str, Any], password_lock: bool | None
) -> dict[str, Any]:
    if not __salt__["user.add"](name, **given):
        return _result(name, False, {}, f"Failed to create new user {name}")
    changes = dict(__salt__["user.info"](name))
    failed = []
    if password is not None:
        if not _set_password(name, password):
            failed.append("set the password")
        changes["password"] = _shown_new(password)
    for key, value in ages.items():
        if not __salt__[f"shadow.{_AGES[key][1]}"](name, value):
            failed.append(f"set {key}")
        changes[key] = value
    if password_lock:
        __salt__["shadow.lock_password"](name)
    comment = f"New user {name} created"
    if failed:
        return _result(name, False, changes, f"{comment} but failed to {', '.join(failed)}")
    return _result(name, True, changes, comment)


def _shown_new(password: str) -> str:
    return _REDACTED if password else ""


def _result(name: str, result: bool | None, changes: dict[str, Any], comment: str) -> dict[str, Any]:
    return {"name": name, "changes": changes, "result": result, "comment": comment}
