"""Symbolic and hard links."""

from __future__ import annotations

import contextlib
import os
import tempfile

from saltern.plugin_api.errors import CommandExecutionError, SaltInvocationError
from saltern.plugin_api.filesystem import paths


def target_of(path: str, *, canonical: bool = False) -> str:
    """Where a link leads, as it is written, or the path that it comes to in the end."""
    path = paths.absolute(path, f"Path to link must be absolute: {path}")
    if not os.path.islink(path):
        raise SaltInvocationError(f"A valid link was not specified: {path}")
    return os.path.realpath(path) if canonical else os.readlink(path)


def make_symlink(source: str, path: str, *, force: bool = False, atomic: bool = False, follow: bool = True) -> bool:
    """Make a symbolic link; one that leads there already is left, with `force` what is there gives way."""
    path = paths.absolute(path, f"Link path must be absolute: {path}")
    exists = os.path.exists if follow else os.path.lexists
    if os.path.islink(path):
        if os.path.normpath(os.readlink(path)) == os.path.normpath(source):
            return True
        if not force and not atomic:
            raise CommandExecutionError(f"Found existing symlink: {path}")
    elif exists(path) and not force and not atomic:
        raise CommandExecutionError(f"Existing path is not a symlink: {path}")
    try:
        _link(source, path, atomic=atomic)
    except FileExistsError:
        raise
    except IsADirectoryError:
        raise
    except OSError as error:
        raise CommandExecutionError(f"Could not create '{path}'") from error
    return True


def make_hard_link(source: str, path: str) -> bool:
    source = paths.absolute(source, "File path must be absolute.")
    try:
        os.link(source, path)
    except OSError as error:
        raise CommandExecutionError(f"Could not create '{path}': {error}") from error
    return True


def has_other_names(path: str) -> bool:
    """Whether a file has several names; False where it does not exist."""
    with contextlib.suppress(OSError):
        return os.lstat(path).st_nlink > 1
    return False


def _link(source: str, path: str, *, atomic: bool) -> None:
    if not atomic:
        if os.path.lexists(path):
            os.unlink(path)
        os.symlink(source, path)
        return
    # A link with a name of its own takes the path's place in one step.
    with tempfile.TemporaryDirectory(prefix=".link-", dir=os.path.dirname(path) or ".") as directory:
        temporary = os.path.join(directory, os.path.basename(path))
        os.symlink(source, temporary)
        os.replace(temporary, path)
