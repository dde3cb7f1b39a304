"""Users and groups of this system."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd


def get_user() -> str:
    """The name of the user that this process runs as."""
    return pwd.getpwuid(os.geteuid()).pw_name


def get_uid(user: str | None = None) -> int | None:
    """The number of a user, or of this process' user; None for a name that is not known."""
    if user is None:
        return os.geteuid()
    try:
        return pwd.getpwnam(user).pw_uid
    except KeyError:
        return None


def get_gid(group: str | None = None) -> int | None:
    """The number of a group, or of this process' group; None for a name that is not known."""
    if group is None:
        return os.getegid()
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        return None


def get_default_group(user: str) -> str:
    return grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name


def get_group_dict(user: str | None = None, include_default: bool = True) -> dict[str, int]:
    """The groups of a user, or all groups: name to number."""
    if user is None:
        return {entry.gr_name: entry.gr_gid for entry in grp.getgrall()}
    own = pwd.getpwnam(user).pw_gid
    numbers = [number for number in os.getgrouplist(user, own) if include_default or number != own]
    found = {}
    for number in numbers:
        with contextlib.suppress(KeyError):  # a group need not have a name
            found[grp.getgrgid(number).gr_name] = number
    return found


def get_group_list(user: str, include_default: bool = True) -> list[str]:
    return sorted(get_group_dict(user, include_default))


def get_gid_list(user: str, include_default: bool = True) -> list[int]:
    return sorted(get_group_dict(user, include_default).values())
