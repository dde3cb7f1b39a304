"""Files, directories and links as they should be."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from saltern.plugin_api import (
    CommandExecutionError,
    Functions,
    Grains,
    MinionError,
    Opts,
    Pillar,
    SaltInvocationError,
)
from saltern.plugin_api.filesystem import contents as contents_
from saltern.plugin_api.filesystem import devices, difference, digests, paths, permissions, replacing, sources, trees
from saltern.plugin_api.filesystem.fetched import drop_temporary, is_temporary
from saltern.plugin_api.filesystem.permissions import Wanted
from saltern.plugin_api.filesystem.states import (
    adding,
    keyvalues,
    linking,
    patching,
    recursing,
    serializing,
    tidying,
)
from saltern.plugin_api.filesystem.states import directory as directories
from saltern.plugin_api.filesystem.states.answers import (
    NOTE,
    Answer,
    answer,
    checked_path,
    failed,
    fine,
    planned,
    unknown_owner,
)
from saltern.plugin_api.filesystem.states.cleaning import kept_by, removable
from saltern.plugin_api.filesystem.states.given_contents import ContentsFault, Given, contents_of
from saltern.plugin_api.nested import traverse
from saltern.plugin_api.state_beacon import without_beacon

__salt__: Functions
__opts__: Opts
__pillar__: Pillar
__grains__: Grains
__context__: dict[str, Any]
__low__: dict[str, Any]
__lowstate__: list[dict[str, Any]]
__env__: str
__serializers__: Functions
__states__: Functions

__func_alias__ = {"copy_": "copy"}

_ACCUMULATED = "file.accumulated"


# --- whole files ----------------------------------------------------------------------------------------------------


def managed(
    name: str,
    source: Any = None,
    source_hash: Any = "",
    source_hash_name: str | None = None,
    keep_source: bool = True,
    user: Any = None,
    group: Any = None,
    mode: Any = None,
    attrs: str | None = None,
    template: str | None = None,
    makedirs: bool = False,
    dir_mode: Any = None,
    context: Any = None,
    replace: bool = True,
    defaults: Any = None,
    backup: str = "",
    show_changes: bool = True,
    create: bool = True,
    contents: Any = None,
    tmp_dir: str | None = None,
    tmp_ext: str = "",
    contents_pillar: str | None = None,
    contents_grains: str | None = None,
    contents_newline: bool = True,
    contents_delimiter: str = ":",
    encoding: str | None = None,
    encoding_errors: str = "strict",
    allow_empty: bool = True,
    follow_symlinks: bool = True,
    check_cmd: Any = None,
    skip_verify: bool = False,
    selinux: Any = None,
    win_owner: Any = None,
    win_perms: Any = None,
    win_deny_perms: Any = None,
    win_inheritance: bool = True,
    win_perms_reset: bool = False,
    verify_ssl: bool = True,
    use_etag: bool = False,
    signature: Any = None,
    source_hash_sig: Any = None,
    signed_by_any: Any = None,
    signed_by_all: Any = None,
    keyring: str | None = None,
    gnupghome: str | None = None,
    ignore_ordering: bool = False,
    ignore_whitespace: bool = False,
    ignore_comment_characters: Any = None,
    new_file_diff: bool = False,
    sig_backend: str = "gpg",
    **kwargs: Any,
) -> Answer:
    """A file with contents from a source, from the state itself, from the pillar or a grain."""
    name = paths.expanded(str(name or ""))
    if not name:
        return failed(name, "Destination file name is required")
    given = Given(contents, contents_pillar, contents_grains, contents_newline, contents_delimiter, allow_empty)
    try:
        data = contents_of(given, source, mode, __pillar__, __grains__)
    except ContentsFault as fault:
        return failed(name, str(fault))
    keep_mode = str(mode).lower() == "keep"
    mode = None if keep_mode else _permissions_mode(mode)
    complaint = _unmanageable(name, source, template, context, defaults, keep_mode=keep_mode)
    if complaint:
        return failed(name, complaint)
    if not create and not os.path.isfile(name):
        return fine(name, f"File {name} is not present and is not set for creation")
    wanted = Wanted(user, group, mode, attrs, follow_symlinks)
    unknown = "" if __opts__["test"] else unknown_owner(user, group)
    if unknown:
        return failed(name, unknown)
    if os.path.exists(name) and (not replace or (not source and source != [] and data is None)):
        return _only_permissions(name, wanted)
    variables = _variables(name, defaults, context)
    try:
        if isinstance(data, str) and template:
            data = _rendered(data, template, variables)
        variables = {**_template_arguments(kwargs), **variables}
        source, source_hash = __salt__["file.source_list"](source, source_hash, __env__)
        verified = not (template or skip_verify) and _is_remote(source) and source_hash and os.path.isfile(name)
        if verified and _has_digest(name, source, source_hash, source_hash_name):
            return _only_permissions(name, wanted)
    except (CommandExecutionError, SaltInvocationError) as error:
        return failed(name, str(error) if template and data is not None else f"Unable to manage file: {error}")
    telling = {
        "ignore_ordering": ignore_ordering, "ignore_whitespace": ignore_whitespace,
        "ignore_comment_characters": ignore_comment_characters, "new_file_diff": new_file_diff,
    }  # fmt: skip
    signing = {
        "source_hash_sig": source_hash_sig, "signed_by_any": signed_by_any, "signed_by_all": signed_by_all,
        "keyring": keyring, "gnupghome": gnupghome, "sig_backend": sig_backend, "signature": signature,
        "use_etag": use_etag,
    }  # fmt: skip
    work = _Managed(
        source=source, source_hash=source_hash, source_hash_name=source_hash_name, template=template,
        variables=variables, data=data, wanted=wanted, keep_mode=keep_mode, skip_verify=skip_verify,
        verify_ssl=verify_ssl, telling=telling, signing=signing, selinux=_selinux(selinux), show_changes=show_changes,
    )  # fmt: skip
    if __opts__["test"]:
        return work.planned(name, encoding, encoding_errors)
    handling = {
        "backup": backup, "makedirs": makedirs, "dir_mode": _permissions_mode(dir_mode), "encoding": encoding,
        "encoding_errors": encoding_errors,
    }  # fmt: skip
    result = work.done(name, handling, check_cmd, {"suffix": tmp_ext, "dir": tmp_dir})
    if not keep_source and result["result"] and source and str(source).partition("://")[0] != "file":
        _forget(str(source))
    return result


class _Managed:
    """A managed file that passed the checks: what is still to be fetched, compared and put in place."""

    def __init__(self, **given: Any) -> None:
        self._given = given

    def planned(self, name: str, encoding: str | None, errors: str) -> Answer:
        g = self._given
        data = g["data"]
        if encoding and isinstance(data, str):
            data = data.encode(encoding, errors)
        found = __salt__["file.check_managed_changes"](
            name, g["source"], g["source_hash"], g["source_hash_name"], *self._owned(), g["template"], g["variables"],
            None, __env__, data, g["skip_verify"], keep_mode=g["keep_mode"], verify_ssl=g["verify_ssl"],
            follow_symlinks=g["wanted"].follow, **g["telling"], **g["signing"], **g["selinux"],
        )  # fmt: skip
        if isinstance(found, tuple):
            return answer(name, found[0], found[1])
        if not found:
            return fine(name, f"The file {name} is in the correct state")
        if "diff" in found and not g["show_changes"]:
            found["diff"] = difference.HIDDEN
        return planned(name, f"The file {name} is set to be changed\n{NOTE}", found)

    def done(self, name: str, handling: dict[str, Any], check_cmd: Any, temporary: dict[str, Any]) -> Answer:
        g = self._given
        sfn, digest = "", {}
        if g["data"] is None and g["source"]:
            sfn, digest, fault = __salt__["file.get_managed"](
                name, g["template"], g["source"], g["source_hash"], g["source_hash_name"], *self._owned(), __env__,
                g["variables"], None, g["skip_verify"], g["verify_ssl"], **g["signing"],
            )  # fmt: skip
            if fault:
                return failed(name, f"Unable to manage file: {fault}")
        if check_cmd and (bad := self._bad(name, sfn, digest, handling, check_cmd, temporary)):
            return bad
        return self._put(name, name, sfn, digest, handling)

    def _bad(
        self, name: str, sfn: str, digest: Any, handling: dict[str, Any], check_cmd: Any, temporary: dict[str, Any]
    ) -> Answer | None:
        """Try the new file beside the old one: what is wrong with it, None when it passes."""
        import shutil
        import tempfile

        handle, trial = tempfile.mkstemp(**temporary)
        os.close(handle)
        copy = ""
        try:
            if os.path.exists(name):
                shutil.copyfile(name, trial)
            if is_temporary(sfn):  # it is used up by being put in place
                handle, copy = tempfile.mkstemp()
                os.close(handle)
                shutil.copyfile(sfn, copy)
            made = self._put(trial, name, copy or sfn, digest, {**handling, "backup": ""})
            if made["result"] is False:
                return {**made, "name": name, "comment": str(made["comment"]).replace(trial, name)}
            verdict = mod_run_check_cmd(check_cmd, trial)
            return {"name": name, "changes": {}, **verdict} if isinstance(verdict, dict) else None
        finally:
            for path in (trial, copy):
                if path and os.path.exists(path):
                    os.unlink(path)

    def _put(self, place: str, name: str, sfn: str, digest: Any, handling: dict[str, Any]) -> Answer:
        g = self._given
        try:
            done: Answer = __salt__["file.manage_file"](
                place, sfn, answer(name, True, ""), g["source"], digest, *self._owned(), __env__,
                contents=g["data"], show_changes=g["show_changes"], follow_symlinks=g["wanted"].follow,
                skip_verify=g["skip_verify"], keep_mode=g["keep_mode"], verify_ssl=g["verify_ssl"],
                template=g["template"], **handling, **g["telling"], **g["signing"], **_se_prefixed(g["selinux"]),
            )  # fmt: skip
        except (OSError, CommandExecutionError) as error:
            return failed(name, f"Unable to manage file: {error}")
        return done

    def _owned(self) -> tuple[Any, Any, Any, str | None]:
        wanted = self._given["wanted"]
        return wanted.user, wanted.group, wanted.mode, wanted.attrs


def absent(name: str, **kwargs: Any) -> Answer:
    """Nothing at a path: a file, a link or a whole directory is removed."""
    path, complaint = checked_path(name, "file.absent")
    if complaint:
        return failed(path, complaint)
    if os.path.realpath(path) == "/":
        return failed(path, 'Refusing to make "/" absent')
    if not os.path.lexists(path):
        return fine(path, f"File {path} is not present")
    folder = os.path.isdir(path) and not os.path.islink(path)
    changes = {"removed": path}
    if __opts__["test"]:
        return planned(path, f"{'Directory' if folder else 'File'} {path} is set for removal", changes)
    try:
        trees.remove(path)
    except CommandExecutionError as error:
        return failed(path, str(error))
    return fine(path, f"Removed {'directory' if folder else 'file'} {path}", changes)


def exists(name: str, **kwargs: Any) -> Answer:
    """Anything at a path; nothing is changed."""
    path = paths.expanded(name)
    if not path:
        return failed(path, "Must provide name to file.exists")
    if not os.path.exists(path):
        return failed(path, f"Specified path {path} does not exist")
    return fine(path, f"Path {path} exists")


def missing(name: str, **kwargs: Any) -> Answer:
    """Nothing at a path; nothing is changed."""
    path = paths.expanded(name)
    if not path:
        return failed(path, "Must provide name to file.missing")
    if os.path.exists(path):
        return failed(path, f"Specified path {path} exists")
    return fine(path, f"Path {path} is missing")


def touch(name: str, atime: Any = None, mtime: Any = None, makedirs: bool = False) -> Answer:
    """A file that is there, empty if it is new, with its times set: to now, or to `atime` and `mtime`."""
    path, complaint = checked_path(name, "file.touch")
    if complaint:
        return failed(path, complaint)
    new = not os.path.exists(path)
    kind = "directory" if os.path.isdir(path) else "file"
    if not new and _has_times(path, atime, mtime):
        return fine(path, f"File {path} exists and has the correct times")
    if __opts__["test"]:
        if new:
            return planned(path, f"File {path} is set to be created", {"new": path})
        return planned(path, f"Times set to be updated on {kind} {path}", {"touched": path})
    if not os.path.isdir(os.path.dirname(path)):
        if not makedirs:
            return failed(path, f"Directory not present to touch file {path}")
        trees.make_parents(path)
    try:
        contents_.touch(path, atime, mtime)
    except (CommandExecutionError, SaltInvocationError) as error:
        return failed(path, str(error))
    if new:
        return fine(path, f"Created empty file {path}", {"new": path})
    return fine(path, f"Updated times on {kind} {path}", {"touched": path})


def copy_(
    name: str,
    source: str,
    force: bool = False,
    makedirs: bool = False,
    preserve: bool = False,
    user: Any = None,
    group: Any = None,
    mode: Any = None,
    dir_mode: Any = None,
    subdir: bool = False,
    **kwargs: Any,
) -> Answer:
    """A copy of a file or a directory of this host."""
    path, complaint = checked_path(name, "file.copy")
    if complaint:
        return failed(path, complaint)
    source = paths.expanded(source)
    if not os.path.isabs(source) or not os.path.exists(source):
        return failed(path, f'Source file "{source}" is not present')
    target = os.path.join(path, os.path.basename(source)) if subdir and os.path.isdir(path) else path
    if os.path.lexists(target) and not force:
        return fine(path, f'The target file "{target}" exists and will not be overwritten')
    changes = {target: source}
    if __opts__["test"]:
        return planned(path, f'File "{source}" is set to be copied to "{target}"')
    unknown = "" if preserve else unknown_owner(user, group)
    if unknown:
        return failed(path, unknown)
    parent = os.path.dirname(target)
    if not os.path.isdir(parent):
        if not makedirs:
            return failed(path, f"The target directory {parent} is not present")
        trees.make_parents(target, user, group, _permissions_mode(dir_mode))
    alike = os.path.isfile(source) and os.path.isfile(target) and digests.of_file(source) == digests.of_file(target)
    try:
        _copied(source, target)
    except (OSError, CommandExecutionError) as error:
        return failed(path, f'Failed to copy "{source}" to "{target}": {error}')
    found = os.stat(source)
    if user is not None and group is None:
        group = _primary_group(user)
    wanted = Wanted(user, group, _permissions_mode(mode))
    if preserve:
        wanted = Wanted(found.st_uid, found.st_gid, f"{found.st_mode & 0o7777:04o}")
    news = permissions.differing(permissions.held(target, wanted), wanted)
    complaints = permissions.bring_about(target, wanted, news)
    note = " - files are identical but force flag is set" if alike else ""
    told = "; ".join([f'Copied "{source}" to "{path}"{note}', *complaints])
    return answer(path, not complaints, told, {**changes, **({} if preserve else news)})


def _primary_group(user: Any) -> Any:
    """The name of a user's own group; None if there is no such user."""
    gid = __salt__["user.info"](str(user)).get("gid")
    return None if gid is None else __salt__["file.gid_to_group"](gid)


def rename(name: str, source: str, force: bool = False, makedirs: bool = False, **kwargs: Any) -> Answer:
    """A file or directory of this host at another place than where it was."""
    path, complaint = checked_path(name, "file.rename")
    if complaint:
        return failed(path, complaint)
    source = paths.expanded(source)
    if not os.path.lexists(source) or not os.path.isabs(source):
        return fine(path, f'Source file "{source}" has already been moved out of place')
    if os.path.lexists(path) and not force:
        return fine(path, f'The target file "{path}" exists and will not be overwritten')
    if __opts__["test"]:
        return planned(path, f'File "{source}" is set to be moved to "{path}"')
    if os.path.lexists(path):
        trees.remove(path)
    parent = os.path.dirname(path)
    if not os.path.isdir(parent):
        if not makedirs:
            return failed(path, f"The target directory {parent} is not present")
        trees.make_parents(path)
    try:
        trees.move(source, path)
    except CommandExecutionError as error:
        return failed(path, f'Failed to move "{source}" to "{path}": {error}')
    return fine(path, f'Moved "{source}" to "{path}"', {path: source})


# --- directories and links ------------------------------------------------------------------------------------------


def directory(
    name: str,
    user: Any = None,
    group: Any = None,
    recurse: Any = None,
    max_depth: int | None = None,
    dir_mode: Any = None,
    file_mode: Any = None,
    makedirs: bool = False,
    clean: bool = False,
    require: Any = None,
    exclude_pat: Any = None,
    follow_symlinks: bool = False,
    force: bool = False,
    backupname: str | None = None,
    allow_symlink: bool = True,
    children_only: bool = False,
    win_owner: Any = None,
    win_perms: Any = None,
    win_deny_perms: Any = None,
    win_inheritance: bool = True,
    win_perms_reset: bool = False,
    **kwargs: Any,
) -> Answer:
    """A directory; with `recurse` all that is below it, too, with `clean` nothing but what states put there."""
    path, complaint = checked_path(name, "file.directory")
    if complaint:
        return failed(path, complaint)
    mode = _permissions_mode(dir_mode) or _permissions_mode(kwargs.get("mode"))
    below = file_mode if file_mode is not None else None if dir_mode is not None else kwargs.get("mode")
    wish = directories.DirectoryWish(
        user, group, recurse, max_depth, mode, _permissions_mode(below), makedirs, clean, exclude_pat, follow_symlinks,
        force, backupname, allow_symlink, children_only,
    )  # fmt: skip
    done = directories.directory(path, wish, lambda: kept_by(__low__, __lowstate__), test=bool(__opts__["test"]))
    return {**done, "name": path}


def symlink(
    name: str,
    target: str,
    force: bool = False,
    backupname: str | None = None,
    makedirs: bool = False,
    user: Any = None,
    group: Any = None,
    mode: Any = None,
    win_owner: Any = None,
    win_perms: Any = None,
    win_deny_perms: Any = None,
    win_inheritance: Any = None,
    atomic: bool = False,
    disallow_copy_and_unlink: bool = False,
    inherit_user_and_group: bool = False,
    follow_symlinks: bool = True,
    **kwargs: Any,
) -> Answer:
    """A symbolic link."""
    path, complaint = checked_path(name, "file.symlink")
    if complaint:
        return failed(path, complaint)
    wish = linking.LinkWish(
        str(target), force, backupname, makedirs, user, group, _permissions_mode(mode), atomic,
        disallow_copy_and_unlink, inherit_user_and_group, follow_symlinks,
    )  # fmt: skip
    return linking.symlink(path, wish, test=bool(__opts__["test"]))


def hardlink(
    name: str,
    target: str,
    force: bool = False,
    makedirs: bool = False,
    user: Any = None,
    group: Any = None,
    dir_mode: Any = None,
    **kwargs: Any,
) -> Answer:
    """A further name of a file."""
    path, complaint = checked_path(name, "file.hardlink")
    if complaint:
        return failed(path, complaint)
    wish = linking.LinkWish(paths.expanded(target), force, None, makedirs, user, group, _permissions_mode(dir_mode))
    return linking.hardlink(path, wish, test=bool(__opts__["test"]))


# --- parts of files -------------------------------------------------------------------------------------------------


def append(
    name: str,
    text: Any = None,
    makedirs: bool = False,
    source: Any = None,
    source_hash: Any = None,
    template: str = "jinja",
    sources: Any = None,
    source_hashes: Any = None,
    defaults: Any = None,
    context: Any = None,
    ignore_whitespace: bool = True,
    show_changes: bool = True,
) -> Answer:
    """Texts somewhere in a file; those that are not are put at its end."""
    path, complaint = checked_path(name, "file.append")
    if complaint:
        return failed(path, complaint)
    texts, complaint = _texts(text, source, source_hash, sources, source_hashes, template, defaults, context)
    if complaint:
        return failed(path, complaint)
    return adding.append(
        path,
        texts,
        makedirs=makedirs,
        ignore_whitespace=ignore_whitespace,
        show_changes=show_changes,
        test=bool(__opts__["test"]),
    )


def prepend(
    name: str,
    text: Any = None,
    makedirs: bool = False,
    source: Any = None,
    source_hash: Any = None,
    template: str = "jinja",
    sources: Any = None,
    source_hashes: Any = None,
    defaults: Any = None,
    context: Any = None,
    header: bool | None = None,
    show_changes: bool = True,
) -> Answer:
    """Texts somewhere in a file, with `header` at its beginning; those that are not are put at its beginning."""
    path, complaint = checked_path(name, "file.prepend")
    if complaint:
        return failed(path, complaint)
    texts, complaint = _texts(text, source, source_hash, sources, source_hashes, template, defaults, context)
    if complaint:
        return failed(path, complaint)
    return adding.prepend(
        path, texts, makedirs=makedirs, header=header, show_changes=show_changes, test=bool(__opts__["test"])
    )


def replace(
    name: str,
    pattern: str,
    repl: str,
    count: int = 0,
    flags: Any = 8,
    bufsize: Any = 1,
    append_if_not_found: bool = False,
    prepend_if_not_found: bool = False,
    not_found_content: str | None = None,
    backup: Any = ".bak",
    show_changes: bool = True,
    ignore_if_missing: bool = False,
    backslash_literal: bool = False,
    encoding: str | None = None,
) -> Answer:
    """What a regular expression finds in a file replaced."""
    path, complaint = checked_path(name, "file.replace")
    if not complaint and not os.path.exists(path):
        if ignore_if_missing:
            return fine(path, "No changes needed to be made")
        complaint = f"{path}: file not found"
    if complaint:
        return failed(path, complaint)
    given = {
        "count": count, "flags": flags, "bufsize": bufsize, "append_if_not_found": append_if_not_found,
        "prepend_if_not_found": prepend_if_not_found, "not_found_content": not_found_content, "backup": backup,
        "show_changes": show_changes, "backslash_literal": backslash_literal, "encoding": encoding,
    }  # fmt: skip
    return _edited(path, "Changes would have been made", lambda test: __salt__["file.replace"](
        path, pattern, repl, dry_run=test, **given
    ))  # fmt: skip


def line(
    name: str,
    content: Any = None,
    match: str | None = None,
    mode: str | None = None,
    location: str | None = None,
    before: str | None = None,
    after: str | None = None,
    show_changes: bool = True,
    backup: bool = False,
    quiet: bool = False,
    indent: bool = True,
    create: bool = False,
    user: Any = None,
    group: Any = None,
    file_mode: Any = None,
) -> Answer:
    """A line in a file: put in, ensured at a place, replaced or deleted, as `mode` says."""
    path, complaint = checked_path(name, "file.line")
    if not complaint and not os.path.isfile(path) and not create:
        complaint = f"{path}: file not found"
    if not complaint and mode is None:
        complaint = "Mode was not defined. How to process the file?"
    if not complaint and content is None and str(mode).lower() != "delete":
        complaint = "Content can only be empty if mode is ['delete']"
    if complaint:
        return failed(path, complaint)
    new = not os.path.exists(path)
    if new and __opts__["test"]:
        return planned(path, f"File {path} is set to be created", {"new": path})
    if new and (unknown := unknown_owner(user, group)):
        return failed(path, unknown)
    if new:
        try:
            contents_.touch(path)
        except CommandExecutionError as error:
            return failed(path, f"{path}: {error}")
        wanted = Wanted(user, group, _permissions_mode(file_mode))
        permissions.bring_about(path, wanted, permissions.differing(permissions.held(path, wanted), wanted))
    return _edited(path, "Changes would be made", lambda _: __salt__["file.line"](
        path, content, match=match, mode=mode, location=location, before=before, after=after,
        show_changes=show_changes, backup=backup, quiet=quiet, indent=indent,
    ))  # fmt: skip


def blockreplace(
    name: str,
    marker_start: str = "#-- start managed zone --",
    marker_end: str = "#-- end managed zone --",
    source: Any = None,
    source_hash: Any = None,
    template: str = "jinja",
    sources: Any = None,
    source_hashes: Any = None,
    defaults: Any = None,
    context: Any = None,
    content: str = "",
    append_if_not_found: bool = False,
    prepend_if_not_found: bool = False,
    backup: Any = ".bak",
    show_changes: bool = True,
    append_newline: bool | None = None,
    insert_before_match: str | None = None,
    insert_after_match: str | None = None,
) -> Answer:
    """The lines between two markers in a file; texts of `file.accumulated` are added to them."""
    path, complaint = checked_path(name, "file.blockreplace")
    if not complaint and not os.path.exists(path):
        complaint = f"{path}: file not found"
    if complaint:
        return failed(path, complaint)
    if source or sources:
        texts, complaint = _texts(None, source, source_hash, sources, source_hashes, template, defaults, context)
        if complaint:
            return failed(path, complaint)
        content += "".join(texts)
    for text in [text for texts in _accumulated(path).values() for text in texts]:
        content = f"{content}\n{text}" if content else str(text)
    given = {
        "append_if_not_found": append_if_not_found, "prepend_if_not_found": prepend_if_not_found, "backup": backup,
        "show_changes": show_changes, "append_newline": append_newline, "insert_before_match": insert_before_match,
        "insert_after_match": insert_after_match,
    }  # fmt: skip
    try:
        changes = __salt__["file.blockreplace"](
            path, marker_start, marker_end, content, dry_run=bool(__opts__["test"]), **given
        )
    except (CommandExecutionError, SaltInvocationError, AttributeError) as error:
        return failed(path, f"Encountered error managing block: {error}. See the log for details.")
    if not changes:
        return fine(path, "No changes needed to be made")
    if __opts__["test"]:
        return planned(path, "Changes would be made", {"diff": changes})
    return fine(path, "Changes were made", {"diff": changes})


def comment(name: str, regex: str, char: str = "#", backup: Any = ".bak", ignore_missing: bool = False) -> Answer:
    """The lines that match a regular expression commented out."""
    path, complaint = checked_path(name, "file.comment")
    if not complaint and not os.path.exists(path):
        complaint = f"{path}: file not found"
    if complaint:
        return failed(path, complaint)
    bare = regex.removeprefix("^").removesuffix("$")
    done = _finds(path, f"{char}{bare}")
    if not _finds(path, rf"^(?!\s*{char}).*{bare}"):
        if done:
            return fine(path, "Pattern already commented")
        if ignore_missing:
            return fine(path, "Pattern not found and ignore_missing set to True")
        return failed(path, f"{bare}: Pattern not found")
    return _commented(path, regex, char, backup, comment=True, done=done)


def uncomment(name: str, regex: str, char: str = "#", backup: Any = ".bak") -> Answer:
    """The lines that match a regular expression behind a comment character without it."""
    path, complaint = checked_path(name, "file.uncomment")
    if not complaint and not os.path.exists(path):
        complaint = f"{path}: file not found"
    if complaint:
        return failed(path, complaint)
    bare = regex.removeprefix("^")
    done = _finds(path, rf"^[ \t]*{bare}")
    if not _finds(path, rf"^[ \t]*{char}[ \t]*{bare}"):
        if done:
            return fine(path, "Pattern already uncommented")
        return failed(path, f"{regex}: Pattern not found")
    return _commented(path, regex, char, backup, comment=False, done=done)


def accumulated(name: str, filename: str, text: Any, **kwargs: Any) -> Answer:
    """Texts for a file, to be used by the `file.managed` or `file.blockreplace` that requires this state.

    Templates have them as `accumulator[name]`.
    """
    required = [*(__low__.get("require_in") or ()), *(__low__.get("watch_in") or ())]
    if not any("file" in one for one in required):
        return failed(name, f"Orphaned accumulator {name} in {__low__['__sls__']}:{__low__['__id__']}")
    texts = text if isinstance(text, list | tuple) else [text]
    known = __context__.setdefault(_ACCUMULATED, {}).setdefault(filename, {}).setdefault(name, [])
    new = [str(one) for one in texts if str(one) not in known]
    known += new
    return fine(name, f"Accumulator {name} for file {filename} was charged by text" if new else "")


def mod_run_check_cmd(cmd: Any, filename: str, **check_cmd_opts: Any) -> Any:
    """True when a command that is given a file's name succeeds, else the state's result."""
    import shlex

    for one in cmd if isinstance(cmd, list) else [cmd]:
        done = __salt__["cmd.run_all"](f"{one} {shlex.quote(filename)}", python_shell=True, **check_cmd_opts)
        if done["retcode"] != 0:
            told = [part for part in (done.get("stdout"), done.get("stderr")) if part]
            return {"result": False, "skip_watch": True, "comment": "\n".join(["check_cmd execution failed", *told])}
    return True


def keyvalue(
    name: str,
    key: str | None = None,
    value: Any = None,
    key_values: Any = None,
    separator: str = "=",
    append_if_not_found: bool = False,
    prepend_if_not_found: bool = False,
    search_only: bool = False,
    show_changes: bool = True,
    ignore_if_missing: bool = False,
    count: int = 1,
    uncomment: str | None = None,
    key_ignore_case: bool = False,
    value_ignore_case: bool = False,
    create_if_missing: bool = False,
    prune: bool = False,
) -> Answer:
    """Keys with their values in a file of lines such as `key=value`."""
    path = paths.expanded(name)
    values, complaint = _key_values(key, value, key_values)
    if complaint:
        return failed(path, complaint)
    text = ""
    if os.path.isfile(path):
        text = difference.read_whole(path).decode("utf-8", "replace")
    elif not create_if_missing:
        return answer(path, bool(ignore_if_missing), f"unable to open {path}")
    create = create_if_missing and not os.path.exists(path)
    wish = keyvalues.KeyValueWish(
        values, separator, append_if_not_found or create, prepend_if_not_found, search_only, count, uncomment,
        key_ignore_case, value_ignore_case, prune,
    )  # fmt: skip
    edit = keyvalues.edited(text.splitlines(keepends=True), wish)
    if not edit.changed and not edit.deleted:
        return fine(path, "")
    changes = {"diff": "".join(edit.told) if show_changes else difference.HIDDEN}
    if __opts__["test"]:
        told = f"File {path} is set to be changed ({edit.changed} lines modified, {edit.deleted} deleted)"
        if show_changes:
            told += "\nPredicted diff:\n" + "".join(f"\r\t\t{line}" for line in edit.told)
        return planned(path, told, changes)
    if create:
        contents_.touch(path)
    contents_.replace_with(path, "".join(edit.lines).encode())
    return fine(path, f"Changed {edit.changed}, deleted {edit.deleted} lines", changes)


def patch(
    name: str,
    source: Any = None,
    source_hash: Any = None,
    source_hash_name: str | None = None,
    skip_verify: bool = False,
    template: str | None = None,
    context: Any = None,
    defaults: Any = None,
    options: str = "",
    reject_file: str | None = None,
    strip: int | None = None,
    saltenv: str | None = None,
    **kwargs: Any,
) -> Answer:
    """A file or a directory with a patch applied."""
    path = paths.expanded(name)
    if not os.path.isabs(path):
        return failed(path, f"{path} is not an absolute path")
    if not os.path.exists(path):
        return failed(path, f"{path} does not exist")
    if not source:
        return failed(path, "Must provide source to file.patch")
    saltenv = saltenv or __env__
    place, complaint = _patch_file(
        path, source, source_hash, source_hash_name, skip_verify, template, context, defaults, saltenv
    )
    if complaint:
        return failed(path, f"Unable to manage file: {complaint}")
    try:
        return patching.patched(
            path,
            place,
            patching.PatchWish(options, reject_file, strip),
            lambda *args, **given: __salt__["file.patch"](*args, **given),
            test=bool(__opts__["test"]),
        )
    except (CommandExecutionError, SaltInvocationError) as error:
        return failed(path, str(error))
    finally:
        drop_temporary(place)


# --- trees and data -------------------------------------------------------------------------------------------------


def recurse(
    name: str,
    source: Any,
    keep_source: bool = True,
    clean: bool = False,
    require: Any = None,
    user: Any = None,
    group: Any = None,
    dir_mode: Any = None,
    file_mode: Any = None,
    sym_mode: Any = None,
    template: str | None = None,
    context: Any = None,
    replace: bool = True,
    defaults: Any = None,
    include_empty: bool = False,
    backup: str = "",
    include_pat: Any = None,
    exclude_pat: Any = None,
    maxdepth: int | None = None,
    keep_symlinks: bool = False,
    force_symlinks: bool = False,
    win_owner: Any = None,
    win_perms: Any = None,
    win_deny_perms: Any = None,
    win_inheritance: bool = True,
    merge: bool = False,
    **kwargs: Any,
) -> Answer:
    """A directory of the file tree, with all that is in it; with `clean` nothing else."""
    path = paths.expanded(name)
    if "mode" in kwargs:
        return failed(path, "'mode' is not allowed in 'file.recurse'. Please use 'file_mode' and 'dir_mode'.")
    if not os.path.isabs(path):
        return failed(path, f"Specified file {path} is not an absolute path")
    path = os.path.normpath(path)
    unknown = "" if __opts__["test"] else unknown_owner(user, group)
    if unknown:
        return failed(path, unknown)
    if os.path.lexists(path) and not os.path.isdir(path):
        return failed(path, f"The path {path} exists and is not a directory")
    choice = recursing.Choice(include_pat, exclude_pat, maxdepth, include_empty, keep_symlinks)
    try:
        tree = _tree(path, source, choice, merge=merge)
    except CommandExecutionError as error:
        return failed(path, f"Recurse failed: {error}")
    collected = recursing.Collected(path)
    folder = {"user": user, "group": group, "dir_mode": dir_mode, "makedirs": True}
    root = directory(path, **folder)
    # A trial tells of the root where a file lies right in it, as Salt's does.
    if root["result"] is not None or any(os.path.dirname(one) == path for one in (*tree.files, *tree.links)):
        collected.add(path, root)
    for one in recursing.needed_directories(path, tree):
        collected.add(one, directory(one, **folder))
    more = {key: value for key, value in _template_arguments(kwargs).items() if key != "makedirs"}
    for place, url in tree.files.items():
        given = {"keep_source": keep_source, "user": user, "group": group, "mode": file_mode, "template": template,
                 "context": context, "defaults": defaults, "backup": backup, "replace": replace}  # fmt: skip
        collected.add(place, managed(place, **{**more, **given, "source": url}))
    for place, target in tree.links.items():
        collected.add(place, symlink(place, target, force=force_symlinks, user=user, group=group, mode=sym_mode))
    if clean:
        collected.removed(_cleaned(path, tree, exclude_pat), test=bool(__opts__["test"]))
    return collected.told()


def serialize(
    name: str,
    dataset: Any = None,
    dataset_pillar: str | None = None,
    user: Any = None,
    group: Any = None,
    mode: Any = None,
    backup: str = "",
    makedirs: bool = False,
    show_changes: bool = True,
    create: bool = True,
    merge_if_exists: bool = False,
    encoding: str | None = None,
    encoding_errors: str = "strict",
    serializer: str | None = None,
    serializer_opts: Any = None,
    deserializer_opts: Any = None,
    check_cmd: Any = None,
    tmp_dir: str | None = None,
    tmp_ext: str = "",
    **kwargs: Any,
) -> Answer:
    """Data in a file, by a serializer such as `yaml` or `json`; with `merge_if_exists` over the data that it has."""
    path = paths.expanded(name)
    if serializer and kwargs.get("formatter"):
        return failed(path, "Only one of serializer and formatter are allowed")
    form = str(serializer or kwargs.get("formatter") or "yaml").lower()
    data, complaint = _dataset(dataset, dataset_pillar)
    if complaint:
        return failed(path, complaint)
    if not create and not os.path.isfile(path):
        return fine(path, f"File {path} is not present and is not set for creation")
    if f"{form}.serialize" not in __serializers__:
        told = "It either does not exist or its prerequisites are not installed."
        return failed(path, f"The {form} serializer could not be found. {told}")
    data = serializing.unordered(data)
    existing: Any = None
    if merge_if_exists and os.path.isfile(path):
        existing, complaint = _deserialized(path, form, deserializer_opts)
        if complaint:
            return failed(path, complaint)
    if existing is not None:
        data = serializing.merged_data(existing, data)
        if data == existing:
            return fine(path, f"The file {path} is in the correct state")
    try:
        content = __serializers__[f"{form}.serialize"](data, **serializing.options_of(serializer_opts, form))
    except Exception as error:  # each serializer has its own complaints about data and options
        return failed(path, f"Failed to serialize {path} as {form}: {error}")
    if isinstance(content, str):
        content += "" if content.endswith("\n") and form != "configparser" else "\n"
    result = managed(
        path, contents=content, user=user, group=group, mode=mode, backup=backup, makedirs=makedirs,
        show_changes=show_changes, encoding=encoding, encoding_errors=encoding_errors, check_cmd=check_cmd,
        tmp_dir=tmp_dir, tmp_ext=tmp_ext,
    )  # fmt: skip
    if result["result"] is None:
        result["comment"] = f"Dataset will be serialized and stored into {path}"
    if existing is not None and show_changes and "diff" in result["changes"]:
        result["changes"]["diff"] = serializing.data_difference(existing, data)
    return result


def decode(
    name: str,
    encoded_data: str | None = None,
    contents_pillar: str | None = None,
    encoding_type: str = "base64",
    checksum: str = "md5",
) -> Answer:
    """A file with what an encoded text stands for."""
    import base64
    import binascii

    path = paths.expanded(name)
    if (encoded_data is None) == (contents_pillar is None):
        return failed(path, "Specify either the 'encoded_data' or 'contents_pillar' argument.")
    if encoding_type != "base64":
        return failed(path, f"Invalid encoding_type '{encoding_type}': only base64 is known.")
    text = encoded_data if contents_pillar is None else traverse(__pillar__, contents_pillar)
    if text is None:
        return failed(path, f"Pillar data '{contents_pillar}' is empty.")
    try:
        data = base64.b64decode(text)
    except (binascii.Error, TypeError, ValueError) as error:
        return failed(path, f"The data is not base64: {error}")
    new = digests.of_bytes(data, checksum)
    old = digests.of_file(path, checksum) if os.path.isfile(path) else None
    if new == old:
        return fine(path, "File is in the correct state.")
    changes = {"old": old, "new": new}
    if __opts__["test"]:
        return planned(path, "File is set to be updated.", {} if old is None else changes)
    try:
        contents_.replace_with(path, data)
    except OSError as error:
        return failed(path, f"{path} cannot be written: {error}")
    return fine(path, "File was updated.", changes)


# --- what is in the way ---------------------------------------------------------------------------------------------


def tidied(
    name: str,
    age: Any = 0,
    matches: Any = None,
    rmdirs: bool = False,
    size: Any = 0,
    exclude: Any = None,
    full_path_match: bool = False,
    followlinks: bool = False,
    time_comparison: str = "atime",
    age_size_logical_operator: str = "OR",
    age_size_only: str | None = None,
    rmlinks: bool = True,
    **kwargs: Any,
) -> Answer:
    """A directory without the files that are old or large enough."""
    path = paths.expanded(name)
    if not os.path.isabs(path):
        return failed(path, f"Specified file {path} is not an absolute path")
    wish = tidying.TidyWish(
        age, matches, rmdirs, size, exclude, full_path_match, followlinks, time_comparison, age_size_logical_operator,
        age_size_only, rmlinks,
    )  # fmt: skip
    return tidying.tidied(path, wish, test=bool(__opts__["test"]))


def pruned(name: str, recurse: bool = False, ignore_errors: bool = False, older_than: int | None = None) -> Answer:
    """No empty directory at a path, with `recurse` none below it."""
    return tidying.pruned(
        paths.expanded(name),
        recurse=recurse,
        ignore_errors=ignore_errors,
        older_than=older_than,
        test=bool(__opts__["test"]),
    )


def retention_schedule(
    name: str, retain: Any, strptime_format: str | None = None, timezone: str | None = None
) -> Answer:
    """A directory of backups with only the newest, and the first ones of hours, days, weeks, months and years."""
    try:
        zone = tidying.zone_of(timezone)
    except SaltInvocationError as error:
        return failed(name, str(error))
    return tidying.retention(paths.expanded(name), retain, strptime_format, zone, test=bool(__opts__["test"]))


def mknod(
    name: str,
    ntype: str,
    major: int = 0,
    minor: int = 0,
    user: Any = None,
    group: Any = None,
    mode: Any = "0600",
) -> Answer:
    """A character device (`c`), a block device (`b`) or a named pipe (`p`)."""
    path = paths.expanded(name)
    try:
        kind = devices.kind_of(ntype)
    except SaltInvocationError as error:
        return failed(path, str(error).rstrip("."))
    if ntype != "p" and not (str(major).isdigit() and str(minor).isdigit()):
        return failed(path, f"{kind.title} major and minor numbers must be positive integers")
    if not os.path.lexists(path):
        if __opts__["test"]:
            return planned(path, f"{kind.title} {path} is set to be created")
        made: Answer = __salt__["file.mknod"](path, ntype, major, minor, user, group, mode)
        return made
    if not devices.is_kind(path, kind.test) and not os.path.isfile(path):
        return failed(path, f"File {path} exists and cannot be overwritten")
    if not devices.is_kind(path, kind.test):
        return failed(path, f"File {path} exists and is not a {kind.title.lower()}. Refusing to continue")
    numbers = devices.numbers_of(path)
    if ntype != "p" and numbers != (int(major), int(minor)):
        told = "/".join(map(str, numbers))
        return failed(path, f"{kind.title} {path} exists and has a different major/minor {told}. Refusing to continue")
    wanted = Wanted(user, group, _permissions_mode(mode))
    news = permissions.differing(permissions.held(path, wanted), wanted)
    if not news:
        return fine(path, f"{kind.title} {path} is in the correct state")
    if __opts__["test"]:
        return planned(path, "", news)
    complaints = permissions.bring_about(path, wanted, news)
    return answer(path, not complaints, "; ".join(complaints), news)


def shortcut(
    name: str,
    target: str,
    arguments: str | None = None,
    working_dir: str | None = None,
    description: str | None = None,
    icon_location: str | None = None,
    force: bool = False,
    backupname: str | None = None,
    makedirs: bool = False,
    user: Any = None,
    **kwargs: Any,
) -> Answer:
    """A shortcut, which only Windows has."""
    return failed(name, "Shortcuts are only supported on Windows")


def cached(
    name: str,
    source_hash: Any = "",
    source_hash_name: str | None = None,
    skip_verify: bool = False,
    saltenv: str = "base",
    use_etag: bool = False,
    source_hash_sig: Any = None,
    signed_by_any: Any = None,
    signed_by_all: Any = None,
    keyring: str | None = None,
    gnupghome: str | None = None,
    sig_backend: str = "gpg",
) -> Answer:
    """A file of the tree or of another server in this minion's cache."""
    scheme = sources.scheme_of(name)
    if scheme in sources.REMOTE and not (source_hash or skip_verify or use_etag):
        told = "please set source_hash or set skip_verify or use_etag to True"
        return failed(name, f"Unable to verify upstream hash of source file {name}, {told}")
    digest: dict[str, str] = {}
    try:
        if source_hash:
            digest = __salt__["file.get_source_sum"](
                source=name, source_hash=source_hash, source_hash_name=source_hash_name, saltenv=saltenv,
                source_hash_sig=source_hash_sig, signed_by_any=signed_by_any, signed_by_all=signed_by_all,
                keyring=keyring, gnupghome=gnupghome, sig_backend=sig_backend,
            )  # fmt: skip
        return _in_cache(name, digest, saltenv, use_etag)
    except (CommandExecutionError, SaltInvocationError, MinionError, OSError) as error:
        return failed(name, str(error))


def not_cached(name: str, saltenv: str = "base") -> Answer:
    """A file that is not in this minion's cache."""
    place = __salt__["cp.is_cached"](name, saltenv)
    if not place:
        return fine(name, f"{name} is not cached")
    if __opts__["test"]:
        return planned(name, f"{place} will be deleted", {"deleted": True})
    try:
        trees.remove(place)
    except CommandExecutionError as error:
        return failed(name, str(error))
    return fine(name, f"{place} was deleted", {"deleted": True})


def mod_beacon(
    name: str, sfun: str = "", beacon: bool = False, beacon_data: dict[str, Any] | None = None, **kwargs: Any
) -> Answer:
    """A beacon that watches the file or directory of a state which says `beacon: True`."""
    told = without_beacon(name, beacon, f"file.{sfun}", ("managed", "directory"))
    if told:
        return told
    data = beacon_data or {}
    of_directories = ("auto_add", "recurse", "exclude") if sfun == "directory" else ()
    watched = {"mask": data.get("mask", ["create", "delete", "modify"])}
    watched |= {key: data[key] for key in of_directories if key in data}
    made: Answer = __states__["beacon.present"](
        name=f"beacon_inotify_{name}",
        beacon_module="inotify",
        files={name: watched},
        interval=data.get("interval", 60),
        coalesce=data.get("coalesce", False),
    )
    return made


# --- what they share ------------------------------------------------------------------------------------------------


def _permissions_mode(mode: Any) -> Any:
    """A mode as four digits; None for none."""
    from saltern.plugin_api.filesystem import status

    return None if mode in (None, "") else status.normal_mode(mode)


def _unmanageable(name: str, source: Any, template: str | None, context: Any, defaults: Any, *, keep_mode: bool) -> str:
    """Why a file cannot be managed as asked; an empty text: it can."""
    if not os.path.isabs(name):
        return f"Specified file {name} is not an absolute path"
    if os.path.isdir(name):
        return f"Specified target {name} is a directory"
    if context is not None and not isinstance(context, dict):
        return "Context must be formed as a dict"
    if defaults is not None and not isinstance(defaults, dict):
        return "Defaults must be formed as a dict"
    if keep_mode and not source:
        return "Mode preservation needs a source: 'mode: keep' takes the mode of a file"
    return ""


def _only_permissions(name: str, wanted: Wanted) -> Answer:
    """A file whose contents stay: its owner, mode and attributes."""
    news = permissions.differing(permissions.held(name, wanted), wanted)
    if __opts__["test"]:
        if not news:
            return fine(name, f"File {name} not updated")
        now = permissions.held(name, wanted).mode
        told = f"File {name} will be updated with permissions {wanted.mode} from its current state of {now}"
        return planned(name, told if "mode" in news else f"File {name} not updated", news)
    complaints = permissions.bring_about(name, wanted, news)
    if complaints:
        return failed(name, "; ".join(complaints), news)
    if news:
        return fine(name, "", news)
    return fine(name, f"File {name} exists with proper permissions. No changes made.")


def _is_remote(source: Any) -> bool:
    return sources.scheme_of(str(source or "")) in sources.REMOTE


def _has_digest(name: str, source: Any, source_hash: Any, source_hash_name: str | None) -> bool:
    """Whether a file is what a URL has by its hash, so that nothing has to be fetched."""
    digest = __salt__["file.get_source_sum"](name, source, source_hash, source_hash_name, __env__)
    return digests.of_file(name, digest["hash_type"]) == str(digest["hsum"])


def _variables(name: str, defaults: Any, context: Any) -> dict[str, Any]:
    """The variables of a template, with the texts that were accumulated for the file."""
    variables = {**(defaults or {}), **(context or {})}
    texts = _accumulated(name)
    return {**variables, "accumulator": texts} if texts else variables


def _template_arguments(given: dict[str, Any]) -> dict[str, Any]:
    """The arguments that a state does not know: variables of its templates."""
    return {key: value for key, value in given.items() if not key.startswith("__") and key != "sfun"}


def _accumulated(name: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = __context__.get(_ACCUMULATED, {}).get(name, {})
    return found


def _rendered(text: str, template: str, variables: dict[str, Any]) -> str:
    result = __salt__["file.apply_template_on_contents"](text, template, variables, {}, __env__)
    if isinstance(result, dict):
        raise CommandExecutionError(result["comment"])
    return str(result)


def _selinux(given: Any) -> dict[str, Any]:
    """The parts of an SELinux context as `se...` arguments."""
    parts = given if isinstance(given, dict) else {}
    return {
        f"se{part}": parts[f"se{part}"] if f"se{part}" in parts else parts.get(part)
        for part in ("user", "role", "type", "range")
    }


def _se_prefixed(given: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if value}


def _forget(source: str) -> None:
    """Remove a source from the cache, where `keep_source: False` does not want it."""
    place = __salt__["cp.is_cached"](source, __env__)
    if place and os.path.isfile(place):
        os.unlink(place)


def _has_times(path: str, atime: Any, mtime: Any) -> bool:
    """Whether a file has the times that were asked for; without any it has not: they are to be now."""
    found = os.stat(path)
    given = [(atime, found.st_atime), (mtime, found.st_mtime)]
    return any(wanted is not None for wanted, _ in given) and all(
        wanted is None or str(wanted) == str(int(now)) for wanted, now in given
    )


def _copied(source: str, target: str) -> None:
    if os.path.lexists(target):
        trees.remove(target)
    if os.path.isdir(source):
        trees.copy(source, target, recurse=True)
    else:
        import shutil

        shutil.copyfile(source, target)


def _edited(path: str, told: str, edit: Callable[[bool], Any]) -> Answer:
    """Edit a file by an execution function that answers with the difference."""
    try:
        changes = edit(bool(__opts__["test"]))
    except (CommandExecutionError, SaltInvocationError) as error:
        return failed(path, str(error))
    if not changes:
        return fine(path, "No changes needed to be made")
    if __opts__["test"]:
        return planned(path, told, {"diff": changes})
    return fine(path, "Changes were made", {"diff": changes})


def _finds(path: str, pattern: str) -> bool:
    return bool(__salt__["file.search"](path, pattern, multiline=True))


def _commented(path: str, regex: str, char: str, backup: Any, *, comment: bool, done: bool) -> Answer:
    """`done` says that there are such lines already: the pattern may be found in lines that it does not begin."""
    word = "Commented" if comment else "Uncommented"
    lines = replacing.read_text(path).splitlines(keepends=True)
    if not replacing.commented(lines, regex, char, comment=comment).happened:
        if done:
            return fine(path, f"{word} lines successfully")
        return failed(path, f"Expected {word.lower()} lines not found")
    if __opts__["test"]:
        return planned(path, f"File {path} is set to be updated", {path: "updated"})
    before = difference.read_whole(path).decode("utf-8", "replace")
    __salt__["file.comment_line"](path, regex, char, comment, backup)
    after = difference.read_whole(path).decode("utf-8", "replace")
    return fine(path, f"{word} lines successfully", {"diff": difference.of_texts(before, after)})


def _texts(
    text: Any,
    source: Any,
    source_hash: Any,
    urls: Any,
    source_hashes: Any,
    template: str,
    defaults: Any,
    context: Any,
) -> tuple[list[str], str]:
    """The texts of a state, or those of the templates that it names; and what is wrong with one."""
    if source and urls:
        return [], "source and sources are mutually exclusive"
    named = [source] if source else list(urls or [])
    hashes = [source_hash] if source else list(source_hashes or [])
    if not named:
        return adding.texts_of(text), ""
    texts = []
    for place, url in enumerate(named):
        its_hash = hashes[place] if place < len(hashes) else None
        sfn, _, fault = __salt__["file.get_managed"](
            url, template, url, its_hash, None, None, None, None, None, __env__, context, defaults
        )
        if fault:
            return [], f"Failed to load template file {url}"
        with open(sfn, encoding="utf-8", newline="") as file:
            texts.append(file.read())
        os.unlink(sfn)
    return texts, ""


def _key_values(key: Any, value: Any, key_values: Any) -> tuple[dict[str, Any], str]:
    what = "file.keyvalue key and value not supplied and key_values"
    if key is not None and value is not None:
        return {str(key): value}, ""
    if not key_values:
        return {}, f"{what} is empty"
    if not isinstance(key_values, dict):
        return {}, f"{what} is not a dictionary"
    return {str(one): given for one, given in key_values.items()}, ""


def _patch_file(
    name: str,
    source: Any,
    source_hash: Any,
    source_hash_name: str | None,
    skip_verify: bool,
    template: str | None,
    context: Any,
    defaults: Any,
    saltenv: str,
) -> tuple[str, str]:
    """The patch on this host, and what is wrong with it."""
    try:
        source, source_hash = __salt__["file.source_list"](source, source_hash, saltenv)
    except CommandExecutionError as error:
        return "", str(error)
    place, _, fault = __salt__["file.get_managed"](
        name, template, source, source_hash, source_hash_name, None, None, None, None, saltenv, context, defaults,
        skip_verify,
    )  # fmt: skip
    if fault:
        return "", fault
    return str(place or __salt__["cp.cache_file"](source, saltenv)), ""


def _tree(path: str, source: Any, choice: recursing.Choice, *, merge: bool) -> recursing.Tree:
    """What a directory of the file tree, or the first of several that is there, gives; with `merge` all of them."""
    found = [_subtree(path, str(one), choice) for one in (source if isinstance(source, list) else [source])]
    there = [tree for tree in found if tree is not None]
    if not there:
        raise CommandExecutionError("none of the specified sources were found")
    tree = there[0]
    for other in there[1:] if merge else ():
        tree = tree.over(other)
    return tree


def _subtree(path: str, source: str, choice: recursing.Choice) -> recursing.Tree | None:
    if not source.startswith("salt://"):
        raise CommandExecutionError(f"Invalid source '{source}' (must be a salt:// URI)")
    prefix, saltenv = sources.tree_path(source.rstrip("/"), __env__)
    prefix = f"{prefix}/" if prefix else ""
    files = __salt__["cp.list_master"](saltenv, prefix)

    def directories() -> Any:
        return __salt__["cp.list_master_dirs"](saltenv, prefix)

    if not files and not directories():
        return None
    return recursing.tree_of(
        path,
        prefix,
        saltenv,
        choice,
        files=files,
        directories=directories,
        symlinks=lambda: __salt__["cp.list_master_symlinks"](saltenv, prefix),
    )


def _cleaned(path: str, tree: recursing.Tree, exclude: Any) -> list[str]:
    """Remove what neither the tree nor another state puts below a directory; in a trial only tell it."""
    kept = tree.paths() | kept_by(__low__, __lowstate__)
    if not os.path.isdir(path):
        return []
    if __opts__["test"]:
        return removable(path, kept, exclude)
    removed = removable(path, kept, exclude, whole=True)
    for one in removed:
        trees.remove(one)
    return removed


def _dataset(dataset: Any, dataset_pillar: str | None) -> tuple[Any, str]:
    if dataset and dataset_pillar:
        return None, "Only one of 'dataset' and 'dataset_pillar' is permitted"
    if dataset_pillar is not None:
        return traverse(__pillar__, dataset_pillar, ""), ""
    if dataset is None:
        return None, "Neither 'dataset' nor 'dataset_pillar' was defined"
    return dataset, ""


def _deserialized(path: str, form: str, options: Any) -> tuple[Any, str]:
    """The data that a file has, and what is wrong with it; nothing for an empty file."""
    if f"{form}.deserialize" not in __serializers__:
        return None, f"merge_if_exists is not supported for the {form} serializer"
    data = difference.read_whole(path)
    try:
        found = __serializers__[f"{form}.deserialize"](
            data if form == "msgpack" else data.decode(), **serializing.options_of(options)
        )
    except Exception as error:  # each serializer has its own complaints about a text
        return None, f"Failed to deserialize existing data: {error}"
    return ({} if found is None else found), ""


def _in_cache(name: str, digest: dict[str, str], saltenv: str, use_etag: bool) -> Answer:
    """See to a file in the cache; what changed is known by its digest before and after."""
    form = digest.get("hash_type", "sha256")
    local = sources.scheme_of(name) in ("", "file")
    place = sources.local_path(name) if local else __salt__["cp.is_cached"](name, saltenv)
    old = digests.of_file(place, form) if place and os.path.isfile(place) else None
    wanted = digest.get("hsum")
    if not wanted and sources.scheme_of(name) == "salt":
        wanted = (__salt__["cp.hash_file"](name, saltenv) or {}).get("hsum")
    if local:
        return _local(name, old, wanted)
    if old is not None and wanted == old:
        return fine(name, f"File already cached: {name}" if __opts__["test"] else f"File is cached to {place}")
    if __opts__["test"]:
        return planned(name, f"File will be cached: {name}")
    place = __salt__["cp.cache_file"](name, saltenv, source_hash=digest.get("hsum"), use_etag=use_etag)
    if not place:
        return failed(name, f"Failed to cache {name}, check minion log for more information")
    new = digests.of_file(place, form)
    if digest and new != digest["hsum"]:
        return failed(name, f"File is cached to {place}, but the hash does not match: {new}, not {digest['hsum']}")
    changes = {} if new == old else {"hash": {"old": old, "new": new}}
    return fine(name, f"File is cached to {place}", changes)


def _local(name: str, old: str | None, wanted: str | None) -> Answer:
    """A file of this host needs no cache: it is there, with the digest that was asked for, or it is not."""
    if old is None:
        return failed(name, f"File {name} is not present on the minion")
    if wanted and wanted != old:
        told = f"but the hash ({old}) does not match the specified hash ({wanted})"
        return failed(name, f"File {name} is present on the minion, {told}")
    return fine(name, f"File {name} is present on the minion")
