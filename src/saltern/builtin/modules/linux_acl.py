"""Access control lists of files (acl(5))."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, SaltInvocationError, process

__salt__: Functions

__virtualname__ = "acl"

_TYPES = {"u": "user", "user": "user", "g": "group", "group": "group", "o": "other", "other": "other"}
_TYPES |= {"m": "mask", "mask": "mask"}
_BITS = (("r", "read", 4), ("w", "write", 2), ("x", "execute", 1))


def __virtual__() -> str | tuple[bool, str]:
    return __virtualname__ if process.find_program("getfacl") else (False, "getfacl is not installed")


def version() -> str:
    """The version of the programs for access control lists.

    CLI Example::

        saltern run '*' acl.version
    """
    return str(__salt__["cmd.run"](["getfacl", "--version"], python_shell=False)).split()[1]


def getfacl(*args: str, recursive: bool = False) -> dict[str, Any]:
    """The access control lists of paths: `comment` (who owns it), `user`, `group`, `mask`, `other`, and `defaults`.

    CLI Example::

        saltern run '*' acl.getfacl /tmp/house/kitchen
        saltern run '*' acl.getfacl /tmp/house/kitchen /tmp/house/livingroom recursive=True
    """
    _some(args)
    done = __salt__["cmd.run_all"](
        ["getfacl", "--absolute-names", *(["-R"] if recursive else []), *args], python_shell=False, ignore_retcode=True
    )
    found: dict[str, Any] = {}
    current: dict[str, Any] = {}
    for line in str(done["stdout"]).splitlines():
        if line.startswith("# "):
            key, _, value = line[2:].partition(": ")
            if key == "file":
                current = found.setdefault(value, {"comment": {}, "user": [], "group": []})
            current["comment"][key] = value
        elif line.strip():
            _add(current, line.partition("#")[0].strip())
    return found


def _add(current: dict[str, Any], entry: str) -> None:
    parts = entry.split(":")
    target = current
    if parts[0] == "default":
        target = current.setdefault("defaults", {"user": [], "group": []})
        parts = parts[1:]
    kind, name, perms = parts[0], parts[1], parts[-1]
    permissions = {word: letter in perms for letter, word, _ in _BITS}
    rights = {"octal": sum(bit for letter, _, bit in _BITS if letter in perms), "permissions": permissions}
    if kind in ("user", "group"):
        owner = current["comment"]["owner" if kind == "user" else "group"]
        target[kind].append({name or owner: rights})
    else:
        target[kind] = rights


def wipefacls(*args: str, recursive: bool = False) -> bool:
    """Remove the access control lists of paths.

    CLI Example::

        saltern run '*' acl.wipefacls /tmp/house/kitchen
    """
    _some(args)
    return _set(["-b"], args, recursive, True)


def modfacl(
    acl_type: str, acl_name: str = "", perms: str = "", *args: str, recursive: bool = False, raise_err: bool = False
) -> bool:
    """Give a user or group rights on paths; a type with `d:` in front is for what is made in a directory.

    CLI Example::

        saltern run '*' acl.modfacl user myuser rwx /tmp/house/kitchen
        saltern run '*' acl.modfacl d:group mygroup 7 /tmp/house/kitchen recursive=True
    """
    _some(args)
    return _set(["-m", f"{_kind(acl_type)}:{acl_name}:{perms}"], args, recursive, raise_err)


def delfacl(acl_type: str, acl_name: str = "", *args: str, recursive: bool = False) -> bool:
    """Take from a user or group the rights on paths that a list gives.

    CLI Example::

        saltern run '*' acl.delfacl user myuser /tmp/house/kitchen
    """
    _some(args)
    return _set(["-x", f"{_kind(acl_type)}:{acl_name}"], args, recursive, False)


def _kind(acl_type: str) -> str:
    front, colon, kind = acl_type.rpartition(":")
    if kind not in _TYPES or front not in ("", "d", "default"):
        raise SaltInvocationError(f'The type "{acl_type}" is none of user, group, other and mask')
    return f"{'default:' if colon else ''}{_TYPES[kind]}"


def _some(args: tuple[str, ...]) -> None:
    if not args:
        raise SaltInvocationError("You must specify at least one file or directory to work with!")


def _set(options: list[str], args: tuple[str, ...], recursive: bool, raise_err: bool) -> bool:
    done = __salt__["cmd.run_all"](
        ["setfacl", *(["-R"] if recursive else []), *options, "--", *args],
        python_shell=False,
        ignore_retcode=not raise_err,
    )
    if done["retcode"] and raise_err:
        raise CommandExecutionError(f"setfacl: {done['stderr']}")
    return bool(done["retcode"] == 0)
