"""Users and groups by name and number, and who owns a file."""

from __future__ import annotations

import grp
import os
import pwd
from typing import Any


def uid_of(user: Any) -> Any:
    """The number of a user by name; numbers are themselves, nothing is who runs this, unknown names are empty."""
    if user is None:
        return os.geteuid()
    if isinstance(user, int):
        return user
    try:
        return pwd.getpwnam(user).pw_uid if user else ""
    except KeyError:
        return ""


def gid_of(group: Any) -> Any:
    """The number of a group by name; numbers are themselves, nothing and unknown names are empty."""
    if group is None:
        return ""
    if isinstance(group, int):
        return group
    try:
        return grp.getgrnam(group).gr_gid if group else ""
    except KeyError:
        return ""


def user_of(uid: int) -> Any:
    """The name of a user by number, or the number if nobody has it."""
    try:
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):
        return uid


def group_of(gid: Any) -> Any:
    """The name of a group by number (or name), or the number if no group has it."""
    try:
        number = int(gid)
    except ValueError:
        number = gid_of(gid)
        if number == "":
            return ""
    try:
        return grp.getgrgid(number).gr_name
    except (KeyError, OverflowError):
        return number


def change(path: str, user: Any, group: Any, *, follow: bool = True) -> str | None:
    """Give a file to a user and a group (empty or None: as they are); what hinders that is the answer."""
    uid, gid, complaints = uid_of(user) if user is not None else -1, gid_of(group), ""
    if uid == "":
        uid = -1
        complaints += "User does not exist\n" if user else ""
    if gid == "":
        gid = -1
        complaints += "Group does not exist\n" if group else ""
    there = os.path.exists(path) if follow else os.path.lexists(path)
    if not there and not (follow and os.path.lexists(path)):
        complaints += "File not found"
    if complaints:
        return complaints
    # A link into nowhere can only be given away itself.
    os.chown(path, uid, gid, follow_symlinks=follow and there)
    return None
