"""Groups of users, by the programs of the shadow suite.

`root` is the directory of another system, whose groups are meant then. `local` uses the programs of libuser, which do
not ask the network's services.
"""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Functions, Grains
from saltern.plugin_api.linux import accounts

__salt__: Functions
__grains__: Grains

__virtualname__ = "group"


def __virtual__() -> str | tuple[bool, str]:
    if __grains__.get("kernel") == "Linux":
        return __virtualname__
    return False, "the programs of the shadow suite are for Linux"


def add(
    name: str,
    gid: Any = None,
    system: bool = False,
    root: str | None = None,
    non_unique: bool = False,
    local: bool = False,
) -> bool:
    """Add a group. With `non_unique` its number may be that of another one.

    CLI Example::

        saltern run '*' group.add foo 3456
    """
    argv = [
        "lgroupadd" if local else "groupadd",
        *(["-g", str(gid)] if gid not in (None, "") else []),
        *(["-o"] if non_unique and not local else []),
        *(["-r"] if system else []),
    ]
    return _succeeds(argv, "-R", root, name)


def delete(name: str, root: str | None = None, local: bool = False) -> bool:
    """Remove a group.

    CLI Example::

        saltern run '*' group.delete foo
    """
    return _succeeds(["lgroupdel" if local else "groupdel"], "-R", root, name)


def info(name: str, root: str | None = None) -> dict[str, Any]:
    """What is known of a group; empty when there is none of that name.

    CLI Example::

        saltern run '*' group.info foo
    """
    group = accounts.find_group(str(name), root)
    return accounts.describe_group(group) if group else {}


def getent(refresh: bool = False, root: str | None = None) -> list[dict[str, Any]]:
    """All groups, as `group.info` tells of them.

    CLI Example::

        saltern run '*' group.getent
    """
    return [accounts.describe_group(group) for group in accounts.groups(root)]


def chgid(name: str, gid: Any, root: str | None = None, non_unique: bool = False) -> bool:
    """Change a group's number.

    CLI Example::

        saltern run '*' group.chgid foo 4376
    """
    now = info(name, root)
    if not now:
        return False
    if now["gid"] != int(gid):
        _succeeds(["groupmod", "-g", str(gid), *(["-o"] if non_unique else [])], "-R", root, name)
    return bool(info(name, root).get("gid") == int(gid))


def adduser(name: str, username: str, root: str | None = None) -> bool:
    """Add a user to a group.

    CLI Example::

        saltern run '*' group.adduser foo bar
    """
    return _succeeds(["gpasswd", "--add", username], "--root", root, name)


def deluser(name: str, username: str, root: str | None = None) -> bool:
    """Take a user out of a group; True as well for one who is not in it.

    CLI Example::

        saltern run '*' group.deluser foo bar
    """
    if username not in info(name, root).get("members", []):
        return True
    return _succeeds(["gpasswd", "--delete", username], "--root", root, name)


def members(name: str, members_list: Any, root: str | None = None) -> bool:
    """Make these users, and no others, the members of a group.

    CLI Example::

        saltern run '*' group.members foo 'user1,user2,user3'
    """
    wanted = ",".join(accounts.names_in(members_list))
    return _succeeds(["gpasswd", "--members", wanted], "--root", root, name)


def _succeeds(argv: list[str], root_option: str, root: str | None, name: str) -> bool:
    words = [*argv, *([root_option, root] if root else []), "--", str(name)]
    return int(__salt__["cmd.run_all"](words, python_shell=False)["retcode"]) == 0
