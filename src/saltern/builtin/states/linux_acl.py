"""Access control lists of files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts

__virtualname__ = "acl"
_OCTAL = {"r": 4, "w": 2, "x": 1}


def __virtual__() -> str | tuple[bool, str]:
    return __virtualname__ if "acl.getfacl" in __salt__ else (False, "getfacl is not installed")


def present(
    name: str, acl_type: str, acl_name: str = "", perms: str = "", recurse: bool = False, force: bool = False
) -> dict[str, Any]:
    """A user or group has these rights (`rwx`, or a digit) on a path; with `recurse` on all that is in it.

    A type with `d:` in front is for what is made in a directory. With `force` a directory's other lists are removed
    first.
    """
    return list_present(name, acl_type, [acl_name], perms, recurse, force)


def list_present(
    name: str,
    acl_type: str,
    acl_names: Sequence[str] | None = None,
    perms: str = "",
    recurse: bool = False,
    force: bool = False,
) -> dict[str, Any]:
    """Several users or groups have these rights on a path."""
    if not Path(name).exists():
        return result_of(name, False, f"{name} does not exist")
    names = [acl_names] if isinstance(acl_names, str) else list(acl_names or [])
    wanted = _octal(perms)
    old = {one: _held(name, acl_type, one, recurse, wanted) for one in names}
    lacking = [one for one in names if old[one] != wanted]
    if not lacking:
        return result_of(name, True, "Permissions are in the desired state")
    shown = ", ".join(lacking)
    is_new = all(old[one] is None for one in lacking)
    changes: dict[str, Any] = {"new": _told(acl_type, lacking, perms)}
    before = "" if is_new else _letters(next(old[one] for one in lacking if old[one] is not None) or 0)
    if not is_new:
        changes["old"] = _told(acl_type, lacking, before)
    if __opts__["test"]:
        said = f"New permissions will be applied for {shown}: {perms}"
        if not is_new:
            said = f"Updated permissions will be applied for {shown}: {before} -> {perms}"
        return result_of(name, None, said, changes)
    try:
        if force:
            __salt__["acl.wipefacls"](name, recursive=recurse)
        for one in names if force else lacking:
            __salt__["acl.modfacl"](acl_type, one, perms, name, recursive=recurse, raise_err=True)
    except CommandExecutionError as error:
        return result_of(name, False, f"Error updating permissions for {shown}: {error}")
    done = "Applied new permissions for" if is_new else "Updated permissions for"
    return result_of(name, True, f"{done} {shown}", changes)


def absent(name: str, acl_type: str, acl_name: str = "", perms: str = "", recurse: bool = False) -> dict[str, Any]:
    """A list gives a user or group no rights on a path."""
    return list_absent(name, acl_type, [acl_name], recurse)


def list_absent(
    name: str, acl_type: str, acl_names: Sequence[str] | None = None, recurse: bool = False
) -> dict[str, Any]:
    """A list gives several users or groups no rights on a path."""
    if not Path(name).exists():
        return result_of(name, False, f"{name} does not exist")
    names = [acl_names] if isinstance(acl_names, str) else list(acl_names or [])
    held = [one for one in names if any(value is not None for value in _all_held(name, acl_type, one, recurse))]
    if not held:
        return result_of(name, True, "Permissions are in the desired state")
    changes = {"old": _told(acl_type, held, "")}
    changes["old"].pop("perms")
    if __opts__["test"]:
        return result_of(name, None, "Removing permissions", changes)
    for one in held:
        __salt__["acl.delfacl"](acl_type, one, name, recursive=recurse)
    left = [one for one in held if any(value is not None for value in _all_held(name, acl_type, one, recurse))]
    if left:
        return result_of(name, False, f"The permissions of {', '.join(left)} could not be removed")
    return result_of(name, True, "Removing permissions", changes)


def _told(acl_type: str, names: Sequence[str], perms: str) -> dict[str, Any]:
    return {"acl_name": ", ".join(names), "acl_type": acl_type, "perms": perms}


def _held(path: str, acl_type: str, name: str, recurse: bool, wanted: int) -> int | None:
    """The rights that there are, or of a tree those that are not as wanted; None for none."""
    found = _all_held(path, acl_type, name, recurse)
    return next((one for one in found if one != wanted), wanted)


def _all_held(path: str, acl_type: str, name: str, recurse: bool) -> list[int | None]:
    kind = acl_type.rpartition(":")[2]
    kind = {"u": "user", "g": "group", "o": "other", "m": "mask"}.get(kind, kind)
    held: list[int | None] = []
    for one, entry in __salt__["acl.getfacl"](path, recursive=recurse).items():
        if ":" in acl_type:
            if not Path(one).is_dir():
                continue
            entry = {**entry.get("defaults", {}), "comment": entry["comment"]}
        if kind in ("user", "group"):
            owner = entry["comment"]["owner" if kind == "user" else "group"]
            rights = [row[name or owner] for row in entry.get(kind, []) if (name or owner) in row]
        else:
            rights = [entry[kind]] if kind in entry else []
        # of an owner who is in the list too, the second entry is that of the list
        held.append(rights[-1]["octal"] if rights else None)
    return held


def _octal(perms: str) -> int:
    text = str(perms)
    return int(text) if text.isdigit() else sum(_OCTAL.get(letter.lower(), 0) for letter in set(text))


def _letters(octal: int) -> str:
    return "".join(letter if octal & bit else "" for letter, bit in _OCTAL.items())
