"""`file.manage_file`: from a state's answer so far to the answer after a file was made as it should be."""

from __future__ import annotations

import os
from typing import Any

from saltern.plugin_api.errors import CommandExecutionError, MinionError
from saltern.plugin_api.filesystem import managed, permissions
from saltern.plugin_api.filesystem.backups import Backups
from saltern.plugin_api.filesystem.fetched import Fetcher, Wish, drop_temporary, mismatch
from saltern.plugin_api.filesystem.managed import New, Shown
from saltern.plugin_api.filesystem.permissions import Wanted

Ret = dict[str, Any]


class Handler:
    """Makes one file as it should be. `ret` is a state's answer, which is changed and given back."""

    def __init__(self, fetcher: Fetcher, wish: Wish, wanted: Wanted, shown: Shown, backups: Backups | None) -> None:
        self._fetcher = fetcher
        self._wish = wish
        self._wanted = wanted
        self._shown = shown
        self._backups = backups

    def handle(
        self, name: str, ret: Ret, sfn: str, digest: dict[str, str], content: bytes | None, room: dict[str, Any]
    ) -> Ret:
        """`sfn` is the source on this host, as far as it is there already; `room` tells of missing directories."""
        try:
            new = New(data=content)
            if content is None and self._wish.source:
                sfn, fault = self._source(name, sfn, digest)
                if fault:
                    return failed(ret, fault)
                new = New(path=sfn)
            if os.path.isfile(name) or os.path.islink(name):
                return self._update(name, ret, new)
            return self._create(name, ret, new, room)
        except CommandExecutionError as error:
            return failed(ret, str(error))
        finally:
            drop_temporary(sfn)

    def _source(self, name: str, sfn: str, digest: dict[str, str]) -> tuple[str, str]:
        source = str(self._wish.source)
        verified = self._wish.skip_verify or source.startswith("salt://") or not sfn
        try:
            sfn = sfn or self._fetcher.cached(self._wish, digest)
        except (CommandExecutionError, MinionError) as error:
            return "", f"Failed to cache {source}: {error}"
        if not sfn:
            return "", f"Source file '{source}' not found"
        return sfn, "" if verified else mismatch(sfn, digest, name)

    def _update(self, name: str, ret: Ret, new: New) -> Ret:
        target = os.path.realpath(name) if self._wanted.follow else name
        if new and managed.only_ignored(target, new, self._shown):
            ret["skip_req"] = True
        changes, complaints = managed.update(name, new, self._wanted, self._shown, self._backups)
        return done(name, ret, changes, complaints)

    def _create(self, name: str, ret: Ret, new: New, room: dict[str, Any]) -> Ret:
        if not os.path.isdir(os.path.dirname(name)):
            if not room.get("makedirs"):
                return failed(ret, "Parent directory not present")
            user, group = self._wanted.user, self._wanted.group
            managed.make_room(name, room.get("dir_mode"), self._wanted.mode, user, group)
        from_source = bool(self._wish.source)
        changes, complaints = managed.create(name, new, self._wanted, self._shown, tell_mode=from_source)
        if not new and not ret["comment"]:
            ret["comment"] = "Empty file"
        return done(name, ret, changes, complaints)


def failed(ret: Ret, comment: str) -> Ret:
    ret["result"] = False
    ret["comment"] = comment
    return ret


def done(name: str, ret: Ret, changes: dict[str, Any], complaints: list[str]) -> Ret:
    ret["changes"].update(changes)
    if complaints:
        ret["result"] = False
        ret["comment"] = "; ".join([part for part in (ret["comment"],) if part] + complaints)
    if not ret["comment"]:
        ret["comment"] = f"File {name} updated" if ret["changes"] else f"File {name} is in the correct state"
    return ret


def checked(name: str, ret: Any, wanted: Wanted, *, test: bool) -> tuple[Ret, dict[str, Any]]:
    """`file.check_perms`: see to owner, group, mode and attributes; the second part tells what was and was to be."""
    ret = ret or {"name": name, "changes": {}, "comment": "", "result": True}
    before = ret.get("comment")
    now = permissions.held(name, wanted)
    news = permissions.differing(now, wanted)
    told = {"luser": now.user, "lgroup": now.group, "lmode": now.mode}
    told.update({f"c{key}": value for key, value in news.items() if key in ("user", "group", "mode")})
    complaints: list[str] = []
    if test and news:
        ret["result"] = None
    elif news:
        complaints = permissions.bring_about(name, wanted, news)
    ret["changes"].update(news)
    if complaints:
        ret["result"] = False
        if isinstance(before, list):
            before.extend(complaints)
        else:
            ret["comment"] = "; ".join([part for part in (before,) if part] + complaints)
    return ret, told
