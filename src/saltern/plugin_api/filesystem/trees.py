"""Making, copying, moving and removing files and directories."""

from __future__ import annotations

import os
import shutil
import stat
import time
from typing import Any

from saltern.plugin_api.errors import CommandExecutionError, SaltInvocationError
from saltern.plugin_api.filesystem import owners, paths, status


def remove(path: str) -> bool:
    """Remove a file, a link or a whole directory; False where nothing is. The root of the file system is refused."""
    paths.refuse_root(path)
    if not paths.present(path):
        return False
    try:
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        else:
            os.unlink(path)
    except OSError as error:
        raise CommandExecutionError(f"Could not remove '{path}': {error}") from error
    return True


def copy(source: str, target: str, *, recurse: bool = False, remove_existing: bool = False) -> bool:
    """Copy a file, or with `recurse` a tree, with modes and owners; what is there is written over or removed before."""
    if not os.path.exists(source):
        raise CommandExecutionError(f"No such file or directory '{source}'")
    modes = None if os.path.isdir(source) else os.stat(source)
    try:
        if (os.path.exists(target) and os.path.isdir(target)) or os.path.isdir(source):
            if not recurse:
                raise SaltInvocationError("Cannot copy overwriting a directory without recurse flag set to true!")
            _copy_tree(source, target, remove_existing=remove_existing)
        else:
            shutil.copyfile(source, target)
    except OSError as error:
        raise CommandExecutionError(f"Could not copy '{source}' to '{target}'") from error
    if modes is not None and not os.path.isdir(target):
        os.chown(target, modes.st_uid, modes.st_gid)
        os.chmod(target, stat.S_IMODE(modes.st_mode))
    return True


def move(source: str, target: str) -> dict[str, Any]:
    try:
        shutil.move(source, target)
    except OSError as error:
        raise CommandExecutionError(f"Unable to move '{source}' to '{target}': {error}") from error
    return {"result": True, "comment": f"'{source}' moved to '{target}'"}


def rename(source: str, target: str) -> bool:
    try:
        os.rename(source, target)
    except OSError as error:
        raise CommandExecutionError(f"Could not rename '{source}' to '{target}'") from error
    return True


def make_directory(path: str, user: Any = None, group: Any = None, mode: Any = None) -> bool:
    """Make a directory and those above it; one that is there stays as it is."""
    if not os.path.isdir(path):
        os.makedirs(path, exist_ok=False)
        if mode:
            status.set_mode(path, mode)
        owners.change(path, user, group)
    return True


def make_parents(path: str, user: Any = None, group: Any = None, mode: Any = None) -> str | None:
    """Make the directories above a path; that they are there already is a text to say so."""
    directory = os.path.normpath(os.path.dirname(paths.expanded(path)))
    if os.path.isdir(directory):
        return f"Directory '{directory}' already exists"
    if os.path.exists(directory):
        return f"The path '{directory}' already exists and is not a directory"
    missing = []
    while not os.path.isdir(directory):
        missing.append(directory)
        directory = os.path.dirname(directory)
    for name in reversed(missing):
        os.mkdir(name)
        owners.change(name, user, group)
        if mode:
            # Where a directory may be read, it may be searched.
            status.set_mode(name, mode)
    return None


def make_with_perms(path: str, user: Any = None, group: Any = None, mode: Any = "0755") -> None:
    """Make a directory and those above it, all with this owner and mode; one that is there is an error."""
    head, tail = os.path.split(path)
    if not tail:
        head, tail = os.path.split(head)
    if head and tail and not os.path.exists(head):
        make_with_perms(head, user, group, mode)
        if tail == os.curdir:
            return
    os.mkdir(path)
    status.set_mode(path, mode)
    owners.change(path, user, group)


def remove_empty(
    path: str, *, recurse: bool = False, older_than: Any = None
) -> tuple[bool, list[str], list[list[str]]]:
    """Remove a directory that is empty, with `recurse` after those below it that are, oldest bound in days.

    The answer: whether all went well, what was removed, and what was not and why.
    """
    paths.refuse_root(path)
    bound = time.time() - int(older_than) * 86400 if older_than else None
    removed: list[str] = []
    errors: list[list[str]] = []
    directories = [path]
    if recurse:
        directories = [directory for directory, _, _ in os.walk(path, topdown=False)]
    for directory in directories:
        if bound is not None and os.path.getmtime(directory) >= bound:
            continue
        try:
            os.rmdir(directory)
            removed.append(directory)
        except OSError as error:
            errors.append([directory, str(error)])
    return not errors, removed, errors


def _copy_tree(source: str, target: str, *, remove_existing: bool) -> None:
    if not os.path.isdir(source):
        shutil.copy2(source, target)
        return
    if remove_existing and os.path.exists(target):
        paths.refuse_root(target)
        shutil.rmtree(target)
    for directory, names, files in os.walk(source):
        here = os.path.normpath(os.path.join(target, os.path.relpath(directory, source)))
        os.makedirs(here, exist_ok=True)
        shutil.copystat(directory, here)
        _same_owner(directory, here)
        for name in [*files, *(name for name in names if os.path.islink(os.path.join(directory, name)))]:
            old, new = os.path.join(directory, name), os.path.join(here, name)
            if os.path.lexists(new):
                os.unlink(new)
            shutil.copy2(old, new, follow_symlinks=False)
            _same_owner(old, new)


def _same_owner(model: str, path: str) -> None:
    found = os.lstat(model)
    if (found.st_uid, found.st_gid) != (os.geteuid(), os.getegid()):
        os.lchown(path, found.st_uid, found.st_gid)
