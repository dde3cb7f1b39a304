"""The files of accounts: passwd(5), group(5) and shadow(5), of this system or of one below another root."""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import grp
import os
import pwd
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.whole_file import write_whole

GECOS = ("fullname", "roomnumber", "workphone", "homephone", "other")
_LOCK_SECONDS = 15.0
_SHADOW_NUMBERS = ("lstchg", "min", "max", "warn", "inact", "expire")


class Shadow(NamedTuple):
    """One line of shadow(5); -1 stands for an empty number."""

    name: str
    passwd: str
    lstchg: int = -1
    min: int = -1
    max: int = -1
    warn: int = -1
    inact: int = -1
    expire: int = -1
    reserved: str = ""

    def line(self) -> str:
        numbers = ("" if number < 0 else str(number) for number in self[2:8])
        return ":".join((self.name, self.passwd, *numbers, self.reserved))

    def described(self) -> dict[str, Any]:
        return {"name": self.name, "passwd": self.passwd, **{name: getattr(self, name) for name in _SHADOW_NUMBERS}}


def users(root: str | None = None) -> list[pwd.struct_passwd]:
    """All users; below a root those of its file, else those of all services that this system asks."""
    if not root:
        return pwd.getpwall()
    rows = (line.split(":") for line in _lines(root, "passwd"))
    return [pwd.struct_passwd((*row[:2], int(row[2]), int(row[3]), *row[4:])) for row in rows if len(row) == 7]


def groups(root: str | None = None) -> list[grp.struct_group]:
    """All groups, as `users`."""
    if not root:
        return grp.getgrall()
    rows = (line.split(":") for line in _lines(root, "group"))
    return [
        grp.struct_group((row[0], row[1], int(row[2]), [one for one in row[3].split(",") if one]))
        for row in rows
        if len(row) == 4
    ]


def find_user(name: str, root: str | None = None) -> pwd.struct_passwd | None:
    if root:
        return next((one for one in users(root) if one.pw_name == name), None)
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(name)
    return None


def find_group(name: str, root: str | None = None) -> grp.struct_group | None:
    if root:
        return next((one for one in groups(root) if one.gr_name == name), None)
    with contextlib.suppress(KeyError):
        return grp.getgrnam(name)
    return None


def groups_of(user: pwd.struct_passwd, root: str | None = None) -> list[str]:
    """The names of a user's groups, the primary one with them, sorted."""
    if root:
        known = groups(root)
        return sorted({one.gr_name for one in known if user.pw_gid == one.gr_gid or user.pw_name in one.gr_mem})
    found = set()
    for gid in os.getgrouplist(user.pw_name, user.pw_gid):
        with contextlib.suppress(KeyError):
            found.add(grp.getgrgid(gid).gr_name)
    return sorted(found)


def describe_user(user: pwd.struct_passwd, root: str | None = None) -> dict[str, Any]:
    """What `user.info` gives."""
    return {
        "gid": user.pw_gid,
        "groups": groups_of(user, root),
        "home": user.pw_dir,
        "name": user.pw_name,
        "passwd": user.pw_passwd,
        "shell": user.pw_shell,
        "uid": user.pw_uid,
        **parse_gecos(user.pw_gecos),
    }


def describe_group(group: grp.struct_group) -> dict[str, Any]:
    """What `group.info` gives."""
    return {"name": group.gr_name, "passwd": group.gr_passwd, "gid": group.gr_gid, "members": list(group.gr_mem)}


def parse_gecos(text: str) -> dict[str, str]:
    """The comment field of a user; what stands behind the fourth comma belongs to `other`."""
    parts = text.split(",", 4)
    return dict(zip(GECOS, [*parts, *[""] * (5 - len(parts))], strict=True))


def gecos_text(fields: dict[str, Any]) -> str:
    """The comment field of a user. None of its parts may have a colon, only `other` a comma."""
    parts = [str(fields.get(name) or "") for name in GECOS]
    if any(":" in part for part in parts) or any("," in part for part in parts[:4]):
        raise CommandExecutionError("A user's name and numbers can have neither ':' nor ',' in them")
    return ",".join(parts).rstrip(",")


def shadows(root: str | None = None) -> list[Shadow]:
    """All lines of the shadow file; what is no such line is not among them."""
    return [entry for entry in map(parse_shadow, _lines(root, "shadow")) if entry]


def find_shadow(name: str, root: str | None = None) -> Shadow | None:
    return next((entry for entry in shadows(root) if entry.name == name), None)


def parse_shadow(line: str) -> Shadow | None:
    fields = line.split(":")
    if len(fields) != 9 or not fields[0]:
        return None
    numbers = [int(field) if field.isdigit() else -1 for field in fields[2:8]]
    return Shadow(fields[0], fields[1], reserved=fields[8], **dict(zip(_SHADOW_NUMBERS, numbers, strict=True)))


def change_shadow(name: str, root: str | None = None, **fields: Any) -> bool:
    """Change a user's line of the shadow file. False where there is none.

    The file is locked as the programs that change passwords lock it.
    """
    if not _path(root, "shadow").exists():
        return False
    with _locked(root):
        lines = _lines(root, "shadow")
        for place, line in enumerate(lines):
            entry = parse_shadow(line)
            if entry is not None and entry.name == name:
                changed = entry._replace(**fields).line()
                if changed != line:
                    lines[place] = changed
                    text = "".join(f"{one}\n" for one in lines)
                    write_whole(_path(root, "shadow"), os.fsencode(text), mode=0o600)
                return True
    return False


def days(value: Any) -> int:
    """Days since 1970 of a number, or of a date in the form 2030-01-31."""
    text = str(value)
    if text.lstrip("-").isdigit():
        return int(text)
    try:
        return (datetime.date.fromisoformat(text) - datetime.date(1970, 1, 1)).days
    except ValueError as error:
        raise CommandExecutionError(f"'{value}' is neither a number of days nor a date such as 2030-01-31") from error


def today() -> int:
    return int(time.time() // 86400)


def _path(root: str | None, name: str) -> Path:
    return Path(root or "/", "etc", name)


def _lines(root: str | None, name: str) -> list[str]:
    try:
        return _path(root, name).read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except FileNotFoundError:
        return []


@contextlib.contextmanager
def _locked(root: str | None) -> Iterator[None]:
    """The lock of lckpwdf(3)."""
    descriptor = os.open(_path(root, ".pwd.lock"), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + _LOCK_SECONDS
        while not _lock(descriptor):
            if time.monotonic() > deadline:
                raise CommandExecutionError("The password files are locked by another program")
            time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def names_in(value: Any) -> list[str]:
    """A list of names, or a text with commas."""
    parts: Iterable[Any] = value.split(",") if isinstance(value, str) else value or ()
    return [str(part).strip() for part in parts if str(part).strip()]
