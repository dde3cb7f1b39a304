"""Files, directories and links as they should be."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Grains, Opts, Pillar, SaltInvocationError
from saltern.plugin_api.filesystem import contents as contents_
from saltern.plugin_api.filesystem import difference, paths, permissions, trees
from saltern.plugin_api.filesystem.permissions import Wanted
from saltern.plugin_api.filesystem.states import adding, linking
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
from saltern.plugin_api.filesystem.states.cleaning import kept_by
from saltern.plugin_api.filesystem.states.given_contents import ContentsFault, Given, contents_of

__salt__: Functions
__opts__: Opts
__pillar__: Pillar
__grains__: Grains
__context__: dict[str, Any]
__low__: dict[str, Any]
__lowstate__: list[dict[str, Any]]
__env__: str

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
    mode = None if keep_mode else permissions_mode(mode)
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
        source, source_hash = __salt__["file.source_list"](source, source_hash, __env__)
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
        more={**kwargs, "name": name},
    )  # fmt: skip
    if __opts__["test"]:
        return work.planned(name)
    handling = {
        "backup": backup, "makedirs": makedirs, "dir_mode": permissions_mode(dir_mode), "encoding": encoding,
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

    def planned(self, name: str) -> Answer:
        g = self._given
        found = __salt__["file.check_managed_changes"](
            name, g["source"], g["source_hash"], g["source_hash_name"], *self._owned(), g["template"], g["variables"],
            None, __env__, g["data"], g["skip_verify"], keep_mode=g["keep_mode"], verify_ssl=g["verify_ssl"],
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
            if sfn and "rendered" in os.path.basename(sfn):
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
        return failed(path, "Refusing to make '/' absent")
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
        trees.make_parents(target, user, group, permissions_mode(dir_mode))
    try:
        _copied(source, target)
    except (OSError, CommandExecutionError) as error:
        return failed(path, f'Failed to copy "{source}" to "{target}": {error}')
    found = os.stat(source)
    wanted = Wanted(user, group, permissions_mode(mode))
    if preserve:
        wanted = Wanted(found.st_uid, found.st_gid, f"{found.st_mode & 0o7777:04o}")
    news = permissions.differing(permissions.held(target, wanted), wanted)
    complaints = permissions.bring_about(target, wanted, news)
    told = "; ".join([f'Copied "{source}" to "{path}"', *complaints])
    return answer(path, not complaints, told, {**changes, **({} if preserve else news)})


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
    mode = permissions_mode(dir_mode) or permissions_mode(kwargs.get("mode"))
    below = file_mode if file_mode is not None else None if dir_mode is not None else kwargs.get("mode")
    wish = directories.DirectoryWish(
        user, group, recurse, max_depth, mode, permissions_mode(below), makedirs, clean, exclude_pat, follow_symlinks,
        force, backupname, allow_symlink, children_only,
    )  # fmt: skip
    return directories.directory(path, wish, lambda: kept_by(__low__, __lowstate__), test=bool(__opts__["test"]))


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
        str(target), force, backupname, makedirs, user, group, permissions_mode(mode), atomic, disallow_copy_and_unlink,
        inherit_user_and_group, follow_symlinks,
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
    wish = linking.LinkWish(paths.expanded(target), force, None, makedirs, user, group, permissions_mode(dir_mode))
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
        wanted = Wanted(user, group, permissions_mode(file_mode))
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
    if not _finds(path, rf"^(?!\s*{char}).*{bare}"):
        if _finds(path, f"{char}{bare}"):
            return fine(path, "Pattern already commented")
        if ignore_missing:
            return fine(path, "Pattern not found and ignore_missing set to True")
        return failed(path, f"{bare}: Pattern not found")
    return _commented(path, regex, char, backup, comment=True)


def uncomment(name: str, regex: str, char: str = "#", backup: Any = ".bak") -> Answer:
    """The lines that match a regular expression behind a comment character without it."""
    path, complaint = checked_path(name, "file.uncomment")
    if not complaint and not os.path.exists(path):
        complaint = f"{path}: file not found"
    if complaint:
        return failed(path, complaint)
    bare = regex.removeprefix("^")
    if not _finds(path, rf"^[ \t]*{char}[ \t]*{bare}"):
        if _finds(path, rf"^[ \t]*{bare}"):
            return fine(path, "Pattern already uncommented")
        return failed(path, f"{regex}: Pattern not found")
    return _commented(path, regex, char, backup, comment=False)


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


# --- what they share ------------------------------------------------------------------------------------------------


def permissions_mode(mode: Any) -> Any:
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
        return planned(name, told if "mode" in news else f"The file {name} is set to be changed\n{NOTE}", news)
    complaints = permissions.bring_about(name, wanted, news)
    if complaints:
        return failed(name, "; ".join(complaints), news)
    if news:
        return fine(name, f"File {name} updated", news)
    return fine(name, f"File {name} exists with proper permissions. No changes made.")


def _variables(name: str, defaults: Any, context: Any) -> dict[str, Any]:
    """The variables of a template, with the texts that were accumulated for the file."""
    variables = {**(defaults or {}), **(context or {})}
    texts = _accumulated(name)
    return {**variables, "accumulator": texts, "name": name} if texts else {**variables, "name": name}


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


def _commented(path: str, regex: str, char: str, backup: Any, *, comment: bool) -> Answer:
    if __opts__["test"]:
        return planned(path, f"File {path} is set to be updated", {path: "updated"})
    before = difference.read_whole(path).decode("utf-8", "replace")
    __salt__["file.comment_line"](path, regex, char, comment, backup)
    after = difference.read_whole(path).decode("utf-8", "replace")
    word = "Commented" if comment else "Uncommented"
    if before == after:
        return failed(path, f"Expected {word.lower()} lines not found")
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
    """The texts of a state, and of the templates that it names; and what is wrong with one."""
    named = [*([source] if source else []), *(urls or [])]
    hashes = [*([source_hash] if source else []), *(source_hashes or [])]
    if not named:
        return adding.texts_of(text), ""
    texts = adding.texts_of(text) if text is not None else []
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
