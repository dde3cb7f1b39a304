"""`file.directory`: a directory, and with `recurse` what is below it, with the owners and modes that were asked for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.filesystem import paths, permissions, trees
from saltern.plugin_api.filesystem.permissions import Wanted
from saltern.plugin_api.filesystem.states.answers import Answer, answer, failed, fine, planned, unknown_owner
from saltern.plugin_api.filesystem.states.cleaning import Kept, removable

_RECURSE = ("user", "group", "mode", "ignore_files", "ignore_dirs", "silent")
_REMOVED = "Removed due to clean"


class DirectoryWish(NamedTuple):
    """What a directory should be."""

    user: Any = None
    group: Any = None
    recurse: Any = None
    max_depth: int | None = None
    dir_mode: Any = None
    file_mode: Any = None
    makedirs: bool = False
    clean: bool = False
    exclude_pat: Any = None
    follow_symlinks: bool = False
    force: bool = False
    backupname: str | None = None
    allow_symlink: bool = True
    children_only: bool = False


def directory(name: str, wish: DirectoryWish, kept: Callable[[], Kept], *, test: bool) -> Answer:
    """`kept` tells what other states put below the directory; it is asked for with `clean` only."""
    name = os.path.normpath(name)
    recursed, complaint = _recursed(wish)
    if complaint:
        return failed(name, complaint)
    if not test and (unknown := unknown_owner(wish.user, wish.group)):
        return failed(name, unknown)
    forced, complaint = _made_way(name, wish, test=test)
    if complaint:
        return failed(name, complaint)
    state = _State(name, wish, recursed, kept)
    if test:
        return state.planned(forced)
    return state.done(forced)


def _recursed(wish: DirectoryWish) -> tuple[frozenset[str], str]:
    """What `recurse` asks for, and what is wrong with it."""
    if not wish.recurse:
        return frozenset(), ""
    if wish.clean and wish.max_depth is not None:
        return frozenset(), "Cannot specify both max_depth and clean"
    if not isinstance(wish.recurse, list):
        return frozenset(), '"recurse" must be formed as a list of strings'
    asked = frozenset(wish.recurse)
    if not asked <= set(_RECURSE):
        limited = ", ".join(f'"{one}"' for one in _RECURSE)
        return asked, f'Types for "recurse" limited to {limited}.'
    if {"ignore_files", "ignore_dirs"} <= asked:
        return asked, 'Must not specify "recurse" options "ignore_files" and "ignore_dirs" at the same time.'
    return asked, ""


def _made_way(name: str, wish: DirectoryWish, *, test: bool) -> tuple[dict[str, Any], str]:
    """Take away what is no directory and may give way; what was done, or what hinders it."""
    if wish.clean and wish.max_depth is not None:
        return {}, "Cannot specify both max_depth and clean"
    broken = os.path.islink(name) and not os.path.exists(name)
    if not (os.path.isfile(name) or broken or (os.path.islink(name) and not wish.allow_symlink)):
        return {}, ""
    if wish.backupname is not None:
        return _set_aside(name, wish, test=test)
    kind = "File" if os.path.isfile(name) else "Symlink"
    if wish.force:
        if not test:
            os.unlink(name)
        return {"forced": f"{kind} {'would be' if test else 'was'} forcibly replaced"}, ""
    return {}, f"Specified location {name} exists and is a {kind.lower()}"


def _set_aside(name: str, wish: DirectoryWish, *, test: bool) -> tuple[dict[str, Any], str]:
    backup = str(wish.backupname)
    if os.path.lexists(backup) and not wish.force:
        return {}, f"File exists where the backup target {backup} should go"
    if test:
        return {"backup": f"{name} would be renamed to {backup}"}, ""
    if os.path.lexists(backup):
        trees.remove(backup)
    os.rename(name, backup)
    return {"backup": f"{name} was renamed to {backup}"}, ""


class _State:
    """One directory and what is wanted of it and below it."""

    def __init__(self, name: str, wish: DirectoryWish, recursed: frozenset[str], kept: Callable[[], Kept]) -> None:
        self._name = name
        self._wish = wish
        self._recursed = recursed
        self._kept = kept

    def planned(self, forced: dict[str, Any]) -> Answer:
        if "backup" in forced:
            told = f"{self._name} would be backed up and replaced with a new directory"
            return planned(self._name, told, {**forced, self._name: {"directory": "new"}})
        changes = {self._name: {"directory": "new"}} if forced else self._changes()
        if not changes:
            return fine(self._name, f"The directory {self._name} is in the correct state")
        lines = [f"{path}: {key} - {value}\n" for path, told in changes.items() for key, value in told.items()]
        comment = f"The following files will be changed:\n{''.join(lines)}"
        return planned(self._name, comment, {**forced, **changes})

    def done(self, forced: dict[str, Any]) -> Answer:
        if not os.path.isdir(self._name):
            return self._made(forced)
        changes: dict[str, Any] = {**forced, **self._changes()}
        flat, complaints = self._brought_about()
        changes.update(flat)
        removed = self._cleaned()
        if "silent" in self._recursed and changes:
            changes = {"recursion": "Changes silenced", **flat}
        if removed:
            changes["removed"] = removed
        if complaints:
            return answer(self._name, False, "; ".join(complaints), changes)
        if removed:
            return fine(self._name, f"Files cleaned from directory {self._name}", changes)
        if changes:
            return fine(self._name, f"Directory {self._name} updated", changes)
        return fine(self._name, f"The directory {self._name} is in the correct state")

    def _made(self, forced: dict[str, Any]) -> Answer:
        wish, parent = self._wish, os.path.dirname(self._name)
        if not os.path.isdir(parent):
            if not wish.makedirs:
                return failed(self._name, f"No directory to create {self._name} in")
            trees.make_parents(self._name, wish.user, wish.group, wish.dir_mode)
        try:
            trees.make_directory(self._name, wish.user, wish.group, wish.dir_mode)
        except OSError as error:
            return failed(self._name, f"Failed to create directory {self._name}: {error}")
        told = {key: value for key, value in forced.items() if key == "forced"}
        return fine(self._name, "", {**told, self._name: {"directory": "new"}})

    def _changes(self) -> dict[str, dict[str, Any]]:
        """What is not as wanted, by path: below the directory first, itself last."""
        if not os.path.isdir(self._name):
            return {self._name: {"directory": "new"}}
        changes = {}
        for path, wanted in self._below():
            news = permissions.differing(permissions.held(path, wanted), wanted)
            if news:
                changes[path] = news
        if not self._wish.children_only:
            news = permissions.differing(permissions.held(self._name, self._own()), self._own())
            if news:
                changes[self._name] = news
        if self._wish.clean:
            for path in removable(self._name, self._kept(), self._wish.exclude_pat):
                changes[path] = {"removed": _REMOVED}
        return changes

    def _brought_about(self) -> tuple[dict[str, Any], list[str]]:
        """Change owners and modes; the answer has them without paths, as the last one was, and what failed."""
        flat: dict[str, Any] = {}
        complaints: list[str] = []
        own = [] if self._wish.children_only else [(self._name, self._own())]
        for path, wanted in [*own, *self._below()]:
            news = permissions.differing(permissions.held(path, wanted), wanted)
            complaints += permissions.bring_about(path, wanted, news)
            flat.update(news)
        return flat, complaints

    def _own(self) -> Wanted:
        return Wanted(self._wish.user, self._wish.group, self._wish.dir_mode, None, True)

    def _below(self) -> Iterator[tuple[str, Wanted]]:
        """The files and directories that `recurse` is about, each with what it should be."""
        if not self._recursed:
            return
        wish, asked = self._wish, self._recursed
        user = wish.user if "user" in asked else None
        group = wish.group if "group" in asked else None
        modes = (wish.file_mode, wish.dir_mode) if "mode" in asked else (None, None)
        for root, directories, files in self._walk():
            links = [one for one in directories if os.path.islink(os.path.join(root, one))]
            if "ignore_files" not in asked:
                for one in [*files, *links]:
                    yield os.path.join(root, one), Wanted(user, group, modes[0], None, wish.follow_symlinks)
            if "ignore_dirs" not in asked:
                for one in directories:
                    if one not in links:
                        yield os.path.join(root, one), Wanted(user, group, modes[1], None, wish.follow_symlinks)

    def _walk(self) -> Iterator[tuple[str, list[str], list[str]]]:
        base = self._name.rstrip("/").count("/")
        for root, directories, files in os.walk(self._name, followlinks=self._wish.follow_symlinks):
            depth = root.rstrip("/").count("/") - base
            if self._wish.max_depth is not None and depth >= int(self._wish.max_depth):
                directories[:] = []
            else:
                yield root, directories, files

    def _cleaned(self) -> list[str]:
        if not self._wish.clean:
            return []
        removed = []
        for path in removable(self._name, self._kept(), self._wish.exclude_pat, whole=True):
            paths.refuse_root(path)
            try:
                if os.path.isdir(path) and not os.path.islink(path):
                    shutil.rmtree(path)
                else:
                    os.unlink(path)
            except OSError as error:
                raise CommandExecutionError(f"Could not remove '{path}': {error}") from error
            removed.append(path)
        return removed
