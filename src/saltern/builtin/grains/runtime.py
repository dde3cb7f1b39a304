"""The process that computes the grains: user, directories, Python and Saltern themselves."""

from __future__ import annotations

import grp
import os
import pwd
import sys
from typing import Any

from saltern.version import SALT_VERSION, VERSION

__grains_keys__ = {
    "user": ("username", "groupname", "uid", "gid"),
    "pid": ("pid",),
    "cwd": ("cwd",),
    "shell": ("shell",),
    "search_path": ("path", "systempath"),
    "python": ("pythonexecutable", "pythonpath", "pythonversion"),
    "version": ("saltpath", "saltversion", "saltversioninfo", "salternversion"),
}


def user() -> dict[str, Any]:
    """The effective user and group; the names are empty where the system has none."""
    uid, gid = os.geteuid(), os.getegid()
    return {"username": _user_name(uid), "groupname": _group_name(gid), "uid": uid, "gid": gid}


def pid() -> dict[str, int]:
    return {"pid": os.getpid()}


def cwd() -> dict[str, str]:
    try:
        return {"cwd": os.getcwd()}
    except FileNotFoundError:  # the directory was removed under us
        return {}


def shell() -> dict[str, str]:
    return {"shell": os.environ.get("SHELL", "/bin/sh")}


def search_path() -> dict[str, Any]:
    path = os.environ.get("PATH", "").strip()
    return {"path": path, "systempath": path.split(os.pathsep)}


def python() -> dict[str, Any]:
    return {
        "pythonexecutable": sys.executable,
        "pythonpath": [entry for entry in sys.path if entry],
        "pythonversion": list(sys.version_info),
    }


def version() -> dict[str, Any]:
    return {
        "saltpath": os.path.dirname(os.path.abspath(sys.modules["saltern"].__file__ or "")),
        "saltversion": SALT_VERSION,
        "saltversioninfo": [int(part) for part in SALT_VERSION.split(".")],
        "salternversion": VERSION,
    }


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return ""


def _group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return ""
