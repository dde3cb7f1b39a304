"""Files and directories: questions about them, and every way to change them."""

from __future__ import annotations

import os
import stat
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts, Pillar, Rendering, SaltInvocationError
from saltern.plugin_api.filesystem import (
    attributes,
    blocks,
    contents,
    devices,
    difference,
    digests,
    fetched,
    handled,
    line_edit,
    links,
    managed,
    owners,
    paths,
    replacing,
    sources,
    status,
    trees,
)
from saltern.plugin_api.filesystem.backups import Backups
from saltern.plugin_api.filesystem.difference import Ignored
from saltern.plugin_api.filesystem.fetched import Fetcher, Wish
from saltern.plugin_api.filesystem.find import Finder
from saltern.plugin_api.filesystem.permissions import Wanted
from saltern.plugin_api.filesystem.sources import Signed

__salt__: Functions
__opts__: Opts
__pillar__: Pillar
__rendering__: Rendering | None

__func_alias__ = {"makedirs_": "makedirs"}

_ABSOLUTE = "File path must be absolute."
_ACCESS = {"f": os.F_OK, "r": os.R_OK, "w": os.W_OK, "x": os.X_OK}


# --- questions about paths ------------------------------------------------------------------------------------------


def access(path: str, mode: Any) -> bool:
    """Whether a file is there (`f`), may be read (`r`), written (`w`) or run (`x`).

    CLI Example::

        saltern run '*' file.access /path/to/file f
    """
    path = paths.absolute(path, "Path to link must be absolute.")
    if mode in _ACCESS:
        return os.access(path, _ACCESS[mode])
    if mode in _ACCESS.values():
        return os.access(path, mode)
    raise SaltInvocationError("Invalid mode specified.")


def basename(path: str) -> str:
    """The last part of a path.

    CLI Example::

        saltern run '*' file.basename /path/to/file
    """
    return os.path.basename(path)


def dirname(path: str) -> str:
    """A path without its last part.

    CLI Example::

        saltern run '*' file.dirname /path/to/file
    """
    return os.path.dirname(path)


def join(*args: str) -> str:
    """Several parts as one path.

    CLI Example::

        saltern run '*' file.join / usr local bin
    """
    if not args:
        raise SaltInvocationError("join() missing 1 required positional argument: 'a'")
    return os.path.join(*args)


def normpath(path: str) -> str:
    """A path without `.`, `..` and doubled slashes.

    CLI Example::

        saltern run '*' file.normpath /a/../b/./c
    """
    return os.path.normpath(path)


def pardir() -> str:
    """How the directory above is written: `..`.

    CLI Example::

        saltern run '*' file.pardir
    """
    return os.path.pardir


def file_exists(path: str) -> bool:
    """Whether a regular file is there. Links are followed.

    CLI Example::

        saltern run '*' file.file_exists /etc/passwd
    """
    return os.path.isfile(paths.expanded(path))


def directory_exists(path: str) -> bool:
    """Whether a directory is there. Links are followed.

    CLI Example::

        saltern run '*' file.directory_exists /etc
    """
    return os.path.isdir(paths.expanded(path))


def path_exists_glob(path: str) -> bool:
    """Whether anything matches a glob.

    CLI Example::

        saltern run '*' file.path_exists_glob /etc/pam*/pass*
    """
    return bool(paths.matches(path))


def is_link(path: str, nostat: bool = False) -> bool:
    """Whether a path is a symbolic link. `nostat` is accepted for its callers.

    CLI Example::

        saltern run '*' file.is_link /path/to/link
    """
    return os.path.islink(paths.expanded(path))


def is_hardlink(path: str) -> bool | dict[str, Any]:
    """Whether a file has several names; an empty dictionary where there is no file.

    CLI Example::

        saltern run '*' file.is_hardlink /path/to/file
    """
    path = paths.absolute(path, "Path to file must be absolute.")
    return links.has_other_names(path) if os.path.lexists(path) else {}


def is_blkdev(name: str) -> bool:
    """Whether a path is a block device.

    CLI Example::

        saltern run '*' file.is_blkdev /dev/sda
    """
    return devices.is_kind(paths.expanded(name), stat.S_ISBLK)


def is_chrdev(name: str) -> bool:
    """Whether a path is a character device.

    CLI Example::

        saltern run '*' file.is_chrdev /dev/null
    """
    return devices.is_kind(paths.expanded(name), stat.S_ISCHR)


def is_fifo(name: str) -> bool:
    """Whether a path is a named pipe.

    CLI Example::

        saltern run '*' file.is_fifo /run/initctl
    """
    return devices.is_kind(paths.expanded(name), stat.S_ISFIFO)


def get_devmm(name: str) -> tuple[int, int]:
    """The major and minor number of a device; zeros for anything else.

    CLI Example::

        saltern run '*' file.get_devmm /dev/null
    """
    return devices.numbers_of(paths.expanded(name))


def readlink(path: str, canonicalize: bool = False) -> str:
    """Where a link leads; with `canonicalize` the path that it comes to in the end.

    CLI Example::

        saltern run '*' file.readlink /path/to/link
    """
    return links.target_of(path, canonical=canonicalize)


def readdir(path: str) -> list[str]:
    """The names in a directory, `.` and `..` among them.

    CLI Example::

        saltern run '*' file.readdir /path/to/dir
    """
    path = paths.absolute(path, "Dir path must be absolute.")
    if not os.path.isdir(path) or os.path.islink(path):
        raise SaltInvocationError("A valid directory was not specified.")
    return [".", "..", *os.listdir(path)]


def find(path: str, *args: str, **kwargs: Any) -> Any:
    """The files below a path that pass all tests; the path may be a glob.

    Tests are `name`, `iname`, `regex`, `iregex` (of the name), `type` (letters of `bcdflps`), `owner`, `group`, `size`
    (`+1k`, `-2m`), `mtime` (`1d`, `-3h` for the last three hours), `grep` (a regular expression that the contents
    match), `mindepth` and `maxdepth`. `print` chooses what is told: `path`, `name`, `size`, `type`, `mode`, `user`,
    `group`, `mtime`, `md5`. `exec` runs a command with `{}` for the path; `delete` removes files of these types, and
    with `test=True` only tells which.

    CLI Example::

        saltern run '*' file.find / type=f name='*.bak' size=+10m
        saltern run '*' file.find /var mtime=+30d size=+10m print=path,size,mtime
        saltern run '*' file.find /var/log name='*.[0-9]' mtime=+30d size=+10m delete=f
    """
    options = {key: value for key, value in kwargs.items() if not key.startswith("__")}
    if "delete" in args:
        options["delete"] = "f"
    elif "print" in args:
        options["print"] = "path"
    try:
        finder = Finder(options)
    except ValueError as error:
        return f"error: {error}"
    return sorted(item for root in paths.matches(path) for item in finder.find(root))


def open_files(by_pid: bool = False) -> dict[Any, list[Any]]:
    """The files that processes hold open: by path the processes, or with `by_pid` by process the paths.

    CLI Example::

        saltern run '*' file.open_files
        saltern run '*' file.open_files by_pid=True
    """
    held: dict[Any, list[Any]] = {}
    for pid, path in _held_open():
        key, value = (pid, path) if by_pid else (path, pid)
        held.setdefault(key, [])
        if value not in held[key]:
            held[key].append(value)
    return held


# --- status ---------------------------------------------------------------------------------------------------------


def stats(path: str, hash_type: str | None = None, follow_symlinks: bool = True) -> dict[str, Any]:
    """Owner, times, size, mode and kind of a file, with `hash_type` its digest as well.

    CLI Example::

        saltern run '*' file.stats /etc/passwd
    """
    return status.describe(paths.expanded(path), hash_type, follow=follow_symlinks)


def lstat(path: str) -> dict[str, Any]:
    """What the system says of a path itself, links not followed; empty where nothing is.

    CLI Example::

        saltern run '*' file.lstat /path/to/file
    """
    return status.lstat_fields(paths.absolute(path, "Path to file must be absolute."))


def statvfs(path: str) -> dict[str, int]:
    """What is known of the file system that a path lies on.

    CLI Example::

        saltern run '*' file.statvfs /path/to/file
    """
    return status.statvfs_fields(paths.absolute(path, _ABSOLUTE))


def diskusage(path: str) -> int:
    """The bytes of a file, or of all files below a directory.

    CLI Example::

        saltern run '*' file.diskusage /path/to/check
    """
    return status.disk_usage(paths.expanded(path))


def get_mode(path: str, follow_symlinks: bool = True) -> str:
    """The permissions of a file as four octal digits.

    CLI Example::

        saltern run '*' file.get_mode /etc/passwd
    """
    return status.mode_of(paths.expanded(path), follow=follow_symlinks)


def set_mode(path: str, mode: Any) -> str:
    """Set the permissions of a file, and return them.

    CLI Example::

        saltern run '*' file.set_mode /etc/passwd 0644
    """
    return status.set_mode(paths.expanded(path), mode)


def get_uid(path: str, follow_symlinks: bool = True) -> int:
    """The number of the user who owns a file.

    CLI Example::

        saltern run '*' file.get_uid /etc/passwd
    """
    return status.look(paths.expanded(path), follow=follow_symlinks).st_uid


def get_gid(path: str, follow_symlinks: bool = True) -> int:
    """The number of the group that owns a file.

    CLI Example::

        saltern run '*' file.get_gid /etc/passwd
    """
    return status.look(paths.expanded(path), follow=follow_symlinks).st_gid


def get_user(path: str, follow_symlinks: bool = True) -> Any:
    """The user who owns a file.

    CLI Example::

        saltern run '*' file.get_user /etc/passwd
    """
    return owners.user_of(get_uid(path, follow_symlinks))


def get_group(path: str, follow_symlinks: bool = True) -> Any:
    """The group that owns a file.

    CLI Example::

        saltern run '*' file.get_group /etc/passwd
    """
    return owners.group_of(get_gid(path, follow_symlinks))


def user_to_uid(user: Any) -> Any:
    """The number of a user; an empty text for one that does not exist.

    CLI Example::

        saltern run '*' file.user_to_uid root
    """
    return owners.uid_of(user)


def uid_to_user(uid: Any) -> Any:
    """The name of a user by number.

    CLI Example::

        saltern run '*' file.uid_to_user 0
    """
    if not isinstance(uid, int):
        raise SaltInvocationError(f"uid should be integer, not {type(uid).__name__}")
    return owners.user_of(uid)


def group_to_gid(group: Any) -> Any:
    """The number of a group; an empty text for one that does not exist.

    CLI Example::

        saltern run '*' file.group_to_gid root
    """
    return owners.gid_of(group)


def gid_to_group(gid: Any) -> Any:
    """The name of a group by number.

    CLI Example::

        saltern run '*' file.gid_to_group 0
    """
    return owners.group_of(gid)


def chown(path: str, user: Any, group: Any) -> str | None:
    """Give a file to a user and a group; what hinders that is the answer.

    CLI Example::

        saltern run '*' file.chown /etc/passwd root root
    """
    return owners.change(paths.expanded(path), user, group)


def lchown(path: str, user: Any, group: Any) -> str | None:
    """Give a file to a user and a group; of a link the link itself.

    CLI Example::

        saltern run '*' file.lchown /path/to/link root root
    """
    return owners.change(paths.expanded(path), user, group, follow=False)


def chgrp(path: str, group: Any) -> str | None:
    """Give a file to a group; what hinders that is the answer.

    CLI Example::

        saltern run '*' file.chgrp /etc/passwd root
    """
    path = paths.expanded(path)
    return owners.change(path, status.look(path).st_uid, group)


def lsattr(path: str) -> dict[str, list[str]]:
    """The attributes of a file, or of the files in a directory, where the file system has any.

    CLI Example::

        saltern run '*' file.lsattr foo1.txt
    """
    return attributes.listed(path)


def chattr(*files: str, **kwargs: Any) -> bool:
    """Add or remove attributes of files.

    `operator` is `add` or `remove`, `attributes` are letters of `aAcCdDijPsStTu`, `flags` those of `RVf`, `version` a
    number for the files.

    CLI Example::

        saltern run '*' file.chattr foo1.txt foo2.txt operator=add attributes=ai
        saltern run '*' file.chattr foo3.txt operator=remove attributes=i version=2
    """
    return attributes.change(
        [paths.expanded(file) for file in files],
        kwargs.get("operator"),
        kwargs.get("attributes"),
        kwargs.get("version"),
        str(kwargs.get("flags") or ""),
    )


def get_selinux_context(path: str) -> str:
    """The SELinux context of a file.

    CLI Example::

        saltern run '*' file.get_selinux_context /etc/hosts
    """
    try:
        return os.getxattr(paths.expanded(path), "security.selinux").rstrip(b"\0").decode()
    except OSError:
        return f"No selinux context information is available for {path}"


def set_selinux_context(
    path: str,
    user: str | None = None,
    role: str | None = None,
    type: str | None = None,
    range: str | None = None,
    persist: bool = False,
) -> Any:
    """Set parts of the SELinux context of a file; with `persist` the policy keeps it, too.

    CLI Example::

        saltern run '*' file.set_selinux_context /path/to/file type=httpd_sys_content_t
    """
    parts = {"-u": user, "-r": role, "-t": type, "-l": range}
    given = [word for option, value in parts.items() if value for word in (option, value)]
    if not given:
        return False
    if persist:
        __salt__["selinux.fcontext_add_policy"](path, sel_type=type, sel_user=user, sel_level=range)
    return get_selinux_context(path) if _ran(["chcon", *given, paths.expanded(path)]) else False


def restorecon(path: str, recursive: bool = False) -> bool:
    """Give a file, or with `recursive` all below it, the SELinux context that the policy has for it.

    CLI Example::

        saltern run '*' file.restorecon /home/user/.ssh/authorized_keys
    """
    from saltern.plugin_api import process

    if process.find_program("restorecon") is None:
        raise CommandExecutionError("restorecon is not installed")
    return _ran(["restorecon", "-FR" if recursive else "-F", path])


# --- digests --------------------------------------------------------------------------------------------------------


def get_hash(path: str, form: str = "sha256", chunk_size: int = 65536) -> str:
    """The digest of a file's contents.

    CLI Example::

        saltern run '*' file.get_hash /etc/shadow
    """
    return digests.of_file(paths.expanded(path), form, chunk_size)


def get_sum(path: str, form: str = "sha256") -> str:
    """The digest of a file's contents, or `File not found`.

    CLI Example::

        saltern run '*' file.get_sum /etc/passwd sha512
    """
    path = paths.expanded(path)
    return digests.of_file(path, form) if os.path.isfile(path) else "File not found"


def check_hash(path: str, file_hash: str) -> bool:
    """Whether a file has a digest: `md5:0123...`, `md5=0123...`, or the digest alone.

    CLI Example::

        saltern run '*' file.check_hash /etc/fstab md5:e8b1d5b0b0b0e3a1c8c9d5a6a1a3a5b1
    """
    return digests.agrees(paths.expanded(path), file_hash)


def extract_hash(
    hash_fn: str,
    hash_type: str = "sha256",
    file_name: str = "",
    source: str = "",
    source_hash_name: str | None = None,
) -> dict[str, str] | None:
    """The digest that a file of checksums has for a file.

    `source_hash_name` is the name in that file; without it the names of `source` and `file_name` are looked for.

    CLI Example::

        saltern run '*' file.extract_hash /path/to/hash/file sha512 /etc/foo
    """
    return digests.find_published(hash_fn, hash_type, file_name, source, source_hash_name)


def get_source_sum(
    file_name: str = "",
    source: str = "",
    source_hash: str | None = None,
    source_hash_name: str | None = None,
    saltenv: str = "base",
    verify_ssl: bool = True,
    source_hash_sig: Any = None,
    signed_by_any: Any = None,
    signed_by_all: Any = None,
    keyring: str | None = None,
    gnupghome: str | None = None,
    sig_backend: str = "gpg",
) -> dict[str, str]:
    """The digest that a `source_hash` stands for: one written down, or one in a file of checksums.

    CLI Example::

        saltern run '*' file.get_source_sum /tmp/foo.tgz source_hash=499ae16dcae71eeb7c3a30c75ea7a1a6
    """
    signed = Signed(None, source_hash_sig, signed_by_any, signed_by_all, keyring, gnupghome, sig_backend)
    return sources.digest_of(source_hash, file_name, source, source_hash_name, saltenv, __salt__, signed, verify_ssl)


# --- contents -------------------------------------------------------------------------------------------------------


def read(path: str, binary: bool = False) -> str | bytes:
    """The contents of a file, as text or with `binary` as bytes.

    CLI Example::

        saltern run '*' file.read /path/to/file
    """
    with open(path, "rb") as file:
        data = file.read()
    return data if binary else data.decode()


def write(path: str, *args: Any, **kwargs: Any) -> str:
    """Write lines to a file, in place of what it has. Lines may be given as `args`, too.

    CLI Example::

        saltern run '*' file.write /etc/motd "With all thine offerings thou shalt offer salt."
        saltern run '*' file.write /etc/motd args='[cheese=1, spam=1]'
    """
    lines = contents.lines_of(args, kwargs.get("args"))
    contents.write_lines(paths.expanded(path), lines)
    return f'Wrote {len(lines)} lines to "{path}"'


def append(path: str, *args: Any, **kwargs: Any) -> str:
    """Add lines at the end of a file. Lines may be given as `args`, too.

    CLI Example::

        saltern run '*' file.append /etc/motd "With all thine offerings thou shalt offer salt."
        saltern run '*' file.append /etc/motd args='[cheese=1, spam=1]'
    """
    lines = contents.lines_of(args, kwargs.get("args"))
    contents.append_lines(paths.expanded(path), lines)
    return f'Wrote {len(lines)} lines to "{path}"'


def prepend(path: str, *args: Any, **kwargs: Any) -> str:
    """Put lines at the beginning of a file. Lines may be given as `args`, too.

    CLI Example::

        saltern run '*' file.prepend /etc/motd "With all thine offerings thou shalt offer salt."
        saltern run '*' file.prepend /etc/motd args='[cheese=1, spam=1]'
    """
    lines = contents.lines_of(args, kwargs.get("args"))
    contents.prepend_lines(paths.expanded(path), lines)
    return f'Prepended {len(lines)} lines to "{path}"'


def seek_read(path: str, size: int, offset: int) -> bytes:
    """A number of bytes of a file from a place on.

    CLI Example::

        saltern run '*' file.seek_read /path/to/file 4096 0
    """
    with open(paths.expanded(path), "rb") as file:
        return os.pread(file.fileno(), int(size), int(offset))


def seek_write(path: str, data: str | bytes, offset: int) -> int:
    """Write into a file from a place on, and return how many bytes.

    CLI Example::

        saltern run '*' file.seek_write /path/to/file 'some data' 4096
    """
    with open(paths.expanded(path), "r+b") as file:
        return os.pwrite(file.fileno(), data.encode() if isinstance(data, str) else data, int(offset))


def truncate(path: str, length: int) -> None:
    """Cut a file to a length.

    CLI Example::

        saltern run '*' file.truncate /path/to/file 512
    """
    with open(paths.expanded(path), "rb+") as file:
        file.truncate(int(length))


def touch(name: str, atime: Any = None, mtime: Any = None) -> bool:
    """Make an empty file if none is there, and set its times, by default to now.

    CLI Example::

        saltern run '*' file.touch /var/log/emptyfile
    """
    return contents.touch(paths.expanded(name), atime, mtime)


def contains(path: str, text: Any) -> bool:
    """Whether a file contains a text.

    CLI Example::

        saltern run '*' file.contains /etc/crontab 'mymaintenance.sh'
    """
    path = paths.expanded(path)
    return os.path.isfile(path) and contents.contains(path, text)


def contains_regex(path: str, regex: str, lchar: str = "") -> bool:
    """Whether a line of a file matches a regular expression; `lchar` are characters to skip at a line's start.

    CLI Example::

        saltern run '*' file.contains_regex /etc/crontab '^# maintenance'
    """
    path = paths.expanded(path)
    return os.path.isfile(path) and contents.matches_regex(path, regex, lchar)


def contains_glob(path: str, glob_expr: str) -> bool:
    """Whether a glob matches the whole content of a file.

    CLI Example::

        saltern run '*' file.contains_glob /etc/foobar '*cheese*'
    """
    path = paths.expanded(path)
    return os.path.isfile(path) and contents.matches_glob(path, glob_expr)


def grep(path: str, pattern: str, *opts: str) -> dict[str, Any]:
    """The lines of a file, or of all that match a glob, that `grep` finds; options are given one by one.

    CLI Example::

        saltern run '*' file.grep /etc/passwd nobody
        saltern run '*' file.grep /etc/sysconfig/network-scripts/ifcfg-eth0 ipaddr -- -i
        saltern run '*' file.grep '/etc/netplan/*' ipaddr -- -i -B2
    """
    import shlex

    options = []
    for option in opts:
        try:
            words = shlex.split(str(option))
        except (UnboundLocalError, IndexError):
            words = []
        if len(words) > 1 and all(word.startswith("-") for word in words):
            raise SaltInvocationError(
                "Passing multiple command line arguments in a single string is not supported, please pass the "
                f"following arguments separately: {option}"
            )
        options.append(str(option))
    places = paths.matches(path) or [paths.expanded(path)]
    done: dict[str, Any] = __salt__["cmd.run_all"](["grep", *options, str(pattern), *places], python_shell=False)
    return done


# --- editing --------------------------------------------------------------------------------------------------------


def search(
    path: str, pattern: str, flags: Any = 8, bufsize: Any = 1, ignore_if_missing: bool = False, multiline: bool = False
) -> bool:
    """Whether a regular expression finds anything in a file; with `multiline` `^` and `$` are ends of lines.

    CLI Example::

        saltern run '*' file.search /etc/crontab 'mymaintenance.sh'
    """
    if multiline:
        flags = replacing.flags_of(flags) | replacing.flags_of("MULTILINE")
    found = replace(
        path, pattern, "", flags=flags, bufsize=bufsize, search_only=True, ignore_if_missing=ignore_if_missing
    )
    return bool(found)


def replace(
    path: str,
    pattern: str,
    repl: str,
    count: int = 0,
    flags: Any = 8,
    bufsize: Any = 1,
    append_if_not_found: bool = False,
    prepend_if_not_found: bool = False,
    not_found_content: str | None = None,
    backup: Any = ".bak",
    dry_run: bool = False,
    search_only: bool = False,
    show_changes: bool = True,
    ignore_if_missing: bool = False,
    preserve_inode: bool = True,
    backslash_literal: bool = False,
    encoding: str | None = None,
) -> Any:
    """Replace what a regular expression finds in a file; the answer is the difference, or whether there is one.

    `count` limits how often, `flags` are names or a number. `append_if_not_found` and `prepend_if_not_found` put the
    replacement (or `not_found_content`) at the end or the start of a file in which nothing is found. `backup` is the
    suffix of a copy of the file as it was. `bufsize` is accepted, the whole file is searched.

    CLI Example::

        saltern run '*' file.replace /etc/httpd/httpd.conf pattern='LogLevel warn' repl='LogLevel info'
        saltern run '*' file.replace /some/file 'before' 'after' flags='[MULTILINE, IGNORECASE]'
    """
    path = paths.expanded(path)
    if not os.path.exists(path) and ignore_if_missing:
        return False
    text = replacing.read_text(os.path.abspath(path), encoding)
    if search_only and (append_if_not_found or prepend_if_not_found):
        raise SaltInvocationError("search_only cannot be used with append/prepend_if_not_found")
    if append_if_not_found and prepend_if_not_found:
        raise SaltInvocationError("Only one of append and prepend_if_not_found is permitted")
    if search_only:
        return replacing.searched(text, pattern, flags)
    fallback = replacing.Fallback(prepend_if_not_found, append_if_not_found, not_found_content)
    change = replacing.replaced(text, pattern, repl, count, flags, fallback, literal=backslash_literal)
    if change.happened and not dry_run:
        replacing.save(path, change, backup, encoding=encoding, keep_inode=preserve_inode)
    return change.shown(diff=show_changes)


def comment(path: str, regex: str, char: str = "#", backup: Any = ".bak") -> Any:
    """Comment out the lines that match a regular expression from their start on.

    CLI Example::

        saltern run '*' file.comment /etc/modules pcspkr
    """
    return comment_line(path, regex, char, True, backup)


def uncomment(path: str, regex: str, char: str = "#", backup: Any = ".bak") -> Any:
    """Take the comment character away from lines that match a regular expression behind it.

    CLI Example::

        saltern run '*' file.uncomment /etc/hosts.deny 'ALL: PARANOID'
    """
    return comment_line(path, regex, char, False, backup)


def comment_line(path: str, regex: str, char: str = "#", cmnt: bool = True, backup: Any = ".bak") -> Any:
    """Comment lines out, or with `cmnt=False` in; the answer is the difference, or False where nothing matches.

    CLI Example::

        saltern run '*' file.comment_line /etc/modules pcspkr
        saltern run '*' file.comment_line /etc/modules pcspkr cmnt=False
    """
    path = os.path.abspath(paths.expanded(path))
    if not os.path.isfile(path):
        raise SaltInvocationError(f"File not found: {path}")
    lines = replacing.read_text(path).splitlines(keepends=True)
    change = replacing.commented(lines, regex, char, comment=cmnt)
    if not change.happened:
        return False
    whole = replacing.Change(lines, replacing.with_changes(lines, change))
    replacing.save(path, whole, backup, keep_inode=False)
    return change.shown(diff=True)


def line(
    path: str,
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
) -> Any:
    """Put, ensure, replace or delete a line of a file; the answer is the difference, or whether there is one.

    `mode` is `insert`, `ensure`, `replace` or `delete`. `match` finds the line to replace or delete, `before` and
    `after` the place, by regular expressions; `location` is `start` or `end`. A line gets the indentation of its
    neighbour unless `indent` is False. `quiet` makes no error of a file that is not there.

    CLI Example::

        saltern run '*' file.line /etc/nsswitch.conf "networks: files dns" after="hosts:.*?" mode=ensure
    """
    path = os.path.realpath(paths.expanded(path))
    if not os.path.isfile(path):
        if quiet:
            return False
        raise CommandExecutionError(f'File "{path}" does not exists or is not a file.')
    name = line_edit.checked_mode(mode, content)
    with open(path, encoding="utf-8", newline="") as file:
        lines = file.read().splitlines(keepends=True)
    edit = line_edit.LineEdit(name, None if content is None else str(content), match, location, before, after, indent)
    change = replacing.Change(lines, line_edit.edited(lines, edit))
    if change.happened and not __opts__.get("test"):
        if backup:
            import time

            replacing.keep_copy(path, path, time.strftime(".%Y-%m-%d-%H-%M-%S"))
        replacing.save(path, change, None, keep_inode=False)
    return change.happened and change.shown(diff=show_changes)


def blockreplace(
    path: str,
    marker_start: str = "#-- start managed zone --",
    marker_end: str = "#-- end managed zone --",
    content: str = "",
    append_if_not_found: bool = False,
    prepend_if_not_found: bool = False,
    backup: Any = ".bak",
    dry_run: bool = False,
    show_changes: bool = True,
    append_newline: bool | None = False,
    insert_before_match: str | None = None,
    insert_after_match: str | None = None,
) -> Any:
    """Replace the lines between two markers; the answer is the difference, or whether there is one.

    A file without markers is an error unless one of `append_if_not_found`, `prepend_if_not_found`,
    `insert_before_match` and `insert_after_match` says where the block goes. `append_newline` ends the content with a
    newline, None only if it has none.

    CLI Example::

        saltern run '*' file.blockreplace /etc/hosts '# start' '# end' '10.0.1.1 web' append_if_not_found=True
    """
    block = blocks.Block(
        marker_start, marker_end, content, append_newline, append_if_not_found, prepend_if_not_found,
        insert_before_match, insert_after_match,
    ).checked()  # fmt: skip
    path = paths.expanded(path)
    if not os.path.exists(path):
        raise SaltInvocationError(f"File not found: {path}")
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            lines = file.read().splitlines(keepends=True)
    except OSError as error:
        raise CommandExecutionError(f"Failed to read from {path}: {error}") from error
    change = replacing.Change(lines, blocks.replaced(lines, block))
    if change.happened and not dry_run:
        if backup:
            replacing.keep_copy(path, os.path.realpath(path), str(backup))
        contents.replace_with(path, "".join(change.after).encode("utf-8", "surrogateescape"))
    return change.shown(diff=show_changes)


def sed(
    path: str,
    before: Any,
    after: Any,
    limit: str = "",
    backup: str = ".bak",
    options: str = "-r -e",
    flags: str = "g",
    escape_all: bool = False,
    negate_match: bool = False,
) -> Any:
    """Replace by the program `sed`; `file.replace` does the same on every system.

    `limit` is a regular expression for the lines concerned, with `negate_match` for those that are not.

    CLI Example::

        saltern run '*' file.sed /etc/httpd/httpd.conf 'LogLevel warn' 'LogLevel info'
    """
    path = paths.expanded(path)
    if not os.path.exists(path):
        return False
    old = replacing.sed_text(before, escape_all=escape_all)
    new = replacing.sed_text(after, escape_all=escape_all)
    lines = f"/{replacing.sed_text(limit)}/ " if limit else ""
    expression = f"{lines}{'!' if negate_match else ''}s/{old}/{new}/{flags}"
    argv = ["sed", f"-i{backup}" if backup else "-i", *options.split()]
    if argv[-1] != "-e":
        argv.append("-e")
    return __salt__["cmd.run_all"]([*argv, expression, path], python_shell=False)


def sed_contains(path: str, text: Any, limit: str = "", flags: str = "g") -> bool:
    """Whether `sed` finds a regular expression in a file; `limit` chooses the lines.

    CLI Example::

        saltern run '*' file.sed_contains /etc/crontab 'mymaintenance.sh'
    """
    path = paths.expanded(path)
    if not os.path.exists(path):
        return False
    lines = f"/{replacing.sed_text(limit)}/ " if limit else ""
    expression = f"{lines}s/{replacing.sed_text(text)}/$/p{flags}"
    found = __salt__["cmd.run"](["sed", "-n", "-r", "-e", expression, path], python_shell=False)
    return bool(found)


def psed(
    path: str,
    before: Any,
    after: Any,
    limit: str = "",
    backup: str = ".bak",
    flags: str = "gMS",
    escape_all: bool = False,
    multi: bool = False,
) -> None:
    """Replace as `sed` does, by Python's regular expressions; `file.replace` can do more.

    CLI Example::

        saltern run '*' file.psed /etc/httpd/httpd.conf 'LogLevel warn' 'LogLevel info'
    """
    path = paths.expanded(path)
    with open(path, encoding="utf-8", newline="") as file:
        lines = file.read().splitlines(keepends=True)
    after_lines = replacing.psed_lines(lines, before, after, limit, flags, escape_all=escape_all, multi=multi)
    replacing.save(path, replacing.Change(lines, after_lines), backup, keep_inode=False)


def patch(originalfile: str, patchfile: str, options: Any = "", dry_run: bool = False) -> dict[str, Any]:
    """Apply a patch to a file or a directory by the program `patch`.

    CLI Example::

        saltern run '*' file.patch /opt/file.txt /tmp/file.txt.patch
    """
    import shlex

    from saltern.plugin_api import process

    program = process.find_program("patch")
    if program is None:
        raise CommandExecutionError("patch executable not found. Is the distribution's patch package installed?")
    argv = [program]
    given = options if isinstance(options, list | tuple) else shlex.split(str(options or ""))
    argv += [str(option) for option in given]
    if dry_run:
        argv.append("--dry-run")
    if not any(option in ("-N", "--forward") or option.startswith("-N") for option in argv):
        argv.append("--forward")
    if not any(option == "-r" or option.startswith(("-r", "--reject-file")) for option in argv):
        argv.append("--reject-file=-")
    argv += ["-i", patchfile]
    cwd = originalfile if os.path.isdir(originalfile) else None
    if cwd is None:
        argv.append(originalfile)
    elif not any(option.startswith(("-p", "--strip")) for option in given):
        argv.append("--strip=0")
    done: dict[str, Any] = __salt__["cmd.run_all"](argv, python_shell=False, cwd=cwd)
    return done


# --- files and directories ------------------------------------------------------------------------------------------


def copy(src: str, dst: str, recurse: bool = False, remove_existing: bool = False) -> bool:
    """Copy a file, or with `recurse` a directory, with modes and owners.

    CLI Example::

        saltern run '*' file.copy /path/to/src /path/to/dst
        saltern run '*' file.copy /path/to/src_dir /path/to/dst_dir recurse=True remove_existing=True
    """
    source = paths.absolute(src, _ABSOLUTE)
    return trees.copy(source, paths.expanded(dst), recurse=recurse, remove_existing=remove_existing)


def move(src: str, dst: str, disallow_copy_and_unlink: bool = False) -> Any:
    """Move a file or a directory; with `disallow_copy_and_unlink` only within a file system.

    CLI Example::

        saltern run '*' file.move /path/to/src /path/to/dst
    """
    source = paths.absolute(src, "Source path must be absolute.")
    target = paths.absolute(dst, "Destination path must be absolute.")
    return trees.rename(source, target) if disallow_copy_and_unlink else trees.move(source, target)


def rename(src: str, dst: str) -> bool:
    """Rename a file or a directory.

    CLI Example::

        saltern run '*' file.rename /path/to/src /path/to/dst
    """
    return trees.rename(paths.absolute(src, _ABSOLUTE), paths.expanded(dst))


def remove(path: str, **kwargs: Any) -> bool:
    """Remove a file, a link, or a directory with all that is in it; False where nothing is. `/` is refused.

    CLI Example::

        saltern run '*' file.remove /tmp/foo
    """
    return trees.remove(paths.absolute(path, f"File path must be absolute: {path}"))


def rmdir(path: str, recurse: bool = False, verbose: bool = False, older_than: int | None = None) -> Any:
    """Remove a directory that is empty; with `recurse` empty ones below it first, files are never removed.

    `older_than` leaves directories that changed within so many days. With `verbose` the answer tells what was removed.

    CLI Example::

        saltern run '*' file.rmdir /tmp/foo/
        saltern run '*' file.rmdir /tmp/foo/ recurse=True verbose=True
    """
    path = paths.absolute(path, _ABSOLUTE)
    if not os.path.isdir(path):
        raise SaltInvocationError("A valid directory was not specified.")
    well, removed, errors = trees.remove_empty(path, recurse=recurse, older_than=older_than)
    if verbose:
        return {"deleted": removed, "errors": errors, "result": well and bool(removed)}
    return well


def mkdir(dir_path: str, user: str | None = None, group: str | None = None, mode: Any = None) -> bool:
    """Make a directory, and those above it.

    CLI Example::

        saltern run '*' file.mkdir /opt/jetty/context
    """
    return trees.make_directory(os.path.normpath(paths.expanded(dir_path)), user, group, mode)


def makedirs_(path: str, user: str | None = None, group: str | None = None, mode: Any = None) -> str | None:
    """Make the directories above a path; a path that ends with a slash is a directory to be made.

    CLI Example::

        saltern run '*' file.makedirs /opt/code/
    """
    return trees.make_parents(path, user, group, mode)


def makedirs_perms(name: str, user: str | None = None, group: str | None = None, mode: Any = "0755") -> None:
    """Make a directory and those above it, each that is new with this owner and mode.

    CLI Example::

        saltern run '*' file.makedirs_perms /opt/code
    """
    trees.make_with_perms(paths.expanded(name), user, group, mode)


def symlink(src: str, path: str, force: bool = False, atomic: bool = False, follow_symlinks: bool = True) -> bool:
    """Make a symbolic link at `path` that leads to `src`.

    With `force` what is there gives way, with `atomic` in one step.

    CLI Example::

        saltern run '*' file.symlink /path/to/file /path/to/link
    """
    return links.make_symlink(src, path, force=force, atomic=atomic, follow=follow_symlinks)


def link(src: str, path: str) -> bool:
    """Give a file a further name.

    CLI Example::

        saltern run '*' file.link /path/to/file /path/to/link
    """
    return links.make_hard_link(src, path)


def mknod(
    name: str,
    ntype: str,
    major: int = 0,
    minor: int = 0,
    user: str | None = None,
    group: str | None = None,
    mode: Any = "0600",
) -> dict[str, Any]:
    """Make a character device (`c`), a block device (`b`) or a named pipe (`p`).

    CLI Example::

        saltern run '*' file.mknod /dev/chr c 180 31
        saltern run '*' file.mknod /dev/fifo p
    """
    name = paths.expanded(name)
    result = devices.make(name, ntype, major, minor, mode, test=bool(__opts__.get("test")))
    if result["result"]:
        wanted = Wanted(user, group, mode)
        handled.checked(name, {"changes": {}, "comment": "", "result": True}, wanted, test=False)
    return result


def mknod_chrdev(
    name: str, major: int, minor: int, user: str | None = None, group: str | None = None, mode: Any = "0660"
) -> dict[str, Any]:
    """Make a character device.

    CLI Example::

        saltern run '*' file.mknod_chrdev /dev/chr 180 31
    """
    return mknod(name, "c", major, minor, user, group, mode)


def mknod_blkdev(
    name: str, major: int, minor: int, user: str | None = None, group: str | None = None, mode: Any = "0660"
) -> dict[str, Any]:
    """Make a block device.

    CLI Example::

        saltern run '*' file.mknod_blkdev /dev/blk 8 999
    """
    return mknod(name, "b", major, minor, user, group, mode)


def mknod_fifo(name: str, user: str | None = None, group: str | None = None, mode: Any = "0660") -> dict[str, Any]:
    """Make a named pipe.

    CLI Example::

        saltern run '*' file.mknod_fifo /dev/fifo
    """
    return mknod(name, "p", 0, 0, user, group, mode)


# --- backups --------------------------------------------------------------------------------------------------------


def list_backups(path: str, limit: int | None = None) -> dict[int, dict[str, Any]]:
    """The copies of a file that were kept before changes, the newest first.

    CLI Example::

        saltern run '*' file.list_backups /foo/bar/baz.txt
    """
    return _backups().of_file(paths.expanded(path), limit)


def list_backup(path: str, limit: int | None = None) -> dict[int, dict[str, Any]]:
    """The same as `file.list_backups`.

    CLI Example::

        saltern run '*' file.list_backup /foo/bar/baz.txt
    """
    return list_backups(path, limit)


def list_backups_dir(path: str, limit: int | None = None) -> dict[str, dict[int, dict[str, Any]]]:
    """The copies of the files in a directory (`/foo/bar/`), by name.

    CLI Example::

        saltern run '*' file.list_backups_dir /foo/bar/
    """
    return _backups().of_directory(paths.expanded(path), limit)


def restore_backup(path: str, backup_id: int) -> dict[str, Any]:
    """Put a kept copy back in place; its number is that of `file.list_backups`.

    CLI Example::

        saltern run '*' file.restore_backup /foo/bar/baz.txt 0
    """
    return _backups().restore(paths.expanded(path), backup_id)


def delete_backup(path: str, backup_id: int) -> dict[str, Any]:
    """Remove a kept copy; its number is that of `file.list_backups`.

    CLI Example::

        saltern run '*' file.delete_backup /var/cache/saltern/minion/file_backup/home/foo/bar/baz.txt 0
    """
    return _backups().delete(paths.expanded(path), backup_id)


def remove_backup(path: str, backup_id: int) -> dict[str, Any]:
    """The same as `file.delete_backup`.

    CLI Example::

        saltern run '*' file.remove_backup /foo/bar/baz.txt 0
    """
    return delete_backup(path, backup_id)


# --- managed files --------------------------------------------------------------------------------------------------


def get_diff(
    file1: str,
    file2: str,
    saltenv: str = "base",
    show_filenames: bool = True,
    show_changes: bool = True,
    template: bool = False,
    source_hash_file1: str | None = None,
    source_hash_file2: str | None = None,
    ignore_ordering: bool = False,
    ignore_whitespace: bool = False,
    ignore_comment_characters: Any = None,
) -> Any:
    """The difference of two files, each a path or a URL.

    With one of the `ignore` arguments the answer is whether they differ in what counts, and the difference.

    CLI Example::

        saltern run '*' file.get_diff /home/fred/.vimrc salt://users/fred/.vimrc
    """
    names = [file1, file2]
    places, missing = [], []
    for name, its_hash in ((file1, source_hash_file1), (file2, source_hash_file2)):
        wish = Wish(name, its_hash, saltenv=saltenv)
        place = _fetcher().cached(wish, {"hsum": its_hash} if its_hash else {}) if sources.scheme_of(name) else name
        places.append(place)
        if not place:
            missing.append(f"File {name} not found")
    if missing:
        details = "\n".join(f"- {fault}" for fault in missing)
        raise CommandExecutionError(f"Failed to cache one or more files. Additional info follows:\n\n{details}")
    before, after = (difference.read_whole(place) for place in places)
    ignored = Ignored(ordering=ignore_ordering, whitespace=ignore_whitespace, comments=ignore_comment_characters)
    if before == after:
        return (False, "") if ignored else ""
    if template and __salt__["config.option"]("obfuscate_templates"):
        told = "<Obfuscated Template>"
    elif not show_changes:
        told = difference.HIDDEN
    else:
        told = difference.of_contents(before, after, names if show_filenames else ("", ""))
    return (ignored.counts(before, after), told) if ignored else told


def source_list(source: Any, source_hash: Any, saltenv: str) -> tuple[Any, Any]:
    """The first of several sources that is there, with its hash; a source alone is taken as it is.

    CLI Example::

        saltern run '*' file.source_list salt://httpd.conf '{hsum: 0123}' base
    """
    return sources.first_available(source, source_hash, saltenv, __salt__)


def apply_template_on_contents(contents: str, template: str, context: Any, defaults: Any, saltenv: str) -> Any:
    """A text through a template engine; `context` wins over `defaults`.

    CLI Example::

        saltern run '*' file.apply_template_on_contents 'a {{ kind }} string' jinja '{kind: cool}' '{}' base
    """
    if template not in fetched.ENGINES:
        return {"result": False, "comment": f"Specified template format {template} is not supported"}
    return _fetcher().render(contents, template, {**(defaults or {}), **(context or {})}, saltenv)


def get_managed(
    name: str,
    template: str | None,
    source: Any,
    source_hash: Any,
    source_hash_name: str | None,
    user: Any,
    group: Any,
    mode: Any,
    attrs: str | None,
    saltenv: str,
    context: Any,
    defaults: Any,
    skip_verify: bool = False,
    verify_ssl: bool = True,
    use_etag: bool = False,
    source_hash_sig: Any = None,
    signed_by_any: Any = None,
    signed_by_all: Any = None,
    keyring: str | None = None,
    gnupghome: str | None = None,
    ignore_ordering: bool = False,
    ignore_whitespace: bool = False,
    ignore_comment_characters: Any = None,
    sig_backend: str = "gpg",
    **kwargs: Any,
) -> tuple[str, dict[str, str], str]:
    """The source of a managed file on this host, its digest, and what went wrong.

    The path is empty for a plain file of the tree, which is fetched when it differs.

    CLI Example::

        saltern run '*' file.get_managed /etc/httpd.conf jinja salt://h.conf '' None root root '755' '' base '{}' '{}'
    """
    signed = Signed(
        kwargs.pop("signature", None), source_hash_sig, signed_by_any, signed_by_all, keyring, gnupghome, sig_backend
    )
    wish = Wish(source, source_hash, source_hash_name, saltenv, skip_verify, verify_ssl, use_etag, signed)
    variables = {
        **kwargs, "name": name, "user": user, "group": group, "mode": mode, "attrs": attrs, "source": source,
        "saltenv": saltenv,
    }  # fmt: skip
    variables.update(defaults or {})
    variables.update(context or {})
    found = _fetcher().fetch(name, wish, template, variables)
    return found.path, found.digest, found.fault


def check_perms(
    name: str,
    ret: Any,
    user: Any,
    group: Any,
    mode: Any,
    attrs: str | None = None,
    follow_symlinks: bool = False,
    seuser: str | None = None,
    serole: str | None = None,
    setype: str | None = None,
    serange: str | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """See to owner, mode and attributes of a file: a state's answer, and what was and was to be.

    CLI Example::

        saltern run '*' file.check_perms /etc/sudoers '{}' root root 400
    """
    name = paths.expanded(name)
    wanted = Wanted(user, group, mode, attrs, follow_symlinks)
    answer, told = handled.checked(name, ret, wanted, test=bool(__opts__.get("test")))
    _see_to_selinux(name, answer, {"seuser": seuser, "serole": serole, "setype": setype, "serange": serange})
    return answer, told


def check_managed(
    name: str,
    source: Any,
    source_hash: Any,
    source_hash_name: str | None,
    user: Any,
    group: Any,
    mode: Any,
    attrs: str | None,
    template: str | None,
    context: Any,
    defaults: Any,
    saltenv: str,
    contents: Any = None,
    skip_verify: bool = False,
    seuser: str | None = None,
    serole: str | None = None,
    setype: str | None = None,
    serange: str | None = None,
    follow_symlinks: bool = False,
    **kwargs: Any,
) -> tuple[bool | None, str]:
    """Whether the contents of a file would be changed: None and what would be, or True.

    CLI Example::

        saltern run '*' file.check_managed /etc/httpd.conf salt://h.conf '' None root root '755' '' jinja '{}' '{}' base
    """
    changes = check_managed_changes(
        name, source, source_hash, source_hash_name, None, None, None, None, template, context, defaults, saltenv,
        contents, skip_verify, follow_symlinks=follow_symlinks, **kwargs,
    )  # fmt: skip
    if isinstance(changes, tuple):
        return changes
    if not changes:
        return True, f"The file {name} is in the correct state"
    told = "".join(f"{key}: {value}\n" for key, value in changes.items())
    return None, f"The following values are set to be changed:\n{told}"


def check_managed_changes(
    name: str,
    source: Any,
    source_hash: Any,
    source_hash_name: str | None,
    user: Any,
    group: Any,
    mode: Any,
    attrs: str | None,
    template: str | None,
    context: Any,
    defaults: Any,
    saltenv: str,
    contents: Any = None,
    skip_verify: bool = False,
    keep_mode: bool = False,
    seuser: str | None = None,
    serole: str | None = None,
    setype: str | None = None,
    serange: str | None = None,
    verify_ssl: bool = True,
    follow_symlinks: bool = False,
    ignore_ordering: bool = False,
    ignore_whitespace: bool = False,
    ignore_comment_characters: Any = None,
    new_file_diff: bool = False,
    **kwargs: Any,
) -> Any:
    """What would be changed of a file, by name; False and a text where that cannot be told.

    CLI Example::

        saltern run '*' file.check_managed_changes /etc/a salt://a '' None root root 644 '' jinja '{}' '{}' base
    """
    try:
        source, source_hash = source_list(source, source_hash, saltenv)
    except CommandExecutionError as error:
        return False, str(error)
    source_sum: dict[str, str] = {}
    sfn = fault = ""
    if contents is None:
        signing = {key: kwargs.pop(key) for key in list(kwargs) if key in _SIGNING}
        sfn, source_sum, fault = get_managed(
            name, template, source, source_hash, source_hash_name, user, group, mode, attrs, saltenv, context, defaults,
            skip_verify, verify_ssl, **signing, **kwargs,
        )  # fmt: skip
    if fault:
        fetched.drop_temporary(sfn)
        return False, fault
    if sfn and source and not str(source).startswith("salt://") and not template and not skip_verify:
        fault = fetched.mismatch(sfn, source_sum, name)
        if fault:
            return False, fault
    if keep_mode and source:
        mode = _mode_of_source(source, saltenv, mode)
    changes = check_file_meta(
        name, sfn, source, source_sum, user, group, mode, attrs, saltenv, contents, seuser, serole, setype, serange,
        verify_ssl, follow_symlinks, ignore_ordering, ignore_whitespace, ignore_comment_characters, new_file_diff,
    )  # fmt: skip
    fetched.drop_temporary(sfn)
    return changes


def check_file_meta(
    name: str,
    sfn: str,
    source: Any,
    source_sum: dict[str, str],
    user: Any,
    group: Any,
    mode: Any,
    attrs: str | None,
    saltenv: str,
    contents: Any = None,
    seuser: str | None = None,
    serole: str | None = None,
    setype: str | None = None,
    serange: str | None = None,
    verify_ssl: bool = True,
    follow_symlinks: bool = False,
    ignore_ordering: bool = False,
    ignore_whitespace: bool = False,
    ignore_comment_characters: Any = None,
    new_file_diff: bool = False,
) -> dict[str, Any]:
    """What would be changed of a file whose source is there already, by name.

    CLI Example::

        saltern run '*' file.check_file_meta /etc/httpd.conf '' salt://httpd.conf '{hsum: 0123}' root root '755' '' base
    """
    name = paths.expanded(name)
    new = managed.New(data=_encoded(contents))
    digest = source_sum or {}
    differs = "hsum" in digest and not _has_digest(name, digest)
    if contents is None and source and (differs or (new_file_diff and not os.path.lexists(name))):
        sfn = sfn or _fetcher().cached(Wish(source, saltenv=saltenv, verify_ssl=verify_ssl), digest)
        new = managed.New(path=sfn) if sfn else new
    ignored = Ignored(ordering=ignore_ordering, whitespace=ignore_whitespace, comments=ignore_comment_characters)
    shown = managed.Shown(True, bool(__salt__["config.option"]("obfuscate_templates")), new_file_diff, ignored)
    changes = managed.changes_of(name, new, Wanted(user, group, mode, attrs, follow_symlinks), shown)
    if os.path.lexists(name):
        changes.update(_selinux_changes(name, {"user": seuser, "role": serole, "type": setype, "range": serange}))
    return changes


def manage_file(
    name: str,
    sfn: str,
    ret: Any,
    source: Any,
    source_sum: dict[str, str],
    user: Any,
    group: Any,
    mode: Any,
    attrs: str | None,
    saltenv: str,
    backup: str,
    makedirs: bool = False,
    template: str | None = None,
    show_changes: bool = True,
    contents: Any = None,
    dir_mode: Any = None,
    follow_symlinks: bool = True,
    skip_verify: bool = False,
    keep_mode: bool = False,
    encoding: str | None = None,
    encoding_errors: str = "strict",
    seuser: str | None = None,
    serole: str | None = None,
    setype: str | None = None,
    serange: str | None = None,
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
) -> dict[str, Any]:
    """Make a file as it should be, from a source that `file.get_managed` found or from `contents`.

    `backup` is `minion` or `master` where the file as it was is kept. The answer is a state's.

    CLI Example::

        saltern run '*' file.manage_file /etc/httpd.conf '' '{}' salt://httpd.conf '{}' root root '644' '' base ''
    """
    name = paths.expanded(name)
    ret = ret or {"name": name, "changes": {}, "comment": "", "result": True}
    ignored = Ignored(ordering=ignore_ordering, whitespace=ignore_whitespace, comments=ignore_comment_characters)
    shown = managed.Shown(show_changes, bool(__salt__["config.option"]("obfuscate_templates")), new_file_diff, ignored)
    signed = Signed(signature, source_hash_sig, signed_by_any, signed_by_all, keyring, gnupghome, sig_backend)
    wish = Wish(
        source, saltenv=saltenv, skip_verify=skip_verify, verify_ssl=verify_ssl, use_etag=use_etag, signed=signed
    )
    if keep_mode and source:
        mode = _mode_of_source(source, saltenv, mode)
    keeping = _backups() if backup in ("minion", "both") or (backup == "master" and source) else None
    wanted = Wanted(user, group, mode, attrs, follow_symlinks)
    handler = handled.Handler(_fetcher(), wish, wanted, shown, keeping)
    try:
        data = _encoded(contents, encoding, encoding_errors)
    except (LookupError, UnicodeEncodeError) as error:
        return handled.failed(ret, f"Unable to manage file: {error}")
    room = {"makedirs": makedirs, "dir_mode": dir_mode}
    answer = handler.handle(name, ret, sfn, source_sum or {}, data, room)
    if os.path.lexists(name):
        _see_to_selinux(name, answer, {"seuser": seuser, "serole": serole, "setype": setype, "serange": serange})
    return answer


# --- what they share ------------------------------------------------------------------------------------------------

_SIGNING = (
    "use_etag", "source_hash_sig", "signed_by_any", "signed_by_all", "keyring", "gnupghome", "sig_backend", "signature",
)  # fmt: skip


def _backups() -> Backups:
    return Backups(os.path.join(__opts__["cachedir"], "file_backup"))


def _fetcher() -> Fetcher:
    return Fetcher(__salt__, __rendering__, __pillar__)


def _encoded(data: Any, encoding: str | None = None, errors: str = "strict") -> bytes | None:
    if data is None or isinstance(data, bytes):
        return data
    return str(data).encode(encoding or "utf-8", errors)


def _has_digest(name: str, digest: dict[str, str]) -> bool:
    form = digest.get("hash_type") or digests.algorithm_of(digest["hsum"]) or "sha256"
    return os.path.isfile(name) and digests.of_file(name, form) == digest["hsum"]


def _mode_of_source(source: str, saltenv: str, mode: Any) -> Any:
    """The mode of a source, for `mode: keep`."""
    if str(source).startswith("salt://"):
        return __salt__["cp.stat_file"](source, saltenv, octal=True) or mode
    place = sources.local_path(str(source))
    return status.mode_of(place) if os.path.exists(place) else mode


def _selinux_changes(name: str, wanted: dict[str, str | None]) -> dict[str, Any]:
    """What would be changed of the SELinux context: nothing where nothing is asked for or there is none."""
    given = {key: value for key, value in wanted.items() if value}
    now = dict(zip(("user", "role", "type", "range"), get_selinux_context(name).split(":", 3), strict=False))
    if not given or len(now) < 4:
        return {}
    news = {key: value for key, value in given.items() if now.get(key) != value}
    return {"selinux": {"New": news, "Old": {key: now[key] for key in news}}} if news else {}


def _see_to_selinux(name: str, ret: dict[str, Any], wanted: dict[str, str | None]) -> None:
    changes = _selinux_changes(name, {key.removeprefix("se"): value for key, value in wanted.items()})
    if not changes:
        return
    if __opts__.get("test"):
        ret["result"] = None
    elif set_selinux_context(name, **changes["selinux"]["New"]) is False:
        ret["result"] = False
        ret["comment"] = f"{ret['comment']}; Failed to change the SELinux context of {name}".lstrip("; ")
        return
    ret["changes"].update(changes)


def _ran(argv: list[str]) -> bool:
    return bool(__salt__["cmd.retcode"](argv, python_shell=False, ignore_retcode=True) == 0)


def _held_open() -> list[tuple[int, str]]:
    """The process and the path of every regular file that is held open."""
    found = []
    for entry in os.listdir("/proc"):
        directory = f"/proc/{entry}/fd"
        try:
            handles = os.listdir(directory) if entry.isdigit() else []
        except OSError:  # it ended, or is not ours to look into
            continue
        for handle in handles:
            try:
                path = os.readlink(f"{directory}/{handle}")
            except OSError:
                continue
            if path.startswith("/") and os.path.isfile(path):
                found.append((int(entry), path))
    return found
