"""Archives that are unpacked."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

from saltern.plugin_api import CommandExecutionError, Functions, MinionError, Opts, SaltInvocationError
from saltern.plugin_api.filesystem.sources import Signed, first_available, local_path, scheme_of, verify

__opts__: Opts
__salt__: Functions
__env__: str

_KINDS = ("tar", "rar", "zip")
_LISTED = ", ".join(_KINDS)
_TRIMMED = 100
_ABSENT = ", due to absence of one or more files/dirs"
_NO_FORMAT = (
    "Could not guess archive_format from the value of the 'source' argument. Please set this archive_format to one of"
    f" the following: {_LISTED}"
)
_OTHER_FORMAT = (
    "Invalid archive_format '{}'. Either set it to a supported value ("
    + _LISTED
    + ") or remove this argument and the archive format will be guessed based on file extension."
)
_NO_TOPLEVEL = (
    "Archive does not have a single top-level directory. To allow this archive to be extracted, set 'enforce_toplevel'"
    " to False. To avoid a '{0}-bomb' it may also be advisable to set a top-level directory by adding it to the 'name'"
    " value (for example, setting 'name' to {1} instead of {2})."
)
_OTHER_KIND = (
    "The below paths (relative to {}) exist, but are the incorrect type (file instead of directory, symlink instead of"
    " file, etc.). To proceed with extraction, set 'force' to True. Note that this will remove these paths before"
    " extracting.\n\n{}"
)


class _Refused(Exception):
    """The state cannot go on; `name` is what the result is about, if it is not the directory."""

    def __init__(self, comment: str, name: str | None = None) -> None:
        super().__init__(comment)
        self.name = name


class _How(NamedTuple):
    """How an archive is unpacked: its kind, options for tar, a password for zip, and who owns what comes out."""

    folder: str
    kind: str
    options: list[str]
    password: str | None
    by_unzip: bool
    permissions: bool
    trim: int | None
    user: str | None
    group: str | None
    plain: bool
    """Whether names of directories are shown as tar shows them, with their `/`."""


def extracted(
    name: str,
    source: Any,
    source_hash: Any = None,
    source_hash_name: str | None = None,
    source_hash_update: bool = False,
    skip_files_list_verify: bool = False,
    skip_verify: bool = False,
    password: str | None = None,
    options: Any = None,
    list_options: str | None = None,
    force: bool = False,
    overwrite: bool = False,
    clean: bool = False,
    clean_parent: bool = False,
    user: str | None = None,
    group: str | None = None,
    if_missing: str | None = None,
    trim_output: Any = False,
    use_cmd_unzip: bool | None = None,
    extract_perms: bool = True,
    enforce_toplevel: bool = True,
    enforce_ownership_on: str | None = None,
    archive_format: str | None = None,
    use_etag: bool = False,
    signature: Any = None,
    source_hash_sig: Any = None,
    signed_by_any: Any = None,
    signed_by_all: Any = None,
    keyring: str | None = None,
    gnupghome: str | None = None,
    sig_backend: str = "gpg",
    **kwargs: Any,
) -> dict[str, Any]:
    """What an archive holds is below the directory `name`.

    It is unpacked when something of it is missing, or with `overwrite`. With `enforce_toplevel` it must have a single
    directory at its top. `user` and `group` own what was unpacked. `clean` removes what the archive has at its top
    before, `clean_parent` all of the directory. A `signature` of the archive, or a `source_hash_sig` of its file of
    checksums, is verified. With `source_hash_update` a checksum that has changed since is a reason to unpack.
    """
    folder = name.rstrip("/") + "/"
    try:
        how = _how(
            folder, source, archive_format, options, password, use_cmd_unzip, extract_perms, trim_output, user, group
        )
        _check(name, folder, how, enforce_ownership_on, clean=clean, clean_parent=clean_parent)
        hash_is_new = source_hash_update and _is_new(folder, source_hash)
        if if_missing is not None and os.path.exists(if_missing) and not hash_is_new:
            return _result(name, True, f"Path {if_missing} exists")
        signed = Signed(signature, source_hash_sig, signed_by_any, signed_by_all, keyring, gnupghome, sig_backend)
        chosen, digest = _chosen(source, source_hash, source_hash_name, signed)
        place = _fetched(chosen, digest, signed, use_etag=use_etag, skip_verify=skip_verify)
        one_top = enforce_toplevel and if_missing is None
        inside, wrong = _contents(place, how, list_options, one_top=one_top, force=force)
    except _Refused as refusal:
        return _result(refusal.name or name, False, str(refusal))
    except (CommandExecutionError, SaltInvocationError, MinionError) as error:
        return _result(name, False, str(error))
    missing = hash_is_new or any(not os.path.lexists(folder + one.rstrip("/")) for one in inside)
    owned = _owned_paths(folder, inside, enforce_ownership_on)
    if not missing and not overwrite and not wrong:
        return _all_there(name, how, owned)
    reason = _ABSENT if missing or wrong else ""
    if __opts__["test"]:
        cleaned = ", after cleaning destination path(s)" if clean else ""
        comment = f"Archive {chosen} would be extracted to {folder}{cleaned}{reason}"
        removed = [folder + one.rstrip("/") for one in wrong]
        return _result(name, None, comment, {"removed": removed} if removed else {})
    changes = _extracted(how, place, _in_the_way(folder, inside, wrong, clean=clean, clean_parent=clean_parent))
    if "extracted_files" not in changes:
        return _result(name, False, changes.pop("error"), changes)
    if source_hash_update:
        _remember(folder, source_hash)
    if _own(_wrongly_owned(owned, how), how):
        changes["updated ownership"] = True
    shown_trim = False if how.trim is None else how.trim
    comment = f"{chosen} extracted to {folder}{reason}. Output was trimmed to {shown_trim} number of lines"
    return _result(name, True, comment, changes)


def _how(
    folder: str,
    source: Any,
    archive_format: str | None,
    options: Any,
    password: str | None,
    use_cmd_unzip: bool | None,
    extract_perms: bool,
    trim_output: Any,
    user: str | None,
    group: str | None,
) -> _How:
    import shlex

    from saltern.plugin_api.archive_names import guess_format

    first = source[0] if isinstance(source, list) and source else source
    first = next(iter(first)) if isinstance(first, dict) and first else first
    kind = archive_format.lower() if archive_format else guess_format(str(first).partition("?")[0])
    if archive_format and kind not in _KINDS:
        raise _Refused(_OTHER_FORMAT.format(archive_format))
    if kind not in _KINDS:
        raise _Refused(_NO_FORMAT)
    for argument, given in (("password", password), ("use_cmd_unzip", use_cmd_unzip)):
        if given is not None and kind != "zip":
            raise _Refused(f"The '{argument}' argument is only supported for zip archives")
    words = shlex.split(options) if isinstance(options, str) else [str(one) for one in options or ()]
    if kind == "tar" and words and words[0].isalpha():
        # tar takes its short options without a dash, too, but only as its very first word; `xvf` is there already.
        letters = words[0].translate(str.maketrans("", "", "xvf"))
        words[:1] = [f"-{letters}"] if letters else []
    trim, by_unzip = _trim(trim_output), bool(use_cmd_unzip)
    return _How(folder, kind, words, password, by_unzip, extract_perms, trim, user, group, bool(options))


def _trim(given: Any) -> int | None:
    if given is True:
        return _TRIMMED
    if given in (False, None, 0):
        return None
    try:
        return int(given)
    except (TypeError, ValueError):
        raise _Refused("Invalid value for trim_output, must be True/False or an integer") from None


def _check(
    name: str, folder: str, how: _How, enforce_ownership_on: str | None, *, clean: bool, clean_parent: bool
) -> None:
    if not os.path.isabs(name):
        raise _Refused(f"{name} is not an absolute path")
    if clean and clean_parent:
        raise _Refused("Only one of 'clean' and 'clean_parent' can be set to True")
    if os.path.realpath(folder) == "/" and clean_parent:
        raise _Refused("The root directory is not cleaned")
    if os.path.lexists(name.rstrip("/")) and not os.path.isdir(name):
        raise _Refused(f"{name.rstrip('/')} exists and is not a directory")
    if how.user and __salt__["file.user_to_uid"](how.user) == "":
        raise _Refused(f"User {how.user} does not exist")
    if how.group and __salt__["file.group_to_gid"](how.group) == "":
        raise _Refused(f"Group {how.group} does not exist")
    if enforce_ownership_on and not os.path.isabs(enforce_ownership_on):
        raise _Refused("Value for 'enforce_ownership_on' is not an absolute path")
    if enforce_ownership_on and not (enforce_ownership_on.rstrip("/") + "/").startswith(folder):
        raise _Refused(f"Value for 'enforce_ownership_on' must be within {folder}")


def _chosen(source: Any, source_hash: Any, source_hash_name: str | None, signed: Signed) -> tuple[str, dict[str, str]]:
    """The first source that is there, and the digest that it must have (empty: any)."""
    if not source:
        raise _Refused("Invalid source")
    first, its_hash = first_available(source, source_hash, __env__, __salt__)
    chosen = str(first)
    if scheme_of(chosen) in ("", "file") and not os.path.isfile(local_path(chosen)):
        raise _Refused(f"Source file '{local_path(chosen)}' does not exist")
    if not its_hash:
        return chosen, {}
    digest = __salt__["file.get_source_sum"](
        source=chosen,
        source_hash=its_hash,
        source_hash_name=source_hash_name,
        saltenv=__env__,
        source_hash_sig=signed.source_hash_sig,
        signed_by_any=signed.signed_by_any,
        signed_by_all=signed.signed_by_all,
        keyring=signed.keyring,
        gnupghome=signed.gnupghome,
        sig_backend=signed.backend,
    )
    return chosen, dict(digest)


def _fetched(source: str, digest: dict[str, str], signed: Signed, *, use_etag: bool, skip_verify: bool) -> str:
    """The archive on this host, its digest and signature verified; what comes from other servers must have one."""
    remote = scheme_of(source) not in ("", "file", "salt")
    if remote and not (digest or skip_verify or use_etag or signed.signature):
        raise _Refused(
            f"Unable to verify upstream hash of source file {source}, please set source_hash or set skip_verify or"
            " use_etag to True",
            source,
        )
    place = local_path(source)
    if scheme_of(source) not in ("", "file"):
        place = _cached(source, digest, use_etag=use_etag)
    if digest and not skip_verify and __salt__["file.get_hash"](place, digest["hash_type"]) != digest["hsum"]:
        raise _Refused(f"{source} does not match the desired source_hash {digest['hsum']}")
    if signed.signature:
        verify(place, signed.signature, signed, __env__, __salt__)
    return place


def _cached(source: str, digest: dict[str, str], *, use_etag: bool) -> str:
    try:
        found = __salt__["cp.cache_file"](source, __env__, source_hash=digest.get("hsum"), use_etag=use_etag)
    except MinionError as error:
        raise _Refused(str(error), source) from error
    if not found:
        raise _Refused(f"Failed to cache {source}, check minion log for more information", source)
    return str(found)


def _contents(
    place: str, how: _How, list_options: str | None, *, one_top: bool, force: bool
) -> tuple[list[str], list[str]]:
    """The names that the archive unpacks, and those of them that are there and are something else."""
    held = __salt__["archive.list"](place, archive_format=how.kind, options=list_options, verbose=True)
    if one_top and not _has_one_top(held):
        raise _Refused(_NO_TOPLEVEL.format(how.kind, f"{how.folder}some_dir", how.folder))
    inside = _unpacked_names(held, how)
    wrong = _other_kinds(how.folder, inside, set(held["links"]))
    if wrong and not force:
        shown = "\n".join(f"- {one.rstrip('/')}" for one in wrong)
        raise _Refused(_OTHER_KIND.format(how.folder, shown))
    return inside, wrong


def _has_one_top(held: dict[str, list[str]]) -> bool:
    return len(held["top_level_dirs"]) == 1 and not held["top_level_files"] and not held["top_level_links"]


def _unpacked_names(held: dict[str, list[str]], how: _How) -> list[str]:
    """Where the names of an archive end up below the directory: `--strip-components` takes leading ones away."""
    from pathlib import PurePosixPath

    names = sorted({_inward(name) for kind in ("dirs", "files", "links") for name in held[kind]} - {""})
    words = [part for word in how.options for part in word.split("=")]
    if how.kind != "tar" or not {"--strip-components", "--strip"} & set(words[:-1]):
        return names
    place = next(number for number, word in enumerate(words) if word in ("--strip-components", "--strip"))
    found = []
    for one in names:
        rest = "/".join(PurePosixPath(one).parts[int(words[place + 1]) :])
        if rest:
            found.append(f"{rest}/" if one.endswith("/") else rest)
    return found


def _inward(name: str) -> str:
    """A name without the `/` and `..` by which it would leave the directory: nothing is unpacked elsewhere."""
    return "/".join(part for part in name.split("/") if part != "..").lstrip("/")


def _other_kinds(folder: str, inside: list[str], links: set[str]) -> list[str]:
    """Names that are there and are something else than in the archive."""
    return [
        one
        for one in inside
        if os.path.lexists(folder + one.rstrip("/"))
        and not (os.path.islink(folder + one.rstrip("/")) and one in links)
        and os.path.isdir(folder + one.rstrip("/")) != one.endswith("/")
    ]


def _in_the_way(folder: str, inside: list[str], wrong: list[str], *, clean: bool, clean_parent: bool) -> list[str]:
    """The paths that are removed before the archive is unpacked."""
    if clean_parent and os.path.isdir(folder):
        return [folder]
    if clean:
        return [folder + one for one in _tops(inside) if os.path.lexists(folder + one.rstrip("/"))]
    return [folder + one for one in wrong]


def _tops(inside: list[str]) -> list[str]:
    """The topmost names, directories with a `/` at their end."""
    tops = {one.split("/")[0] + ("/" if "/" in one else "") for one in inside}
    return sorted(one for one in tops if one not in ("/", "./", "../"))


def _extracted(how: _How, place: str, removed: list[str]) -> dict[str, Any]:
    """Unpack; what was changed, and `error` in the place of `extracted_files` where that failed."""
    import shutil

    changes: dict[str, Any] = {}
    for path in removed:
        bare = path.rstrip("/")
        shutil.rmtree(bare) if os.path.isdir(bare) and not os.path.islink(bare) else os.unlink(bare)
    if removed:
        changes["removed"] = removed
    if not os.path.isdir(how.folder):
        os.makedirs(how.folder)
        _own([how.folder], how)
        changes["directories_created"] = [how.folder]
    try:
        files = _unpack(place, how)
    except CommandExecutionError as error:
        changes["error"] = str(error)
        return changes
    changes["extracted_files"] = files if how.trim is None else _trimmed(files, how.trim, told=how.kind != "tar")
    return changes


def _trimmed(files: list[str], most: int, *, told: bool) -> list[str]:
    """The first files; as in Salt nothing tells in the list of a tar archive that there are more."""
    rest = [f"List trimmed after {most} files."] if told and len(files) > most else []
    return [*files[:most], *rest]


def _unpack(place: str, how: _How) -> list[str]:
    if how.kind == "tar":
        command = ["tar", "xvf", place, *how.options]
        done = __salt__["cmd.run_all"](command, cwd=how.folder, python_shell=False)
        if done["retcode"]:
            raise CommandExecutionError(str(done["stderr"] or done["stdout"]))
        # GNU tar tells on standard output; some others on standard error.
        lines = (done["stdout"] or done["stderr"]).splitlines()
        return lines if how.plain else [line.rstrip("/") for line in lines]
    if how.kind == "zip" and how.by_unzip:
        more = " ".join(["-o", *how.options])
        return list(__salt__["archive.cmd_unzip"](place, how.folder, options=more, password=how.password))
    if how.kind == "zip":
        return list(__salt__["archive.unzip"](place, how.folder, password=how.password, extract_perms=how.permissions))
    return list(__salt__["archive.unrar"](place, how.folder))


def _owned_paths(folder: str, inside: list[str], enforce_ownership_on: str | None) -> list[str]:
    """The paths whose owner counts: those of the archive, or of one path and all below it."""
    if not enforce_ownership_on:
        return [folder + one.rstrip("/") for one in inside]
    found = [enforce_ownership_on]
    for place, folders, files in os.walk(enforce_ownership_on):
        found += [os.path.join(place, one) for one in (*folders, *files)]
    return found


def _all_there(name: str, how: _How, owned: list[str]) -> dict[str, Any]:
    """Nothing is to be unpacked; who owns it may still be to be changed."""
    wrong = _wrongly_owned(owned, how)
    said = "All files in archive are already present"
    if not wrong:
        return _result(name, True, said)
    changes = {"updated ownership": True}
    if __opts__["test"]:
        return _result(name, None, f"{said}. Ownership would be updated on one or more files/directories.", changes)
    _own(wrong, how)
    return _result(name, True, said, changes)


def _wrongly_owned(paths: list[str], how: _How) -> list[str]:
    uid, gid = _ids(how)
    found = []
    for path in paths:
        try:
            status = os.lstat(path)
        except FileNotFoundError:
            continue
        if uid not in (-1, status.st_uid) or gid not in (-1, status.st_gid):
            found.append(path)
    return found


def _own(paths: list[str], how: _How) -> bool:
    uid, gid = _ids(how)
    for path in paths:
        os.lchown(path.rstrip("/"), uid, gid)
    return bool(paths)


def _ids(how: _How) -> tuple[int, int]:
    uid = __salt__["file.user_to_uid"](how.user) if how.user else -1
    gid = __salt__["file.group_to_gid"](how.group) if how.group else -1
    return int(uid), int(gid)


def _hash_file(folder: str) -> str:
    import hashlib

    name = hashlib.sha256(folder.encode()).hexdigest()
    return os.path.join(str(__opts__["cachedir"]), "archive_hashes", name)


def _is_new(folder: str, source_hash: Any) -> bool:
    """Whether the archive was unpacked here with another checksum than this one."""
    try:
        with open(_hash_file(folder), encoding="utf-8") as file:
            return file.read() != str(source_hash)
    except FileNotFoundError:
        return False


def _remember(folder: str, source_hash: Any) -> None:
    from saltern.plugin_api.whole_file import write_whole

    path = _hash_file(folder)
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    write_whole(path, str(source_hash), mode=0o600)


def _result(name: str, result: bool | None, comment: str, changes: Any = None) -> dict[str, Any]:
    return {"name": name, "changes": changes or {}, "result": result, "comment": comment}
