"""`file.symlink` and `file.hardlink`."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.filesystem import links, owners, trees
from saltern.plugin_api.filesystem.states.answers import Answer, failed, fine, planned


class LinkWish(NamedTuple):
    """Where a link leads, to whom it belongs, and what gives way to it."""

    target: str
    force: bool = False
    backupname: str | None = None
    makedirs: bool = False
    user: Any = None
    group: Any = None
    mode: Any = None
    atomic: bool = False
    disallow_copy_and_unlink: bool = False
    inherit: bool = False
    follow: bool = True

    def owned(self) -> LinkWish:
        """The wish with the owner that it comes to: who runs this, or the target's with `inherit`; the user's group."""
        user, group = self.user, self.group
        if user is None and group is None and self.inherit and os.path.exists(self.target):
            status = os.stat(self.target)
            return self._replace(user=owners.user_of(status.st_uid), group=owners.group_of(status.st_gid))
        user = owners.user_of(os.geteuid()) if user is None else user
        if group is None:
            group = _primary_group(user)
        return self._replace(user=user, group=group)

    @property
    def owner(self) -> str:
        return f"{self.user}:{self.group}"


def symlink(name: str, wish: LinkWish, *, test: bool) -> Answer:
    if owners.uid_of(wish.user) == "":
        return failed(name, f"User {wish.user} does not exist")
    if wish.group is not None and owners.gid_of(wish.group) == "":
        return failed(name, f"Group {wish.group} does not exist")
    wish = wish.owned()
    if test:
        return _planned_symlink(name, wish)
    parent = os.path.dirname(name)
    if not os.path.isdir(parent):
        if not wish.makedirs:
            return failed(name, f"Directory {parent} for symlink is not present")
        trees.make_parents(name, wish.user, wish.group, wish.mode)
    if os.path.islink(name) and _leads_to(name, wish.target):
        return _owned(name, wish)
    changes, complaint = _made_way(name, wish)
    if complaint:
        return failed(name, complaint, changes)
    try:
        links.make_symlink(wish.target, name, force=True, atomic=wish.atomic, follow=wish.follow)
    except (OSError, CommandExecutionError) as error:
        return failed(name, f"Unable to create new symlink {name} -> {wish.target}: {error}", changes)
    owners.change(name, wish.user, wish.group, follow=False)
    return fine(name, f"Created new symlink {name} -> {wish.target}", {**changes, "new": name})


def hardlink(name: str, wish: LinkWish, *, test: bool) -> Answer:
    target = wish.target
    if owners.uid_of(wish.user) == "":
        return failed(name, f"User {wish.user} does not exist")
    if wish.group is not None and owners.gid_of(wish.group) == "":
        return failed(name, f"Group {wish.group} does not exist")
    complaint = _unlinkable(name, target)
    if complaint:
        return failed(name, complaint)
    same = os.path.lexists(name) and os.path.samestat(os.lstat(name), os.lstat(target))
    if same:
        told = f"The hard link {name} is presently targetting {target}"
        return fine(name, told if test else f"Target of hard link {name} is already pointing to {target}")
    taken = os.path.lexists(name)
    if taken and not wish.force:
        if test:
            told = f"File or directory exists where the hard link {name} should be. Did you mean to use force?"
            return failed(name, told)
        return failed(name, f"File exists where the hard link {name} should be")
    if test:
        if taken:
            told = f"The file or directory {name} is set for removal to make way for a new hard link targeting {target}"
            return planned(name, told)
        return planned(name, f"Hard link {name} to {target} is set for creation", {"new": name})
    return _new_hard_link(name, wish, taken=taken)


def _new_hard_link(name: str, wish: LinkWish, *, taken: bool) -> Answer:
    parent = os.path.dirname(name)
    if not os.path.isdir(parent):
        if not wish.makedirs:
            return failed(name, f"Directory {parent} for hard link is not present")
        trees.make_parents(name, wish.user, wish.group, wish.mode)
    changes = {}
    if taken:
        os.unlink(name)
        changes["forced"] = "File for hard link was forcibly replaced"
    try:
        os.link(wish.target, name)
    except OSError as error:
        return failed(name, f"Unable to create new hard link {name} -> {wish.target}: {error}", changes)
    return fine(name, f"Created new hard link {name} -> {wish.target}", {**changes, "new": name})


def _unlinkable(name: str, target: str) -> str:
    if not os.path.isabs(target):
        return f"Specified target {target} is not an absolute path"
    if os.path.isdir(target):
        return f"Unable to hard link from directory {target}"
    if os.path.isdir(name) and not os.path.islink(name):
        return f"Unable to hard link to directory {name}"
    return "" if os.path.exists(target) else f"Target {target} for hard link does not exist"


def _planned_symlink(name: str, wish: LinkWish) -> Answer:
    target = wish.target
    if os.path.islink(name):
        if not _leads_to(name, target):
            return planned(name, f"Link {name} target is set to be changed to {target}", {"change": name})
        now = _owner_of(name)
        if now == wish.owner:
            return fine(name, f"The symlink {name} is present")
        told = f"the ownership of the symlink would be changed from {now} to {wish.owner}"
        return planned(name, f"The symlink {name} is present, but {told}", {"ownership": now})
    if os.path.lexists(name):
        if not wish.force and wish.backupname is None:
            told = f"File or directory exists where the symlink {name} should be. Did you mean to use force?"
            return failed(name, told)
        told = f"The file or directory {name} is set for removal to make way for a new symlink targeting {target}"
        return planned(name, told)
    parent, told = os.path.dirname(name), f"Symlink {name} to {target} is set for creation"
    if not os.path.isdir(parent):
        more = f"{parent} will be created" if wish.makedirs else f"Directory {parent} for symlink is not present"
        told = f"{told}\n{more}"
    return planned(name, told, {"new": name})


def _owned(name: str, wish: LinkWish) -> Answer:
    if _owner_of(name) == wish.owner:
        return fine(name, f"Symlink {name} is present and owned by {wish.owner}")
    complaint = owners.change(name, wish.user, wish.group, follow=False)
    if complaint:
        return failed(name, f"Failed to set ownership of symlink {name} to {wish.owner}: {complaint}")
    return fine(name, f"Set ownership of symlink {name} to {wish.owner}", {"ownership": wish.owner})


def _made_way(name: str, wish: LinkWish) -> tuple[dict[str, Any], str]:
    """Take away what is in the link's place and may give way."""
    if os.path.islink(name) or not os.path.lexists(name):
        return {}, ""
    kind = "Directory" if os.path.isdir(name) else "File"
    if wish.backupname is not None:
        return _set_aside(name, wish)
    if not wish.force:
        return {}, f"{kind} exists where the symlink {name} should be"
    if kind == "Directory":
        trees.remove(name)
    return {}, ""


def _set_aside(name: str, wish: LinkWish) -> tuple[dict[str, Any], str]:
    backup = str(wish.backupname)
    if not os.path.isabs(backup):
        # A bare name is one in the link's own directory.
        if os.path.basename(backup) != backup:
            return {}, f"Backupname must be an absolute path or a file name: {backup}"
        backup = os.path.join(os.path.dirname(name), backup)
    if os.path.lexists(backup):
        if not wish.force:
            return {}, f"Symlink & backup dest exists and Force not set. {name} -> {wish.target} - backup: {backup}"
        trees.remove(backup)
    if wish.disallow_copy_and_unlink:
        trees.rename(name, backup)
    else:
        trees.move(name, backup)
    return {}, ""


def _leads_to(name: str, target: str) -> bool:
    return os.path.normpath(os.readlink(name)) == os.path.normpath(target)


def _owner_of(name: str) -> str:
    status = os.lstat(name)
    return f"{owners.user_of(status.st_uid)}:{owners.group_of(status.st_gid)}"


def _primary_group(user: Any) -> Any:
    import pwd

    try:
        entry = pwd.getpwuid(user) if isinstance(user, int) else pwd.getpwnam(str(user))
    except KeyError:
        return owners.group_of(os.getegid())
    return owners.group_of(entry.pw_gid)
