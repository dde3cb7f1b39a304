"""Who is at the other end of a unix socket, as the kernel vouches for it."""

from __future__ import annotations

import grp
import os
import pwd
import socket
import struct
from typing import Protocol

from saltern.access.caller import Caller

_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid: struct ucred of unix(7)


class SocketOptions(Protocol):
    """The part of a socket that is needed; asyncio's `get_extra_info("socket")` has it too."""

    def getsockopt(self, level: int, optname: int, buflen: int, /) -> bytes: ...


def caller_of(connection: SocketOptions) -> Caller:
    """The caller at the other end, as it was when it connected."""
    _, uid, _ = _CREDENTIALS.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    name = user_name(uid)
    return Caller(name, uid, trusted=uid in (0, os.geteuid()), local_name=name)


def user_name(uid: int) -> str:
    """The name of a user, or `#UID` for one without a name, which no rule can be meant for by accident."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"#{uid}"


def groups_of(user: str) -> frozenset[str]:
    """The names of the groups that a user is in; none for a user that the system does not know."""
    try:
        gids = os.getgrouplist(user, pwd.getpwnam(user).pw_gid)
    except KeyError:
        return frozenset()
    return frozenset(name for gid in gids if (name := _group_name(gid)))


def _group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return ""
