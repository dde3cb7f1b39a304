"""Files: from the master's tree and other servers to this minion, and from here to the master."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from saltern.plugin_api import (
    CommandExecutionError,
    FileClient,
    Functions,
    MasterRequest,
    MinionError,
    Opts,
    Pillar,
    Plugins,
)
from saltern.plugin_api.file_cache import FileCache, TreePath, copied, digest_of, replacing, tree_path
from saltern.plugin_api.path_templates import rendered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__opts__: Opts
__salt__: Functions
__pillar__: Pillar
__file_client__: FileClient | None
__master_request__: MasterRequest | None
__plugins__: Plugins

log = logging.getLogger(__name__)

_PIECE = 256 << 10


# --- one file -------------------------------------------------------------------------------------------------------


def get_file(
    path: str,
    dest: str,
    saltenv: str | None = None,
    makedirs: bool = False,
    template: str | None = None,
    gzip: int | None = None,
    **kwargs: Any,
) -> str | bool:
    """Copy a file of the master's tree to a place on the minion, and return that place.

    `dest` may be a directory that ends in `/`; without one the copy in the cache is named. With `template` both paths
    are rendered first. An empty text says that there is no such file, False that the directory of `dest` is missing and
    `makedirs` not set. Transfers choose by themselves whether they are compressed: `gzip` changes nothing.

    CLI Example::

        saltern run '*' cp.get_file salt://path/to/file /minion/dest
        saltern run '*' cp.get_file 'salt://{{grains.os}}/vimrc' /etc/vimrc template=jinja
    """
    source, target = rendered([path, dest], template, __salt__, _env(saltenv), kwargs)
    file = tree_path(source, _env(saltenv))
    found = _cache().bring(file)
    if found is None:
        log.error("Unable to fetch file %s from saltenv %s.", source, file.saltenv)
        return ""
    if not target:
        return str(found)
    place = Path(target, file.path.rpartition("/")[2]) if target.endswith("/") else Path(target)
    return _put(found, place, makedirs=makedirs)


def get_file_str(path: str, saltenv: str | None = None) -> str | bool:
    """The content of a file as text; False when there is no such file.

    CLI Example::

        saltern run '*' cp.get_file_str salt://my/file
    """
    place = cache_file(path, saltenv)
    return _text(Path(str(place))) if place else False


def get_template(
    path: str,
    dest: str,
    template: str = "jinja",
    saltenv: str | None = None,
    makedirs: bool = False,
    **kwargs: Any,
) -> str:
    """Render a file of the master's tree and write the result to a place on the minion; return that place.

    Further keywords are variables of the template. An empty text says that there is no such file, directory or
    renderer.

    CLI Example::

        saltern run '*' cp.get_template salt://path/to/template /minion/dest port=80
    """
    file = tree_path(path, _env(saltenv))
    if _cache().bring(file) is None:
        return ""
    if not __plugins__.table("renderers").functions_of(template):
        log.error("Attempted to render template with unavailable engine %s", template)
        return ""
    given = {key: value for key, value in kwargs.items() if not key.startswith("__")}
    text = __salt__["slsutil.renderer"](path, default_renderer=template, saltenv=file.saltenv, **given)
    place = Path(dest)
    if not place.parent.is_dir() and not makedirs:
        return ""
    with replacing(place, _mode_for(place)) as copy:
        copy.write(str(text).encode())
    return dest


def get_url(
    path: str, dest: str | None = "", saltenv: str | None = None, makedirs: bool = False, source_hash: str | None = None
) -> str | bool:
    """Get a file from a URL and return where it is.

    With `dest` it is put there; without, its copy in the cache is named; with `dest=None` the content is returned.
    False says that there is no such file in the master's tree.

    CLI Example::

        saltern run '*' cp.get_url salt://my/file /tmp/this_file_is_mine
        saltern run '*' cp.get_url https://www.example.org /tmp/index.html
    """
    found = cache_file(path, saltenv, source_hash)
    if not found:
        return False
    if dest is None:
        return _text(Path(str(found)))
    if not dest or _scheme(path) in ("", "file"):
        return found
    place = Path(dest, path.rpartition("/")[2]) if dest.endswith("/") else Path(dest)
    return _put(Path(str(found)), place, makedirs=makedirs)


def cache_file(
    path: str,
    saltenv: str | None = None,
    source_hash: str | None = None,
    verify_ssl: bool = True,
    use_etag: bool = False,
) -> str | bool:
    """Bring a file into the minion's cache and return the place of the copy; False when there is no such file.

    A path of the minion itself is returned as it is. A copy from another server that has the digest `source_hash`
    (`sha256=…`) is not read again; with `use_etag` the server is asked whether it is still good.

    CLI Example::

        saltern run '*' cp.cache_file salt://path/to/file
    """
    scheme = _scheme(path)
    if scheme == "salt":
        found = _cache().bring(tree_path(path, _env(saltenv)))
        if found is None:
            log.error("Unable to cache file '%s' from saltenv '%s'.", path, _env(saltenv))
            return False
        return str(found)
    if scheme in ("", "file"):
        return _own(path.removeprefix("file://"))
    return str(_from_server(path, _env(saltenv), source_hash, verify_ssl=verify_ssl, use_etag=use_etag))


def cache_dest(url: str, saltenv: str | None = None) -> str:
    """The place in the minion's cache that a file has or would have.

    CLI Example::

        saltern run '*' cp.cache_dest https://example.org/file
        saltern run '*' cp.cache_dest salt://my/file saltenv=dev
    """
    if _scheme(url) == "salt":
        return str(_cache().place_of(tree_path(url, _env(saltenv))))
    if _scheme(url) in ("", "file"):
        return _own(url.removeprefix("file://"))
    return str(_cache().outside(url, _env(saltenv)))


def cache_local_file(path: str) -> str:
    """Copy one of the minion's own files into its cache and return the place of the copy; empty without such a file.

    CLI Example::

        saltern run '*' cp.cache_local_file /etc/hosts
    """
    source = Path(path)
    if not source.is_file():
        return ""
    place = _cache().own(path)
    if digest_of(place) != digest_of(source):
        copied(source, place)
    return str(place)


def is_cached(path: str, saltenv: str | None = None) -> str:
    """The place of the minion's copy of a file; empty when it has none.

    CLI Example::

        saltern run '*' cp.is_cached salt://path/to/file
    """
    if _scheme(path) == "salt":
        places = [_cache().place_of(tree_path(path, _env(saltenv)))]
    elif _scheme(path):
        places = [_cache().outside(path, _env(saltenv))]
    else:
        places = [_cache().own(path)]
    return next((str(place) for place in places if place.exists()), "")


def hash_file(path: str, saltenv: str | None = None) -> dict[str, str] | str:
    """The digest of a file, `{"hash_type": str, "hsum": str}`; empty when there is no such file.

    CLI Example::

        saltern run '*' cp.hash_file salt://path/to/file
    """
    algorithm = str(__opts__.get("hash_type", "sha256"))
    if _scheme(path) == "salt":
        file = tree_path(path, _env(saltenv))
        digest = _cache().client.file_hash(file.saltenv, [file.path], algorithm).get(file.path, "")
    else:
        digest = digest_of(Path(path.removeprefix("file://")), algorithm)
    return {"hash_type": algorithm, "hsum": digest} if digest else ""


def stat_file(path: str, saltenv: str | None = None, octal: bool = True) -> str | int | None:
    """The mode of a file, as four octal digits or with `octal=False` as the number that stat(2) gives.

    CLI Example::

        saltern run '*' cp.stat_file salt://path/to/file
    """
    regular = 0o100000
    if _scheme(path) == "salt":
        file = tree_path(path, _env(saltenv))
        known = _cache().client.file_stat(file.saltenv, file.path)
        mode = None if known is None else regular | int(known["mode"])
    else:
        place = Path(path)
        mode = place.stat().st_mode if place.exists() else None
    if mode is None:
        return None
    return f"{mode & 0o7777:04o}" if octal else mode


# --- many files -----------------------------------------------------------------------------------------------------


def get_dir(
    path: str,
    dest: str,
    saltenv: str | None = None,
    template: str | None = None,
    gzip: int | None = None,
    **kwargs: Any,
) -> list[str]:
    """Copy a directory of the master's tree into a directory of the minion, and return the places of its files.

    CLI Example::

        saltern run '*' cp.get_dir salt://path/to/dir/ /minion/dest
    """
    source, target = rendered([path, dest], template, __salt__, _env(saltenv), kwargs)
    folder = tree_path(source.rstrip("/"), _env(saltenv))
    above = folder.path.rpartition("/")[0]
    places = []
    for name in _cache().files_below(folder):
        found = _cache().bring(TreePath(name, folder.saltenv))
        if found is not None:
            places.append(str(_put(found, Path(target, os.path.relpath(name, above or ".")), makedirs=True)))
    return places


def cache_files(paths: str | list[str], saltenv: str | None = None) -> list[str | bool]:
    """Bring several files into the minion's cache, as `cp.cache_file` does; a list, or names joined by commas.

    CLI Example::

        saltern run '*' cp.cache_files salt://pathto/file1,salt://pathto/file1
    """
    names = paths.split(",") if isinstance(paths, str) else paths
    return [cache_file(name, saltenv) for name in names]


def cache_dir(
    path: str,
    saltenv: str | None = None,
    include_empty: bool = False,
    include_pat: str | None = None,
    exclude_pat: str | None = None,
) -> list[str]:
    """Bring a directory into the minion's cache and return the places of its files.

    The patterns choose files by their paths: globs, or regular expressions behind `E@`.

    CLI Example::

        saltern run '*' cp.cache_dir salt://path/to/dir
        saltern run '*' cp.cache_dir salt://path/to/dir include_pat='E@*.py$'
    """
    from saltern.plugin_api.name_patterns import chooser

    folder, cache = tree_path(path, _env(saltenv)), _cache()
    chosen = chooser(include_pat, exclude_pat)
    files = (TreePath(name, folder.saltenv) for name in cache.files_below(folder) if chosen(name))
    places = [str(place) for place in map(cache.bring, files) if place is not None]
    if include_empty:
        for name in cache.client.file_empty_dirs(folder.saltenv, folder.path.rstrip("/")):
            place = cache.place_of(TreePath(name, folder.saltenv))
            place.mkdir(parents=True, exist_ok=True)
            places.append(str(place))
    return places


def cache_master(saltenv: str | None = None) -> list[str]:
    """Bring the whole tree of an environment into the minion's cache.

    CLI Example::

        saltern run '*' cp.cache_master
    """
    return cache_dir("salt://", saltenv)


# --- what there is --------------------------------------------------------------------------------------------------


def envs() -> list[str]:
    """The environments of the master's tree.

    CLI Example::

        saltern run '*' cp.envs
    """
    return _cache().client.file_envs()


def list_master(saltenv: str | None = None, prefix: str = "") -> list[str]:
    """The files of the master's tree.

    CLI Example::

        saltern run '*' cp.list_master
    """
    return _below(_cache().client.file_list(_env(saltenv)), prefix)


def list_master_dirs(saltenv: str | None = None, prefix: str = "") -> list[str]:
    """The directories of the master's tree.

    CLI Example::

        saltern run '*' cp.list_master_dirs
    """
    return _below(_cache().client.file_dirs(_env(saltenv)), prefix)


def list_master_symlinks(saltenv: str | None = None, prefix: str = "") -> dict[str, str]:
    """The links of the master's tree, each with what it says.

    CLI Example::

        saltern run '*' cp.list_master_symlinks
    """
    links = _cache().client.file_symlinks(_env(saltenv))
    return {name: links[name] for name in _below(links, prefix)}


def list_states(saltenv: str | None = None) -> list[str]:
    """The SLS files of the master's tree, by the names under which states include them.

    CLI Example::

        saltern run '*' cp.list_states
    """
    names = (name.removesuffix(".sls") for name in list_master(saltenv) if name.endswith(".sls"))
    return sorted(name.removesuffix("/init").replace("/", ".") for name in names)


def list_minion(saltenv: str | None = None) -> list[str]:
    """The files in the minion's cache.

    CLI Example::

        saltern run '*' cp.list_minion
    """
    return _cache().kept(_env(saltenv))


# --- to the master --------------------------------------------------------------------------------------------------


def push(path: str, keep_symlinks: bool = False, upload_path: str | None = None, remove_source: bool = False) -> bool:
    """Send a file to the master, which keeps it below `minions/<id>/files` in its cache when `file_recv` is set.

    `upload_path` is the path that it gets there instead of its own; with `keep_symlinks` a path through links is kept
    as it is written.

    CLI Example::

        saltern run '*' cp.push /etc/fstab
        saltern run '*' cp.push /etc/system-release keep_symlinks=True upload_path='/new/fstab'
    """
    if __master_request__ is None:
        raise CommandExecutionError("cp.push: this minion is not connected to a master.")
    if not os.path.isabs(path) or ".." in Path(path).parts:
        raise CommandExecutionError(f"cp.push: {path} is not an absolute path.")
    source = Path(path) if keep_symlinks else Path(path).resolve()
    if not source.is_file():
        log.error("Path '%s' is not a file that can be pushed", path)
        return False
    name = (upload_path or str(source)).lstrip("/")
    with source.open("rb") as file:
        offset = 0
        while True:
            piece = file.read(_PIECE)
            last = len(piece) < _PIECE
            __master_request__("file_push", {"path": name, "offset": offset, "data": piece, "last": last})
            offset += len(piece)
            if last:
                break
    if remove_source:
        source.unlink()
    return True


def push_dir(path: str, glob: str | None = None, upload_path: str | None = None) -> bool:
    """Send all files of a directory to the master, as `cp.push`; with `glob` those whose names fit.

    CLI Example::

        saltern run '*' cp.push_dir /etc/modprobe.d/ glob='*.conf'
    """
    folder = Path(path)
    if not folder.is_absolute() or not folder.is_dir():
        return False
    files = sorted(file for file in folder.rglob(glob or "*") if file.is_file())
    above = upload_path.rstrip("/") if upload_path else str(folder)
    pushed = [push(str(file), upload_path=f"{above}/{file.relative_to(folder)}") for file in files]
    return all(pushed)


# --- from a command of the operator ---------------------------------------------------------------------------------


def recv(files: dict[str, Any], dest: str) -> dict[str, bool]:
    """Write files that came with the job: what `saltern cp` calls. Whether each could be written, by place.

    CLI Example::

        saltern run '*' cp.recv files='{"motd": "hello"}' dest=/etc/motd
    """
    written = {}
    for name, content in files.items():
        place = Path(dest, os.path.basename(name)) if os.path.isdir(dest) or len(files) > 1 else Path(dest)
        try:
            _write(place, content.encode() if isinstance(content, str) else content, append=False)
            written[str(place)] = True
        except OSError as error:
            log.error("%s cannot be written: %s", place, error)
            written[str(place)] = False
    return written


def recv_chunked(
    dest: str, chunk: Any, append: bool = False, compressed: bool = True, mode: int | None = None
) -> bool | str:
    """Write a piece of a file that came with the job: what `saltern cp --chunked` calls. True, or what went wrong.

    `chunk` is base64 text (or bytes) and None for a file without content; `mode` is a number as stat(2) gives it.

    CLI Example::

        saltern run '*' cp.recv_chunked dest=/tmp/file chunk=aGVsbG8= compressed=False
    """
    import base64
    import zlib

    try:
        content = chunk if isinstance(chunk, bytes) else base64.b64decode(chunk or "")
        if compressed and content:
            content = zlib.decompress(content, wbits=zlib.MAX_WBITS | 32)
        place = Path(dest)
        if not append:
            place.parent.mkdir(parents=True, exist_ok=True)
        _write(place, content, append=append)
        if mode is not None:
            place.chmod(mode & 0o7777)
    except (OSError, ValueError, zlib.error) as error:
        return f"{dest}: {error}"
    return True


# --- steps ----------------------------------------------------------------------------------------------------------


def _cache() -> FileCache:
    return FileCache(__file_client__, str(__opts__.get("cachedir", "")))


def _env(saltenv: str | None) -> str:
    return str(saltenv or __opts__.get("saltenv") or "base")


def _scheme(url: str) -> str:
    scheme, mark, _ = url.partition("://")
    return scheme if mark else ""


def _own(path: str) -> str | Any:
    """A path of this host: itself where there is such a file, else False."""
    if not os.path.isabs(path):
        raise CommandExecutionError(f"Path '{path}' is not absolute")
    return path if os.path.exists(path) else False


def _from_server(url: str, saltenv: str, source_hash: str | None, *, verify_ssl: bool, use_etag: bool) -> Path:
    from saltern.plugin_api.downloads import SCHEMES, Download, download, download_object

    if _scheme(url) not in (*SCHEMES, "s3"):
        known = ", ".join(("salt", "file", *SCHEMES, "s3"))
        raise MinionError(f"Files are not read from {_scheme(url)}:// here. What can be read is: {known}.")
    place = _cache().outside(url, saltenv)
    algorithm, _, digest = (source_hash or "").rpartition("=")
    if digest and place.is_file() and digest_of(place, algorithm or "sha256") == digest.lower():
        return place
    if _scheme(url) == "s3":
        download_object(url, place, _s3_option)
        return place
    kept = place.with_name(f"{place.name}.etag")
    known = kept.read_text() if use_etag and place.is_file() and kept.is_file() else ""
    etag = download(url, place, Download(verify_ssl, known))
    if use_etag and etag:
        kept.write_text(etag)
    return place


def _s3_option(name: str) -> Any:
    """An option of S3: of the minion's configuration, or of its pillar below `s3`."""
    own = __opts__.get(f"s3.{name}")
    if own is not None and own != "":
        return own
    return (__pillar__.get("s3") or {}).get(name)


def _put(source: Path, place: Path, *, makedirs: bool) -> str | bool:
    if not place.parent.is_dir() and not makedirs:
        log.error("The directory %s does not exist; makedirs=True makes it", place.parent)
        return False
    copied(source, place)
    return str(place)


def _mode_for(place: Path) -> int:
    return place.stat().st_mode & 0o7777 if place.exists() else 0o644


def _text(place: Path) -> str:
    return place.read_bytes().decode(errors="surrogateescape")


def _below(names: Iterable[str], prefix: str) -> list[str]:
    """The names that begin like this; a prefix in Salt is a text and no directory."""
    wanted = prefix.lstrip("/")
    return [name for name in names if name.startswith(wanted)]


def _write(place: Path, content: bytes, *, append: bool) -> None:
    if append:
        with place.open("ab") as file:
            file.write(content)
        return
    with replacing(place, _mode_for(place)) as file:
        file.write(content)
