"""One copy of a tree: its index, which is replaced when all contents are there, and the contents by their names."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from saltern.files.mirrored.source import Listed, Listing, Source
from saltern.files.paths import is_inside
from saltern.plugin_api.file_cache import replacing
from saltern.plugin_api.mirror_folder import MirrorFolder

log = logging.getLogger(__name__)

_INDEX = "index"
_CONTENTS = "contents"
_AT_ONCE = 8
"""Contents that are fetched at the same time."""


class Held(msgspec.Struct, frozen=True, array_like=True):
    """A file of the copy. `digest` is SHA-256 in hex; `content` is the name of the file that holds it."""

    content: str
    size: int
    digest: str
    modified: float = 0.0


class Index(msgspec.Struct, frozen=True, array_like=True):
    """The files by environment and path, and the mark of the list that they are from."""

    mark: str = ""
    files: dict[str, dict[str, Held]] = {}


_NOTHING = Index()


class Mirror:
    """A copy in `folder`; may be used from any thread, and by other processes at the same time."""

    def __init__(self, folder: Path, source: Source) -> None:
        self.kept = MirrorFolder(folder)
        self._source = source
        self._seen: tuple[tuple[int, int], Index] = ((0, 0), _NOTHING)

    # --- what is here -----------------------------------------------------------------------------------------------

    def files(self, saltenv: str) -> Mapping[str, Held]:
        return self._index().files.get(saltenv, {})

    def envs(self) -> list[str]:
        return list(self._index().files)

    def place(self, held: Held) -> Path:
        return self._content(held.content)

    def _content(self, name: str) -> Path:
        return self.kept.path / _CONTENTS / name

    def _index(self) -> Index:
        try:
            status = (self.kept.path / _INDEX).stat()
        except OSError:
            return _NOTHING
        stamp = (status.st_mtime_ns, status.st_ino)
        if self._seen[0] != stamp:
            self._seen = (stamp, self._read_index())
        return self._seen[1]

    def _read_index(self) -> Index:
        try:
            return msgspec.msgpack.decode((self.kept.path / _INDEX).read_bytes(), type=Index)
        except (OSError, msgspec.MsgspecError) as error:
            log.error("the list of files from %s cannot be read: %s", self._source.address, error)
            return _NOTHING

    # --- the network ------------------------------------------------------------------------------------------------

    def fetch(self) -> bool:
        """Fetch what is new; whether anything is. Contents that were fetched before something failed are kept."""
        if self.kept.is_locked:
            log.warning("%s is locked and not fetched", self._source.address)
            return False
        with self.kept.alone():
            before = self._index()
            listing = self._source.listed(before.mark, self.kept.path)
            files = before.files if listing is None else self._fetched(listing, before)
            if listing is not None and (files, listing.mark) != (before.files, before.mark):
                with replacing(self.kept.path / _INDEX) as file:
                    file.write(msgspec.msgpack.encode(Index(listing.mark, files)))
                self._drop_others(before.files, files)
            self.kept.mark_fetched()
            return files != before.files

    def _fetched(self, listing: Listing, before: Index) -> dict[str, dict[str, Held]]:
        (self.kept.path / _CONTENTS).mkdir(mode=0o700, exist_ok=True)
        self._bring({
            listed.content: (saltenv, path, listed)
            for saltenv, files in listing.files.items()
            for path, listed in files.items()
            if is_inside(path) and not self._content(listed.content).is_file()
        })  # fmt: skip
        known = {held.content: held for files in before.files.values() for held in files.values()}
        return {
            saltenv: {
                path: held
                for path, listed in files.items()
                if is_inside(path) and (held := self._held(listed, known)) is not None
            }
            for saltenv, files in listing.files.items()
        }

    def _bring(self, missing: Mapping[str, tuple[str, str, Listed]]) -> None:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            tasks = [pool.submit(self._source.fetch, *about, self._content(name)) for name, about in missing.items()]
            try:
                for task in tasks:
                    task.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def _held(self, listed: Listed, known: dict[str, Held]) -> Held | None:
        """What is here of a file that is listed; None when it was gone when it should be fetched."""
        if listed.content not in known:
            try:
                with self._content(listed.content).open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                    known[listed.content] = Held(listed.content, os.fstat(file.fileno()).st_size, digest)
            except FileNotFoundError:
                return None
        return msgspec.structs.replace(known[listed.content], modified=listed.modified)

    def _drop_others(self, *kept: Mapping[str, Mapping[str, Held]]) -> None:
        """Remove contents that no file has now or had before: who has just looked up a file still reads it."""
        names = {held.content for index in kept for files in index.values() for held in files.values()}
        for place in _all_in(self.kept.path / _CONTENTS):
            if place.name not in names:
                place.unlink(missing_ok=True)


def _all_in(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        yield from (Path(entry.path) for entry in entries)
