"""Archives that are unpacked."""

from __future__ import annotations

import os

from saltern.plugin_api import CommandExecutionError, Functions, Opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts
__salt__: Functions
__env__: str


_NO_FORMAT = (
    "Could not guess archive_format from the value of the 'source' argument. Please set this archive_format to one of"
    " the following: rar, tar, zip"
)
_NO_TOPLEVEL = (
    "Archive does not have a single top-level directory. To allow this archive to be extracted, set 'enforce_toplevel'"
    " to False. To avoid a '{}-bomb' it may also be advisable to set a top-level directory by adding it to the 'name'"
    " value"
)
_OTHER_KIND = (
    "The below paths (relative to {}) exist, but are the incorrect type (file instead of directory or vice-versa)."
    "\n\n{}"
)


def extracted(
    name: str,
    source: str,
    source_hash: str = "",
    source_hash_name: str | None = None,
    source_hash_update: bool = False,
    skip_files_list_verify: bool = False,
    skip_verify: bool = False,
    password: str | None = None,
    options: str | None = None,
    list_options: str | None = None,
    force: bool = False,
    overwrite: bool = False,
    clean: bool = False,
    clean_parent: bool = False,
    user: str | None = None,
    group: str | None = None,
    if_missing: str | None = None,
    trim_output: bool | int = False,
    use_cmd_unzip: bool | None = None,
    extract_perms: bool = True,
    enforce_toplevel: bool = True,
    enforce_ownership_on: str | None = None,
    archive_format: str | None = None,
    use_etag: bool = False,
    **kwargs: Any,
) -> dict[str, Any]:
    """What an archive holds is below the directory `name`.

    It is unpacked when something of it is missing, or with `overwrite`. With `enforce_toplevel` it must have a single
    directory at its top. `user` and `group` own what was unpacked.
    """
    from saltern.plugin_api.archive_names import guess_format

    folder = name.rstrip("/") + "/"
    if not os.path.isabs(name):
        return _result(name, {}, False, f"{name} is not an absolute path")
    if if_missing is not None and os.path.exists(if_missing):
        return _result(name, {}, True, f"Path {if_missing} exists")
    kind = archive_format or guess_format(source)
    if kind not in ("tar", "zip", "rar"):
        return _result(name, {}, False, _NO_FORMAT)
    try:
        place = _fetched(source, source_hash, verify=not skip_verify)
        held = __salt__["archive.list"](place, archive_format=kind, verbose=True)
    except CommandExecutionError as error:
        return _result(name, {}, False, str(error))
    tops = len(held["top_level_dirs"]) == 1 and not held["top_level_files"] and not held["top_level_links"]
    if enforce_toplevel and not tops:
        return _result(name, {}, False, _NO_TOPLEVEL.format(kind))
    inside = _unpacked_names(held, options, kind)
    missing = [one for one in inside if not os.path.lexists(folder + one)]
    strange = _other_kinds(folder, inside)
    if strange and not force:
        return _result(name, {}, False, _OTHER_KIND.format(name, "\n".join(strange)))
    if not missing and not overwrite:
        return _owned(name, folder, inside, user, group)
    if __opts__["test"]:
        return _result(name, {}, None, f"{source} would be extracted to {folder}")
    return _extracted(name, folder, place, kind, options, user, group, inside, password, trim_output, clean=clean)


def _fetched(source: str, source_hash: str, *, verify: bool) -> str:
    """The archive on this host, its digest checked where one is given; from other servers one must be."""
    outside = source.partition("://")[0] in ("http", "https", "ftp")
    if outside and verify and not source_hash:
        raise CommandExecutionError(
            f"Unable to verify upstream hash of source file {source}, please set source_hash or set skip_verify to True"
        )
    place = source.removeprefix("file://")
    if "://" in place:
        found = __salt__["cp.cache_file"](source, __env__, source_hash=source_hash or None)
        if not found:
            raise CommandExecutionError(f"Source {source} was not found")
        place = str(found)
    elif not os.path.isfile(place):
        raise CommandExecutionError(f"Source file {source} does not exist")
    algorithm, mark, digest = source_hash.partition("=")
    if mark and verify:
        actual = __salt__["hashutil.digest_file"](place, algorithm)
        if actual != digest.lower():
            raise CommandExecutionError(f"{source} has the {algorithm} {actual}, and not {digest}")
    return place


def _unpacked_names(held: dict[str, list[str]], options: str | None, kind: str) -> list[str]:
    """Where the names of an archive end up below the directory: `--strip-components` takes leading ones away."""
    from pathlib import PurePosixPath

    names = sorted({*held["dirs"], *held["files"], *held["links"]})
    words = (options or "").replace("=", " ").split()
    if kind != "tar" or "--strip-components" not in words[:-1]:
        return names
    count = int(words[words.index("--strip-components") + 1])
    found = []
    for one in names:
        rest = "/".join(PurePosixPath(one).parts[count:])
        if rest:
            found.append(f"{rest}/" if one.endswith("/") else rest)
    return found


def _other_kinds(folder: str, inside: list[str]) -> list[str]:
    return [
        one
        for one in inside
        if os.path.lexists(folder + one.rstrip("/"))
        and not os.path.islink(folder + one.rstrip("/"))
        and os.path.isdir(folder + one) != one.endswith("/")
    ]


def _extracted(
    name: str,
    folder: str,
    place: str,
    kind: str,
    options: str | None,
    user: str | None,
    group: str | None,
    inside: list[str],
    password: str | None,
    trim_output: bool | int,
    *,
    clean: bool,
) -> dict[str, Any]:
    import shutil

    changes: dict[str, Any] = {}
    if clean:
        for one in {one.split("/")[0] for one in inside}:
            target = folder + one
            shutil.rmtree(target) if os.path.isdir(target) and not os.path.islink(target) else _unlinked(target)
        changes["removed"] = f"Directory {folder} was removed prior to the extraction"
    if not os.path.isdir(folder):
        os.makedirs(folder)
        changes["directories_created"] = [folder]
    try:
        files = _unpack(place, folder, kind, options, password)
    except CommandExecutionError as error:
        return _result(name, changes, False, str(error))
    most = 100 if trim_output is True else int(trim_output)
    changes["extracted_files"] = files[:most] if most else files
    if user or group:
        _own([folder + one for one in ["", *inside]], user, group)
    return _result(name, changes, True, f"{place} extracted to {folder}")


def _unlinked(target: str) -> None:
    if os.path.lexists(target):
        os.unlink(target)


def _unpack(place: str, folder: str, kind: str, options: str | None, password: str | None) -> list[str]:
    if kind == "tar":
        words = (options or "").split()
        done = __salt__["cmd.run_all"](["tar", "xvf", place, *words], cwd=folder, python_shell=False)
        if done["retcode"]:
            raise CommandExecutionError(f"tar: {done['stderr']}")
        # GNU tar tells on standard output; some others on standard error.
        return [line.rstrip("/") if not words else line for line in (done["stdout"] or done["stderr"]).splitlines()]
    if kind == "zip":
        return list(__salt__["archive.unzip"](place, folder, password=password))
    return list(__salt__["archive.unrar"](place, folder))


def _owned(name: str, folder: str, inside: list[str], user: str | None, group: str | None) -> dict[str, Any]:
    """Nothing is to be unpacked; who owns it may still be to be changed."""
    uid = __salt__["file.user_to_uid"](user) if user else None
    gid = __salt__["file.group_to_gid"](group) if group else None
    wrong = []
    for one in inside:
        status = os.lstat(folder + one.rstrip("/"))
        if (uid not in (None, status.st_uid)) or (gid not in (None, status.st_gid)):
            wrong.append(folder + one)
    said = "All files in archive are already present"
    if not wrong:
        return _result(name, {}, True, said)
    if __opts__["test"]:
        return _result(name, {"updated ownership": wrong}, None, f"{said}, ownership would be updated")
    _own(wrong, user, group)
    return _result(name, {"updated ownership": wrong}, True, f"{said}, ownership was updated")


def _own(paths: list[str], user: str | None, group: str | None) -> None:
    uid = __salt__["file.user_to_uid"](user) if user else -1
    gid = __salt__["file.group_to_gid"](group) if group else -1
    for path in paths:
        os.lchown(path.rstrip("/"), uid, gid)


def _result(name: str, changes: dict[str, Any], result: bool | None, comment: str) -> dict[str, Any]:
    return {"name": name, "changes": changes, "result": result, "comment": comment}
