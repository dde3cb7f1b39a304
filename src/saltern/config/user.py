"""The user of the system that a program of ours runs as."""

from __future__ import annotations

import os

from saltern.errors import PermissionRefused, UserError


def become(user: str) -> None:
    """Go on as this user. `UserError` when there is none; `PermissionRefused` unless root asks, or it is oneself."""
    import pwd

    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        raise UserError(f"there is no system user {user!r}", hint="see the option user") from None
    if entry.pw_uid == os.geteuid():
        return
    if os.geteuid() != 0:
        raise PermissionRefused(f"only root can become {user}")
    os.initgroups(user, entry.pw_gid)
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
    os.environ.update(HOME=entry.pw_dir, USER=user, LOGNAME=user)
