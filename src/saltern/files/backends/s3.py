"""A tree of files from buckets of a store that speaks S3: Salt's s3fs (behaviour FS-07)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from saltern.errors import ConfigError
from saltern.files.mirrored.source import Listed, Listing
from saltern.files.mirrored.tree import MirroredTree
from saltern.files.paths import is_environment
from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.file_cache import replacing
from saltern.plugin_api.object_store import ObjectStore, StoredObject
from saltern.plugin_api.object_store_options import store_of

_INTERVAL = 30.0


class Bucket(NamedTuple):
    """A bucket as a `mirrored.source.Source`: of one environment, or (empty) with one in each of its directories."""

    store: ObjectStore
    saltenv: str = ""
    interval: float = _INTERVAL

    @property
    def address(self) -> str:
        return f"s3://{self.store.bucket}"

    @property
    def identity(self) -> tuple[str, ...]:
        return self.store.endpoint, self.store.bucket, self.saltenv

    def listed(self, mark: str, work: Path) -> Listing | None:
        files: dict[str, dict[str, Listed]] = {self.saltenv: {}} if self.saltenv else {}
        for one in self.store.objects():
            saltenv, path = (self.saltenv, one.key) if self.saltenv else _parted(one.key)
            if path and is_environment(saltenv) and not path.endswith("/"):  # else the mark of a directory
                files.setdefault(saltenv, {})[path] = Listed(_content(one), one.modified)
        return Listing(files)

    def fetch(self, saltenv: str, path: str, listed: Listed, place: Path) -> bool:
        key = path if self.saltenv else f"{saltenv}/{path}"
        try:
            with replacing(place) as file:
                etag = self.store.download(key, file)
                if etag is None:
                    raise _Gone
                if etag and listed.content != _name(etag, file.tell()):
                    raise CommandExecutionError(f"{self.address}/{key} has changed since it was listed")
        except _Gone:
            return False
        return True


class _Gone(Exception):
    """The object was deleted since it was listed."""


def s3_tree(buckets: Any, option: Callable[[str], Any], folder: Path) -> MirroredTree:
    """The tree of Salt's option `s3.buckets`; `option` gives the other ones by their names without `s3.`."""
    interval = float(option("s3_cache_expire") or _INTERVAL)
    if isinstance(buckets, Mapping):
        pairs = [(str(env), str(name)) for env, names in buckets.items() for name in _names(names)]
    else:
        pairs = [("", str(name)) for name in _names(buckets)]
    return MirroredTree("s3fs", [Bucket(store_of(name, option), env, interval) for env, name in pairs], folder)


def _names(given: Any) -> list[str]:
    names = [given] if isinstance(given, str) else given
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise ConfigError(
            "s3.buckets: expected a list of buckets, or a list for each environment",
            hint="s3.buckets: {base: [my-bucket]} serves one bucket as the environment base.",
        )
    return names


def _parted(key: str) -> tuple[str, str]:
    saltenv, _, path = key.partition("/")
    return saltenv, path


def _content(one: StoredObject) -> str:
    return _name(one.etag, one.size) if one.etag else _name(one.key, one.size, one.modified)


def _name(*about: object) -> str:
    return hashlib.sha256("\0".join(map(str, about)).encode()).hexdigest()
