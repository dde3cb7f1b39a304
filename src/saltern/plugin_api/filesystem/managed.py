"""A file as it should be: where its contents come from, what differs, and putting it in place."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from typing import Any, NamedTuple

from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.filesystem import contents, difference, digests, permissions, status, trees
from saltern.plugin_api.filesystem.backups import Backups
from saltern.plugin_api.filesystem.difference import Ignored
from saltern.plugin_api.filesystem.permissions import Wanted


class New(NamedTuple):
    """New contents of a file: bytes, or a file that holds them; neither: contents are not managed."""

    data: bytes | None = None
    path: str | None = None

    def __bool__(self) -> bool:
        return self.data is not None or self.path is not None

    def read(self) -> bytes:
        return self.data if self.data is not None else difference.read_whole(str(self.path))

    def digest(self, form: str) -> str:
        return digests.of_bytes(self.data, form) if self.data is not None else digests.of_file(str(self.path), form)


class Shown(NamedTuple):
    """How changes of contents are told."""

    changes: bool = True
    obfuscate: bool = False
    new_file_diff: bool = False
    ignored: Ignored = Ignored()


def changes_of(name: str, new: New, wanted: Wanted, shown: Shown) -> dict[str, Any]:
    """What would be done to a file, by name: `newfile`, `diff`, `user`, `group`, `mode`, `attrs`."""
    if not os.path.lexists(name):
        if shown.new_file_diff and new:
            return {"diff": difference.of_contents(b"", new.read())}
        return {"newfile": name}
    changes: dict[str, Any] = {}
    if new:
        told = content_change(name, new, shown)
        if told:
            changes["diff"] = told
    return {**changes, **permissions.differing(permissions.held(name, wanted), wanted)}


def content_change(name: str, new: New, shown: Shown) -> str:
    """The change of contents as it is told; empty where nothing would change."""
    if os.path.isfile(name) and _same_contents(name, new):
        return ""
    if shown.obfuscate:
        return "<Obfuscated Template>"
    before, after = difference.read_whole(name), new.read()
    if before == after:
        return ""
    return difference.of_contents(before, after) if shown.changes else difference.HIDDEN


def only_ignored(name: str, new: New, shown: Shown) -> bool:
    """Whether the contents differ only in what does not count."""
    if not shown.ignored or not os.path.isfile(name):
        return False
    before, after = difference.read_whole(name), new.read()
    return before != after and not shown.ignored.counts(before, after)


def update(
    name: str, new: New, wanted: Wanted, shown: Shown, backups: Backups | None
) -> tuple[dict[str, Any], list[str]]:
    """Make a file that is there as it should be: the changes, and what failed."""
    changes: dict[str, Any] = {}
    target = os.path.realpath(name) if os.path.islink(name) and wanted.follow else name
    if new:
        told = content_change(target, new, shown)
        becomes_file = os.path.islink(target)
        if told or becomes_file:
            changes["diff"] = told or "Replace symbolic link with regular file"
            if backups is not None and os.path.isfile(target):
                backups.keep(target)
            _install(target, new, _kept(target))
    news = permissions.differing(permissions.held(name, wanted), wanted)
    complaints = permissions.bring_about(name, wanted, news)
    return {**changes, **news}, complaints


def create(name: str, new: New, wanted: Wanted, shown: Shown, *, tell_mode: bool) -> tuple[dict[str, Any], list[str]]:
    """Make a new file, which is never there with less protection than it should have.

    `tell_mode` says that its mode is a change where nobody asked for one, too.
    """
    changes: dict[str, Any] = {"new": f"file {name} created"}
    if new:
        full = shown.new_file_diff and shown.changes
        changes = {"diff": difference.of_contents(b"", new.read()) if full else "New file"}
    told_mode = tell_mode or wanted.mode is not None
    usual = f"{0o666 & ~contents.umask():04o}"
    wanted = wanted._replace(mode=status.normal_mode(wanted.mode) or usual, follow=True)
    plain = wanted._replace(attrs=None)
    news: dict[str, Any] = {}
    complaints: list[str] = []

    def protect(temporary: str) -> None:
        news.update(permissions.differing(permissions.held(temporary, plain), plain))
        complaints.extend(permissions.bring_about(temporary, plain, news))

    _install(name, new or New(b""), protect)
    if wanted.attrs is not None:
        # Some attributes forbid the step that puts the file in place.
        late = permissions.differing(permissions.held(name, wanted), wanted)
        complaints.extend(permissions.bring_about(name, wanted, late))
        news.update(late)
    if not told_mode:
        news.pop("mode", None)
    return {**changes, **news}, complaints


def make_room(name: str, dir_mode: Any, mode: Any, user: Any, group: Any) -> None:
    """Make the directories above a file; who may read the file may search them."""
    if dir_mode is None and mode is not None:
        digits = str(status.normal_mode(mode))
        dir_mode = "".join(str(int(digit) | 1) if digit in "4567" else digit for digit in digits)
    trees.make_parents(name, user, group, dir_mode)


def _same_contents(name: str, new: New) -> bool:
    size = len(new.data) if new.data is not None else os.stat(str(new.path)).st_size
    return os.stat(name).st_size == size and digests.of_file(name) == new.digest("sha256")


def _kept(target: str) -> Any:
    """Gives a temporary file the mode and owner of the file whose place it takes."""
    found = os.stat(target) if os.path.exists(target) else None

    def keep(temporary: str) -> None:
        if found is None:
            os.chmod(temporary, 0o666 & ~contents.umask())
            return
        os.chown(temporary, found.st_uid, found.st_gid)
        os.chmod(temporary, stat.S_IMODE(found.st_mode))

    return keep


def _install(target: str, new: New, prepare: Any) -> None:
    """Put contents in place in one step, after `prepare` made the temporary file what it should be."""
    directory = os.path.dirname(target) or "."
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(target)[:200]}.", dir=directory)
    except OSError as error:
        raise CommandExecutionError(f"Failed to commit change: {error}") from error
    try:
        with os.fdopen(handle, "wb") as file:
            if new.data is not None:
                file.write(new.data)
            else:
                with open(str(new.path), "rb") as source:
                    shutil.copyfileobj(source, file, 1 << 20)
        prepare(temporary)
        os.replace(temporary, target)
    except OSError as error:
        os.unlink(temporary)
        raise CommandExecutionError(f"Failed to commit change: {error}") from error
    except BaseException:
        os.unlink(temporary)
        raise
