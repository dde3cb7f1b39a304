"""Bring plugins from the file tree's `_<kind>` directories to this host (behaviour LDR-08)."""

from __future__ import annotations

import contextlib
import fnmatch
import hashlib
import os
from pathlib import Path

from saltern.plugin_api.errors import CommandExecutionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from saltern.plugin_api.types import FileClient, Opts

    Listing = str | Sequence[str] | None
    """Names: a list, or a text in which commas part them; nothing at all is None or empty."""

_FOLDERS = {"proxymodules": "proxy"}
"""The directories that are not called as their kind."""


_SUFFIXES = (".py", ".pyx", ".so", ".zip")
"""Of the files in those directories Salt brings these alone."""


class Tree:
    """The file tree as a source of plugins for the directory `extmods`, with the lists that `opts` hold."""

    def __init__(self, client: FileClient, extmods: Path, opts: Opts) -> None:
        self._client = client
        self._extmods = extmods
        self._opts = opts

    def sync(self, kind: str, saltenv: Listing, whitelist: Listing, blacklist: Listing) -> tuple[list[str], bool]:
        """Bring one kind, as `sync_kind`. Where no list is given the configured one counts."""
        folder = _FOLDERS.get(kind, kind)
        return sync_kind(
            self._client,
            folder,
            self._extmods / folder,
            _listed(saltenv) or ["base"],
            whitelist=_listed(whitelist) or self._configured("extmod_whitelist", kind),
            blacklist=_listed(blacklist) or self._configured("extmod_blacklist", kind),
            clean=bool(self._opts.get("clean_dynamic_modules", True)),
        )

    def _configured(self, option: str, kind: str) -> list[str]:
        return _listed(self._opts.get(option, {}).get(kind))


def brought(extmods: Path) -> dict[str, list[str]]:
    """The names of the plugins that were brought to the directory `extmods`, by kind, all sorted."""
    if not extmods.is_dir():
        return {}
    return {
        folder.name: names
        for folder in sorted(extmods.iterdir())
        if folder.is_dir()
        and (names := sorted({path.name.partition(".")[0] for path in folder.rglob("*") if path.suffix in _SUFFIXES}))
    }


def sync_kind(
    client: FileClient,
    folder: str,
    destination: Path,
    saltenvs: Sequence[str],
    *,
    whitelist: Sequence[str] | None = None,
    blacklist: Sequence[str] | None = None,
    clean: bool = True,
) -> tuple[list[str], bool]:
    """Make `destination` equal to `_<folder>` of the environments, of which the first that has a file wins.

    The modules that are new or changed, as `<folder>.<name>`, sorted, and whether anything is different now: with
    `clean` what vanished from the tree, and what the lists keep out, is removed. Whitelist and blacklist hold globs of
    module names.
    """
    wanted = _wanted(client, folder, saltenvs, whitelist, blacklist)
    changed = [_fetch(client, place, destination / name) for name, place in wanted.items()]
    removed = _remove_others(destination, set(wanted)) if clean else 0
    names = sorted(_module_name(folder, name) for name, is_new in zip(wanted, changed, strict=True) if is_new)
    return names, bool(names or removed)


def _listed(names: Listing) -> list[str]:
    if not names:
        return []
    parts = names.split(",") if isinstance(names, str) else names
    return [str(part).strip() for part in parts]


_Place = tuple[str, str, str]
"""Environment, path and digest of a file in the tree."""


def _wanted(
    client: FileClient,
    folder: str,
    saltenvs: Iterable[str],
    whitelist: Sequence[str] | None,
    blacklist: Sequence[str] | None,
) -> dict[str, _Place]:
    found: dict[str, _Place] = {}
    prefix = f"_{folder}/"
    for saltenv in saltenvs:
        paths = [path for path in client.file_list(saltenv, f"_{folder}") if _is_plain(path, prefix)]
        for path, digest in client.file_hash(saltenv, paths).items():
            name = path[len(prefix) :]
            if name not in found and _is_let_in(name, whitelist, blacklist):
                found[name] = (saltenv, path, digest)
    return found


def _is_plain(path: str, prefix: str) -> bool:
    """Whether a path stays below its directory, and is code that can be loaded."""
    parts = path.split("/")
    within = path.startswith(prefix) and not {"", ".", "..", "__pycache__"}.intersection(parts) and "\0" not in path
    return within and path.endswith(_SUFFIXES)


def _is_let_in(name: str, whitelist: Sequence[str] | None, blacklist: Sequence[str] | None) -> bool:
    module = name.partition(".")[0]
    if any(fnmatch.fnmatchcase(module, glob) for glob in blacklist or ()):
        return False
    return not whitelist or any(fnmatch.fnmatchcase(module, glob) for glob in whitelist)


def _fetch(client: FileClient, place: _Place, target: Path) -> bool:
    """Fetch a file that differs; whether it did. What is there stays whole until the new file is."""
    saltenv, path, digest = place
    if _digest_of(target) == digest:
        return False
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with open(scratch, "wb", opener=_private) as file:
            while piece := client.file_read(saltenv, path, file.tell()):
                file.write(piece)
        if _digest_of(scratch) != digest:
            raise CommandExecutionError(f"{path} of {saltenv} changed while it was read")
        scratch.replace(target)
    finally:
        scratch.unlink(missing_ok=True)
    _remove_byte_code(target)
    return True


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def _digest_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _remove_byte_code(source: Path) -> None:
    """Byte code is matched by size and whole seconds, so a change within a second could go unseen."""
    for compiled in (source.parent / "__pycache__").glob(f"{source.stem}.*.pyc"):
        compiled.unlink(missing_ok=True)


def _remove_others(destination: Path, names: set[str]) -> int:
    """Remove files that are not among `names` and directories left empty; how many files there were."""
    removed = 0
    for path in sorted(destination.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            with contextlib.suppress(OSError):
                path.rmdir()
        elif path.relative_to(destination).as_posix() not in names and path.parent.name != "__pycache__":
            path.unlink(missing_ok=True)
            _remove_byte_code(path)
            removed += 1
    return removed


def _module_name(folder: str, name: str) -> str:
    return f"{folder}." + name.rpartition(".")[0].replace("/", ".")
