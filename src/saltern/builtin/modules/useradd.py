"""Users, by the programs of the shadow suite.

`root` is the directory of another system, whose users are meant then. `local` uses the programs of libuser, which do
not ask the network's services.
"""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Context, Functions, Grains
from saltern.plugin_api.linux import accounts

__salt__: Functions
__grains__: Grains
__context__: Context

__virtualname__ = "user"

# The home directory or the mail of a user that could not be removed.
_LEFT_BEHIND = 12


def __virtual__() -> str | tuple[bool, str]:
    if __grains__.get("kernel") == "Linux":
        return __virtualname__
    return False, "the programs of the shadow suite are for Linux"


def add(
    name: str,
    uid: Any = None,
    gid: Any = None,
    groups: Any = None,
    home: str | None = None,
    shell: str | None = None,
    unique: bool = True,
    system: bool = False,
    fullname: str = "",
    roomnumber: Any = "",
    workphone: Any = "",
    homephone: Any = "",
    other: Any = "",
    createhome: bool = True,
    loginclass: str | None = None,
    nologinit: bool = False,
    root: str | None = None,
    usergroup: bool | None = None,
    local: bool = False,
) -> bool:
    """Add a user. `usergroup` says whether it gets a group of its own name.

    CLI Example::

        saltern run '*' user.add name uid=1001 groups=audio,video shell=/bin/sh
    """
    gecos = {
        "fullname": fullname,
        "roomnumber": roomnumber,
        "workphone": workphone,
        "homephone": homephone,
        "other": other,
    }
    wanted = accounts.names_in(groups)
    argv = [
        "luseradd" if local else "useradd",
        *(["-s", shell] if shell else []),
        *(["-u", str(uid)] if uid not in (None, "") else []),
        *(["-g", str(gid)] if gid not in (None, "") else []),
        *([] if usergroup is None else ["-U"] if usergroup else ["-n" if local else "-N"]),
        *(["-G", ",".join(wanted)] if wanted and not local else []),
        *(["-d", home] if home is not None else []),
        *([] if unique or local else ["-o"]),
        *(["-r"] if system else []),
        *(["-m"] if createhome and not local else [] if createhome else ["-M"]),
        *(["-l"] if nologinit and not local else []),
        *(["-c", accounts.gecos_text(gecos)] if any(gecos.values()) else []),
    ]
    if not _succeeds(argv, name, root):
        return False
    return chgroups(name, wanted, append=True, root=root) if local and wanted else True


def delete(name: str, remove: bool = False, force: bool = False, root: str | None = None, local: bool = False) -> bool:
    """Remove a user; with `remove` the home directory too, with `force` one who is logged in.

    CLI Example::

        saltern run '*' user.delete name remove=True force=True
    """
    argv = ["luserdel" if local else "userdel", *(["-r"] if remove else []), *(["-f"] if force and not local else [])]
    done = _run(argv, name, root, ignore_retcode=True)
    if done["retcode"] in (0, _LEFT_BEHIND) and accounts.find_user(name, root) is None:
        return True
    __context__["retcode"] = done["retcode"]
    return False


def getent(refresh: bool = False, root: str | None = None) -> list[dict[str, Any]]:
    """All users, as `user.info` tells of them.

    CLI Example::

        saltern run '*' user.getent
    """
    return [accounts.describe_user(user, root) for user in accounts.users(root)]


def chuid(name: str, uid: Any, root: str | None = None) -> bool:
    """Change a user's number.

    CLI Example::

        saltern run '*' user.chuid foo 4376
    """
    return _change(name, "uid", int(uid), ["-u", str(uid)], root)


def chgid(name: str, gid: Any, root: str | None = None) -> bool:
    """Change a user's primary group, which is named or numbered.

    CLI Example::

        saltern run '*' user.chgid foo 4376
    """
    group = None if str(gid).isdigit() else accounts.find_group(str(gid), root)
    number = group.gr_gid if group else gid
    return _change(name, "gid", int(number) if str(number).isdigit() else number, ["-g", str(gid)], root)


def chshell(name: str, shell: str, root: str | None = None) -> bool:
    """Change a user's shell.

    CLI Example::

        saltern run '*' user.chshell foo /bin/zsh
    """
    return _change(name, "shell", shell, ["-s", shell], root)


def chhome(name: str, home: str, persist: bool = False, root: str | None = None) -> bool:
    """Change a user's home directory; with `persist` move what is in the old one.

    CLI Example::

        saltern run '*' user.chhome foo /home/users/foo persist=True
    """
    return _change(name, "home", home, ["-d", home, *(["-m"] if persist else [])], root)


def chgroups(name: str, groups: Any, append: bool = False, root: str | None = None) -> bool:
    """Change the groups that a user is in besides the primary one; with `append` leave none.

    CLI Example::

        saltern run '*' user.chgroups foo wheel,root append=True
    """
    wanted = accounts.names_in(groups)
    user = accounts.find_user(name, root)
    if user is not None:
        primary = {one.gr_name for one in accounts.groups(root) if one.gr_gid == user.pw_gid}
        now = set(accounts.groups_of(user, root)) - primary
        if set(wanted) - primary <= now and (append or now <= set(wanted)):
            return True
    return _succeeds(["usermod", *(["-a"] if append else []), "-G", ",".join(wanted)], name, root)


def chfullname(name: str, fullname: Any, root: str | None = None) -> bool:
    """Change a user's full name.

    CLI Example::

        saltern run '*' user.chfullname foo 'Foo Bar'
    """
    return _change_gecos(name, "fullname", fullname, root)


def chroomnumber(name: str, roomnumber: Any, root: str | None = None) -> bool:
    """Change a user's room number.

    CLI Example::

        saltern run '*' user.chroomnumber foo 123
    """
    return _change_gecos(name, "roomnumber", roomnumber, root)


def chworkphone(name: str, workphone: Any, root: str | None = None) -> bool:
    """Change a user's phone number at work.

    CLI Example::

        saltern run '*' user.chworkphone foo 7735550123
    """
    return _change_gecos(name, "workphone", workphone, root)


def chhomephone(name: str, homephone: Any, root: str | None = None) -> bool:
    """Change a user's phone number at home.

    CLI Example::

        saltern run '*' user.chhomephone foo 7735551234
    """
    return _change_gecos(name, "homephone", homephone, root)


def chother(name: str, other: Any, root: str | None = None) -> bool:
    """Change what else is said of a user.

    CLI Example::

        saltern run '*' user.chother foo 'in the cellar'
    """
    return _change_gecos(name, "other", other, root)


def chloginclass(name: str, loginclass: str, root: str | None = None) -> bool:
    """Login classes are a thing of OpenBSD: here it is False.

    CLI Example::

        saltern run '*' user.chloginclass foo staff
    """
    return False


def get_loginclass(name: str) -> bool:
    """Login classes are a thing of OpenBSD: here it is False.

    CLI Example::

        saltern run '*' user.get_loginclass foo
    """
    return False


def info(name: str, root: str | None = None) -> dict[str, Any]:
    """What is known of a user; empty when there is none of that name.

    CLI Example::

        saltern run '*' user.info root
    """
    user = accounts.find_user(str(name), root)
    return accounts.describe_user(user, root) if user else {}


def primary_group(name: str) -> str:
    """The name of a user's primary group.

    CLI Example::

        saltern run '*' user.primary_group saltadmin
    """
    return str(__salt__["cmd.run"](["id", "-g", "-n", str(name)], python_shell=False))


def list_groups(name: str) -> list[str]:
    """The names of a user's groups, sorted; none for a user that is not there.

    CLI Example::

        saltern run '*' user.list_groups foo
    """
    user = accounts.find_user(str(name))
    return accounts.groups_of(user) if user else []


def list_users(root: str | None = None) -> list[str]:
    """The names of all users, sorted.

    CLI Example::

        saltern run '*' user.list_users
    """
    return sorted(user.pw_name for user in accounts.users(root))


def rename(name: str, new_name: str, root: str | None = None) -> bool:
    """Change a user's name. The home directory and the group keep theirs.

    CLI Example::

        saltern run '*' user.rename name new_name
    """
    _known(name, root)
    if accounts.find_user(new_name, root):
        raise CommandExecutionError(f"User '{new_name}' already exists")
    _succeeds(["usermod", "-l", new_name], name, root)
    return accounts.find_user(new_name, root) is not None


def _run(argv: list[str], name: str, root: str | None, ignore_retcode: bool = False) -> dict[str, Any]:
    words = [*argv, *(["-R", root] if root else []), "--", str(name)]
    done: dict[str, Any] = __salt__["cmd.run_all"](words, python_shell=False, ignore_retcode=ignore_retcode)
    return done


def _succeeds(argv: list[str], name: str, root: str | None) -> bool:
    return int(_run(argv, name, root)["retcode"]) == 0


def _known(name: str, root: str | None) -> dict[str, Any]:
    found = info(name, root)
    if not found:
        raise CommandExecutionError(f"User '{name}' does not exist")
    return found


def _change(name: str, key: str, value: Any, options: list[str], root: str | None) -> bool:
    """Change what differs; whether it is as wanted then."""
    if _known(name, root)[key] != value:
        _succeeds(["usermod", *options], name, root)
    return bool(info(name, root).get(key) == value)


def _change_gecos(name: str, key: str, value: Any, root: str | None) -> bool:
    now = _known(name, root)
    return _change(name, key, str(value), ["-c", accounts.gecos_text({**now, key: value})], root)
