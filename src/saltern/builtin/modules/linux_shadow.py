"""Passwords of users and how long they are good, in shadow(5).

`root` is the directory of another system, whose file is meant then. Days are counted from 1970-01-01; where a date can
be given it has the form 2030-01-31.
"""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Grains
from saltern.plugin_api.linux import accounts

__grains__: Grains

__virtualname__ = "shadow"

_NOBODY = dict.fromkeys(("name", "passwd", "lstchg", "min", "max", "warn", "inact", "expire"), "")


def __virtual__() -> str | tuple[bool, str]:
    if __grains__.get("kernel") == "Linux":
        return __virtualname__
    return False, "shadow(5) is of Linux"


def default_hash() -> str:
    """What stands in the place of a password that was never set.

    CLI Example::

        saltern run '*' shadow.default_hash
    """
    return "!"


def info(name: str, root: str | None = None) -> dict[str, Any]:
    """A user's line of the file; all fields are empty for a user that is not in it.

    CLI Example::

        saltern run '*' shadow.info root
    """
    entry = accounts.find_shadow(str(name), root)
    return entry.described() if entry else dict(_NOBODY)


def list_users(root: str | None = None) -> list[str]:
    """The names of the users in the file, sorted.

    CLI Example::

        saltern run '*' shadow.list_users
    """
    return sorted(entry.name for entry in accounts.shadows(root))


def gen_password(password: str, crypt_salt: str | None = None, algorithm: str = "sha512") -> str:
    """The hash of a password, by `sha512`, `sha256`, `blowfish`, `yescrypt`, `md5` or `crypt`.

    CLI Example::

        saltern run '*' shadow.gen_password 'I_am_password' crypt_salt='I_am_salt' algorithm=sha256
    """
    from saltern.plugin_api.linux import password_hash

    return password_hash.make(str(password), crypt_salt, algorithm)


def set_password(name: str, password: str, use_usermod: bool = False, root: str | None = None) -> bool:
    """Set the hash of a user's password. `use_usermod` is accepted and changes nothing.

    CLI Example::

        saltern run '*' shadow.set_password root '$6$UYCIxa62$8.9qXjpQCjM4a..'
    """
    if ":" in password or "\n" in password:
        return False
    return accounts.change_shadow(name, root, passwd=password, lstchg=accounts.today())


def del_password(name: str, root: str | None = None) -> bool:
    """Let a user log in without a password.

    CLI Example::

        saltern run '*' shadow.del_password username
    """
    return accounts.change_shadow(name, root, passwd="")


def lock_password(name: str, root: str | None = None) -> bool:
    """Let a user's password fit no more.

    CLI Example::

        saltern run '*' shadow.lock_password username
    """
    entry = accounts.find_shadow(name, root)
    if entry is None or entry.passwd.startswith("!"):
        return entry is not None
    return accounts.change_shadow(name, root, passwd=f"!{entry.passwd}")


def unlock_password(name: str, root: str | None = None) -> bool:
    """Let a user's password fit again. A user who never had one stays locked out: then it is False.

    CLI Example::

        saltern run '*' shadow.unlock_password username
    """
    entry = accounts.find_shadow(name, root)
    if entry is None or entry.passwd in ("!", "!!"):
        return False
    return accounts.change_shadow(name, root, passwd=entry.passwd.lstrip("!"))


def set_inactdays(name: str, inactdays: int, root: str | None = None) -> bool:
    """Set for how many days an expired password can still be changed.

    CLI Example::

        saltern run '*' shadow.set_inactdays username 7
    """
    return accounts.change_shadow(name, root, inact=int(inactdays))


def set_maxdays(name: str, maxdays: int, root: str | None = None) -> bool:
    """Set for how many days a password is good.

    CLI Example::

        saltern run '*' shadow.set_maxdays username 90
    """
    return accounts.change_shadow(name, root, max=int(maxdays))


def set_mindays(name: str, mindays: int, root: str | None = None) -> bool:
    """Set for how many days a password cannot be changed.

    CLI Example::

        saltern run '*' shadow.set_mindays username 7
    """
    return accounts.change_shadow(name, root, min=int(mindays))


def set_warndays(name: str, warndays: int, root: str | None = None) -> bool:
    """Set how many days before its end a password is warned of.

    CLI Example::

        saltern run '*' shadow.set_warndays username 7
    """
    return accounts.change_shadow(name, root, warn=int(warndays))


def set_date(name: str, date: Any, root: str | None = None) -> bool:
    """Set the day on which a password was changed; 0 asks for a new one at the next login.

    CLI Example::

        saltern run '*' shadow.set_date username 0
    """
    return accounts.change_shadow(name, root, lstchg=accounts.days(date))


def set_expire(name: str, expire: Any, root: str | None = None) -> bool:
    """Set the day on which an account ends; -1 for none.

    CLI Example::

        saltern run '*' shadow.set_expire username -1
    """
    return accounts.change_shadow(name, root, expire=accounts.days(expire))
