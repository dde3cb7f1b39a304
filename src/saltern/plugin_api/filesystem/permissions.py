"""Owner, group, mode and attributes of a file as they should be, beside what they are."""

from __future__ import annotations

import stat
from typing import Any, NamedTuple

from saltern.plugin_api.filesystem import attributes, owners, status

LINK_MODE = ""
"""Stands for the mode of a link itself, which has none to be set."""


class Wanted(NamedTuple):
    """What a file's owner, mode and attributes should be; None: as they are."""

    user: Any = None
    group: Any = None
    mode: Any = None
    attrs: str | None = None
    follow: bool = True


class Held(NamedTuple):
    """What they are. User and group are numbers where they are wanted as numbers."""

    user: Any
    group: Any
    mode: str
    attrs: str | None = None


def held(path: str, wanted: Wanted) -> Held:
    """Raises `CommandExecutionError` where nothing is."""
    found = status.look(path, follow=wanted.follow)
    user = found.st_uid if isinstance(wanted.user, int) else owners.user_of(found.st_uid)
    group = found.st_gid if isinstance(wanted.group, int) else owners.group_of(found.st_gid)
    attrs = attributes.of_file(path) if wanted.attrs is not None else None
    mode = LINK_MODE if stat.S_ISLNK(found.st_mode) else status.mode_text(found.st_mode)
    return Held(user, group, mode, attrs)


def differing(now: Held, wanted: Wanted) -> dict[str, Any]:
    """What of the wanted is not so, by name: `user`, `group`, `mode`, `attrs`."""
    mode = status.normal_mode(wanted.mode)
    news = {
        "user": wanted.user if _given(wanted.user) and wanted.user != now.user else None,
        "group": wanted.group if _given(wanted.group) and wanted.group != now.group else None,
        "mode": mode if mode is not None and mode != now.mode and now.mode != LINK_MODE else None,
        "attrs": _new_attributes(now, wanted),
    }
    return {name: value for name, value in news.items() if value is not None}


def bring_about(path: str, wanted: Wanted, news: dict[str, Any]) -> list[str]:
    """Make a file as wanted; the answer is what failed, as messages. What failed leaves `news`."""
    complaints = []
    # Whoever gives a file away loses its setuid bits: the mode comes after the owner.
    for name, owner in (("user", (news.get("user"), None)), ("group", (None, news.get("group")))):
        complaint = owners.change(path, *owner, follow=wanted.follow) if name in news else None
        complaints += [complaint] if complaint else []
    if "mode" in news:
        status.set_mode(path, news["mode"])
    elif _given(wanted.mode) and "mode" in (lost := differing(held(path, wanted), wanted)):
        status.set_mode(path, lost["mode"])
    if "attrs" in news:
        _set_attributes(path, news["attrs"]["old"], news["attrs"]["new"])
    for name in [name for name in differing(held(path, wanted), wanted) if name in news]:
        shown = wanted.attrs if name == "attrs" else news[name]
        complaints.append(f"Failed to change {'attributes' if name == 'attrs' else name} to {shown}")
        del news[name]
    return complaints


def _given(value: Any) -> bool:
    return value is not None and value != ""


def _new_attributes(now: Held, wanted: Wanted) -> dict[str, str] | None:
    if wanted.attrs is None or now.attrs is None:
        return None
    # Extents are the file system's own affair.
    if set(wanted.attrs) - {"e"} == set(now.attrs) - {"e"}:
        return None
    return {"old": now.attrs, "new": wanted.attrs}


def _set_attributes(path: str, old: str, new: str) -> None:
    before, after = set(old) - {"e"}, set(new) - {"e"}
    for operator, letters in (("remove", before - after), ("add", after - before)):
        if letters:
            attributes.change([path], operator, "".join(sorted(letters)), None, ())
