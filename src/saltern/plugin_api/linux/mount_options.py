"""Which of the wanted options something that is mounted does not have, so that it has to be mounted anew."""

from __future__ import annotations

import grp
import pwd
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

_INVISIBLE_TEXT = (
    "_netdev auto backup-volfile-servers bg bind comment defaults delay_connect direct-io-mode intr loop nobootwait"
    " noauto nofail nointr nonempty nouser nousers owner password port rbind reconnect remount retry soft"
    " transform_symlinks user users x-mount.mkdir"
)
_INVISIBLE = frozenset(_INVISIBLE_TEXT.split())
_INVISIBLE_KEYS_TEXT = "actimeo cred credentials comment direct-io-mode pass password port retry secret secretfile user"
_INVISIBLE_KEYS = frozenset(_INVISIBLE_KEYS_TEXT.split())
_IGNORED = {"ramfs": frozenset({"size"})}
_TRANSLATED = {"tcp": "proto=tcp", "udp": "proto=udp"}
_OF_THE_PLACE_TEXT = (
    "ro rw exec noexec suid nosuid dev nodev atime noatime relatime norelatime strictatime diratime nodiratime"
)
_OF_THE_PLACE = frozenset(_OF_THE_PLACE_TEXT.split())
"""Options that the kernel always tells of; others it may have taken and not show."""
_UNSAID = {"exec": "noexec", "suid": "nosuid", "dev": "nodev", "atime": "noatime", "diratime": "nodiratime"}
"""Options that hold where their opposite is not there."""
_UNITS = {"k": 1, "m": 1 << 10, "g": 1 << 20, "t": 1 << 30}


class Extra(NamedTuple):
    """What a user adds to the tables above."""

    invisible_options: Sequence[str] = ()
    invisible_keys: Sequence[str] = ()
    ignore_fs_keys: Mapping[str, Sequence[str]] = {}
    translate_options: Mapping[str, str] = {}
    hidden: Sequence[str] = ()


def missing(
    wanted: Sequence[str],
    active: Collection[str],
    fstype: str,
    remembered: Collection[str] = (),
    extra: Extra = Extra(),  # noqa: B008  (immutable)
) -> list[str]:
    """The wanted options that are not in force, sorted.

    `remembered` are those with which it was mounted last: what the kernel does not show is taken from there.
    """
    shown = {_comparable(one) for one in active}
    once = {_comparable(one) for one in remembered} - _OF_THE_PLACE
    translate = {**_TRANSLATED, **extra.translate_options}
    found = set()
    for one in wanted:
        option = _comparable(translate.get(one, one))
        if not _is_invisible(option, fstype, extra) and not _in_force(option, shown) and option not in once:
            found.add(option)
    return sorted(found)


def _in_force(option: str, shown: Collection[str]) -> bool:
    return option in shown or (option in _UNSAID and _UNSAID[option] not in shown)


def _is_invisible(option: str, fstype: str, extra: Extra) -> bool:
    key = option.partition("=")[0]
    if option in _INVISIBLE or option in extra.invisible_options or option in extra.hidden or key.startswith("x-"):
        return True
    ignored = _IGNORED.get(fstype, frozenset()).union(extra.ignore_fs_keys.get(fstype, ()))
    return "=" in option and (key in _INVISIBLE_KEYS or key in extra.invisible_keys or key in ignored)


def _comparable(option: str) -> str:
    """An option as the kernel shows it: sizes in KiB, users and groups by number."""
    key, equals, value = option.strip().partition("=")
    if not equals:
        return key
    if key == "size" and value[:-1].isdigit() and value[-1:].lower() in _UNITS:
        return f"size={int(value[:-1]) * _UNITS[value[-1].lower()]}k"
    if key in ("uid", "gid") and not value.isdigit():
        return f"{key}={_number(key, value)}"
    return f"{key}={value}"


def _number(key: str, name: str) -> str:
    try:
        return str(pwd.getpwnam(name).pw_uid if key == "uid" else grp.getgrnam(name).gr_gid)
    except KeyError:
        return name
