"""Archives: packed, unpacked, and what they hold."""

from __future__ import annotations

import os
from pathlib import Path

from saltern.plugin_api import CommandExecutionError, Functions, SaltInvocationError
from saltern.plugin_api.path_templates import rendered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from saltern.plugin_api.archive_names import Names

    Listing = str | Sequence[str] | None
    """Names: a list, or a text in which commas part them."""

__salt__: Functions

__func_alias__ = {"list_": "list", "zip_": "zip"}


# --- what is in it --------------------------------------------------------------------------------------------------


def list_(
    name: str,
    archive_format: str | None = None,
    options: str | None = None,
    strip_components: int | None = None,
    clean: bool = False,
    verbose: bool = False,
    saltenv: str = "base",
    source_hash: str | None = None,
    use_etag: bool = False,
) -> list[str] | dict[str, list[str]]:
    """The names of what an archive holds; directories end in `/`.

    `name` is a path or a URL that `cp.cache_file` knows; `clean` removes the copy that was made of it. The format is
    guessed from the name, or given as `tar`, `zip` or `rar`; a compression is found out, so that `options` for tar are
    not needed. With `verbose` directories, files and links are apart, and the topmost among them too.

    CLI Example::

        saltern run '*' archive.list /path/to/myfile.tar.gz
        saltern run '*' archive.list salt://foo.tar.gz strip_components=1
    """
    from saltern.plugin_api.archive_names import guess_format

    place = _fetched(name, saltenv, source_hash, use_etag=use_etag)
    kind = archive_format or guess_format(name.partition("?")[0] if "://" in name else name)
    try:
        names = _names(place, kind)
    except CommandExecutionError as error:
        raise _located(str(error), name) from error
    finally:
        if clean and "://" in name:
            Path(place).unlink(missing_ok=True)
    if strip_components:
        names = names.stripped(strip_components)
    return names.verbose() if verbose else names.all()


def is_encrypted(
    name: str, clean: bool = False, saltenv: str = "base", source_hash: str | None = None, use_etag: bool = False
) -> bool:
    """Whether a zip archive needs a password.

    CLI Example::

        saltern run '*' archive.is_encrypted /path/to/myfile.zip
    """
    import zipfile

    place = _fetched(name, saltenv, source_hash, use_etag=use_etag)
    try:
        with zipfile.ZipFile(place) as archive:
            return any(member.flag_bits & 0x1 for member in archive.infolist())
    except zipfile.BadZipFile as error:
        raise _located(f"{place} is not a ZIP file", name) from error
    except OSError as error:
        raise _located(str(error), name) from error
    finally:
        if clean and "://" in name:
            Path(place).unlink(missing_ok=True)


# --- tar and gzip ---------------------------------------------------------------------------------------------------


def tar(
    options: str,
    tarfile: str,
    sources: Listing = None,
    dest: str | None = None,
    cwd: str | None = None,
    template: str | None = None,
    runas: str | None = None,
) -> list[str]:
    """Run tar: `options` as it takes them (`cjvf`, `xzf`), the lines that it prints.

    `sources` is a list, or a text in which commas part them; `dest` the directory to unpack into.

    CLI Example::

        saltern run '*' archive.tar cjvf /tmp/tarfile.tar.bz2 /tmp/file_1,/tmp/file_2
        saltern run '*' archive.tar xf foo.tar dest=/target/directory
    """
    if not options:
        raise SaltInvocationError("Tar options can not be empty")
    archive, *files = rendered([tarfile, *_listed(sources)], template, __salt__)
    words = options.split()
    if not words[0].startswith("-"):
        words[0] = f"-{words[0]}"
    return _run(["tar", *words, archive, *(["-C", dest] if dest else []), *files], cwd, runas)


def gzip(
    sourcefile: str, template: str | None = None, runas: str | None = None, options: str | None = None
) -> list[str]:
    """Compress a file by gzip; the lines that it prints.

    CLI Example::

        saltern run '*' archive.gzip /tmp/sourcefile.txt options='-9 --verbose'
    """
    return _run(["gzip", *(options or "").split(), *rendered([sourcefile], template, __salt__)], None, runas)


def gunzip(
    gzipfile: str, template: str | None = None, runas: str | None = None, options: str | None = None
) -> list[str]:
    """Uncompress a file by gunzip; the lines that it prints.

    CLI Example::

        saltern run '*' archive.gunzip /tmp/sourcefile.txt.gz options='--verbose'
    """
    return _run(["gunzip", *(options or "").split(), *rendered([gzipfile], template, __salt__)], None, runas)


# --- zip ------------------------------------------------------------------------------------------------------------


def zip_(
    zip_file: str,
    sources: Listing,
    template: str | None = None,
    cwd: str | None = None,
    runas: str | None = None,
    zip64: bool = False,
) -> list[str]:
    """Pack files and directories into a zip archive; the names that it has.

    Sources that are no absolute paths lie in `cwd`. `zip64` changes nothing: large archives are possible always.

    CLI Example::

        saltern run '*' archive.zip /tmp/zipfile.zip /tmp/sourcefile1,/tmp/sourcefile2
    """
    import zipfile

    target, *files = rendered([zip_file, *_listed(sources)], template, __salt__)
    if not cwd and not all(os.path.isabs(one) for one in files):
        raise SaltInvocationError("Relative paths require the 'cwd' parameter")
    if cwd and not os.path.isabs(cwd):
        raise SaltInvocationError("cwd must be absolute")
    with _acting_as(runas):
        try:
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
                for source in files:
                    _add(
                        archive, Path(cwd or "/", source), Path(cwd or "/") if not os.path.isabs(source) else Path("/")
                    )
                return archive.namelist()
        except OSError as error:
            raise CommandExecutionError(f"Exception encountered creating zipfile: {error}") from error


def unzip(
    zip_file: str,
    dest: str,
    excludes: Listing = None,
    options: str | None = None,
    template: str | None = None,
    runas: str | None = None,
    trim_output: bool | int = False,
    password: str | None = None,
    extract_perms: bool = True,
) -> list[str]:
    """Unpack a zip archive into a directory; the names that were unpacked.

    `trim_output` bounds how many names are shown (True: 100). `options` are for `archive.cmd_unzip` and count nothing.

    CLI Example::

        saltern run '*' archive.unzip /tmp/zipfile.zip /home/strongbad/ excludes=file_1,file_2
    """
    import zipfile

    source, target = rendered([zip_file, dest], template, __salt__)
    left_out = set(_listed(excludes))
    with _acting_as(runas):
        try:
            with zipfile.ZipFile(source) as archive:
                members = [member for member in archive.infolist() if member.filename not in left_out]
                for member in members:
                    _unpack(archive, member, target, password, perms=extract_perms)
        except (OSError, RuntimeError, zipfile.BadZipFile, NotImplementedError) as error:
            raise CommandExecutionError(f"Exception encountered unpacking zipfile: {error}") from error
    return _trimmed([member.filename for member in members], trim_output)


def cmd_zip(
    zip_file: str, sources: Listing, template: str | None = None, cwd: str | None = None, runas: str | None = None
) -> list[str]:
    """Pack by the program zip; the lines that it prints.

    CLI Example::

        saltern run '*' archive.cmd_zip /tmp/zipfile.zip /tmp/sourcefile1,/tmp/sourcefile2
    """
    return _run(["zip", "-r", *rendered([zip_file, *_listed(sources)], template, __salt__)], cwd, runas)


def cmd_unzip(
    zip_file: str,
    dest: str,
    excludes: Listing = None,
    options: str | None = None,
    template: str | None = None,
    runas: str | None = None,
    trim_output: bool | int = False,
    password: str | None = None,
) -> list[str]:
    """Unpack by the program unzip; the lines that it prints.

    CLI Example::

        saltern run '*' archive.cmd_unzip /tmp/zipfile.zip /home/strongbad/ excludes=file_1,file_2
    """
    source, target = rendered([zip_file, dest], template, __salt__)
    secret = ["-P", password] if password else []
    words = ["unzip", *secret, *(options or "").split(), source, "-d", target]
    left_out = _listed(excludes)
    if left_out:
        words += ["-x", *left_out]
    lines = _run(words, None, runas, hidden=bool(password))
    return _trimmed(lines, trim_output)


# --- rar ------------------------------------------------------------------------------------------------------------


def rar(
    rarfile: str, sources: Listing, template: str | None = None, cwd: str | None = None, runas: str | None = None
) -> list[str]:
    """Pack by the program rar; the lines that it prints.

    CLI Example::

        saltern run '*' archive.rar /tmp/rarfile.rar /tmp/sourcefile1,/tmp/sourcefile2
    """
    return _run(["rar", "a", "-idp", *rendered([rarfile, *_listed(sources)], template, __salt__)], cwd, runas)


def unrar(
    rarfile: str,
    dest: str,
    excludes: Listing = None,
    template: str | None = None,
    runas: str | None = None,
    trim_output: bool | int = False,
) -> list[str]:
    """Unpack by the program unrar; the lines that it prints.

    CLI Example::

        saltern run '*' archive.unrar /tmp/rarfile.rar /home/strongbad/ excludes=file_1,file_2
    """
    source, target = rendered([rarfile, dest], template, __salt__)
    left_out = [word for one in _listed(excludes) for word in ("-x", one)]
    return _trimmed(_run(["unrar", "x", "-idp", source, *left_out, target], None, runas), trim_output)


# --- steps ----------------------------------------------------------------------------------------------------------


def _fetched(name: str, saltenv: str, source_hash: str | None, *, use_etag: bool) -> str:
    if "://" not in name:
        if not os.path.isabs(name):
            raise CommandExecutionError(f"Path '{name}' is not absolute")
        return name
    place = __salt__["cp.cache_file"](name, saltenv, source_hash=source_hash, use_etag=use_etag)
    if not place:
        raise CommandExecutionError(f"Failed to cache {name}")
    return str(place)


def _names(place: str, kind: str) -> Names:
    import tarfile
    import zipfile

    from saltern.plugin_api.archive_names import Names, tar_names, zip_names

    if not kind:
        raise CommandExecutionError("Unable to guess archive format, please pass an 'archive_format' argument")
    if kind == "rar":
        lines = [line.strip() for line in _run(["unrar", "lb", place], None, None) if line.strip()]
        return Names([], sorted(lines), [])
    readers = {"tar": tar_names, "zip": zip_names}
    if kind not in readers:
        raise CommandExecutionError(f"Unsupported archive format '{kind}'")
    try:
        return readers[kind](place)
    except zipfile.BadZipFile as error:
        raise CommandExecutionError(f"{place} is not a ZIP file") from error
    except (OSError, tarfile.TarError, EOFError) as error:
        raise CommandExecutionError(f"Failed to list contents of {place}: {error}") from error


def _located(problem: str, name: str) -> CommandExecutionError:
    return CommandExecutionError(f"{problem}. Additional info follows:\n\narchive location:\n    {name}")


def _listed(names: Listing) -> list[str]:
    if not names:
        return []
    return [one.strip() for one in names.split(",")] if isinstance(names, str) else [str(one) for one in names]


def _run(words: list[str], cwd: str | None, runas: str | None, *, hidden: bool = False) -> list[str]:
    from shutil import which

    if which(words[0]) is None:
        raise CommandExecutionError(f"The program {words[0]} is not installed.")
    level = "quiet" if hidden else "debug"
    text = __salt__["cmd.run"](words, cwd=cwd, runas=runas, python_shell=False, output_loglevel=level)
    return str(text).splitlines()


def _add(archive: Any, source: Path, root: Path) -> None:
    if source.is_dir():
        archive.write(source, source.relative_to(root))
        for inner in sorted(source.rglob("*")):
            archive.write(inner, inner.relative_to(root))
    elif source.exists():
        archive.write(source, source.relative_to(root))


def _unpack(archive: Any, member: Any, target: str, password: str | None, *, perms: bool) -> None:
    place = archive.extract(member, target, password.encode() if password else None)
    mode = member.external_attr >> 16 & 0o777
    if perms and mode:
        os.chmod(place, mode)


def _trimmed(lines: list[str], bound: bool | int) -> list[str]:
    most = 100 if bound is True else int(bound)
    return [*lines[:most], f"List trimmed after {most} files."] if most and len(lines) > most else lines


def _acting_as(user: str | None) -> Any:
    """A context in which files are made and read as a user; without one nothing changes."""
    import contextlib

    return _effective(user) if user else contextlib.nullcontext()


class _effective:  # noqa: N801  (a context manager, used like a function)
    """The effective user and group of this process for a while. A job has its process for itself."""

    def __init__(self, user: str) -> None:
        import pwd

        try:
            self._entry = pwd.getpwnam(user)
        except KeyError as error:
            raise SaltInvocationError(f"The user {user} does not exist") from error

    def __enter__(self) -> None:
        self._before = (os.geteuid(), os.getegid())
        os.setegid(self._entry.pw_gid)
        os.seteuid(self._entry.pw_uid)

    def __exit__(self, *_: object) -> None:
        os.seteuid(self._before[0])
        os.setegid(self._before[1])
