"""A tree of files from web servers, which hold the files and a list of them as `sha256sum` writes it (FS-07)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import msgspec

from saltern.errors import ConfigError
from saltern.files.mirrored.source import Listed, Listing
from saltern.files.mirrored.tree import MirroredTree
from saltern.files.paths import is_inside
from saltern.files.remote_options import with_options
from saltern.plugin_api.downloads import Download, download
from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.file_cache import digest_of

_LINE = re.compile(r"(\\?)([0-9a-fA-F]{64}) [ *](.+)")
_ESCAPED = re.compile(r"\\(.)")
_MEANT = {"n": "\n", "r": "\r", "\\": "\\"}
_NEW_LIST = "new-list"


class WebRemote(msgspec.Struct, frozen=True, kw_only=True):
    """A list of files on a web server, as a `mirrored.source.Source`. Paths in the list start where the list lies."""

    url: str
    saltenv: str = "base"
    mountpoint: str = ""
    user: str = ""
    password: str = ""
    insecure_auth: bool = False
    ssl_verify: bool = True
    update_interval: int = 60

    @property
    def address(self) -> str:
        return _without_login(self.url)

    @property
    def identity(self) -> tuple[str, ...]:
        return self.url, self.saltenv, self.mountpoint

    @property
    def interval(self) -> float:
        return self.update_interval

    def listed(self, mark: str, work: Path) -> Listing | None:
        place = work / _NEW_LIST
        place.unlink(missing_ok=True)
        etag = download(self._with_login(self.url), place, Download(self.ssl_verify, mark))
        if not place.is_file():
            return None
        text = place.read_bytes().decode("utf-8", "surrogateescape")
        place.unlink()
        start = self.mountpoint.removeprefix("salt://").strip("/")
        above = f"{start}/" if start else ""
        found = {f"{above}{path}": Listed(digest) for path, digest in _lines(text, self.address)}
        return Listing({self.saltenv: found}, etag)

    def fetch(self, saltenv: str, path: str, listed: Listed, place: Path) -> bool:
        start = self.mountpoint.removeprefix("salt://").strip("/")
        inner = path.removeprefix(f"{start}/") if start else path
        url = urljoin(self.url, quote(inner, errors="surrogateescape"))
        part = place.with_name(f"{place.name}.part")
        try:
            download(self._with_login(url), part, Download(self.ssl_verify))
            if digest_of(part) != listed.content:
                raise CommandExecutionError(f"{_without_login(url)} has another digest than the list of files says")
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)
        return True

    def _with_login(self, url: str) -> str:
        if not self.user:
            return url
        parts = urlsplit(url)
        if parts.scheme != "https" and not self.insecure_auth:
            raise CommandExecutionError(
                f"a password would go to {self.address} in the clear: the option insecure_auth allows that"
            )
        login = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc.rpartition('@')[2]}"))


def web_tree(remotes: Any, shared: Mapping[str, Any], folder: Path) -> MirroredTree:
    """The tree of the option `httpfs_remotes`; `shared` are options for all of them."""
    if not isinstance(remotes, list):
        raise ConfigError("httpfs_remotes has to be a list of URLs")
    return MirroredTree("httpfs", [_remote(entry, shared) for entry in remotes], folder)


def _remote(entry: Any, shared: Mapping[str, Any]) -> WebRemote:
    url, own = with_options(entry, "httpfs_remotes")
    shown = _without_login(url)
    if urlsplit(url).scheme not in ("http", "https"):
        raise ConfigError(f"httpfs_remotes: {shown} is no http or https URL")
    wrong = sorted(set(own) - set(WebRemote.__struct_fields__))
    if wrong:
        raise ConfigError(f"httpfs_remotes: {shown} has no option {wrong[0]!r}")
    try:
        return msgspec.convert({**shared, **own, "url": url}, WebRemote, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError(f"httpfs_remotes: {shown}: {error}") from error


def _lines(text: str, address: str) -> list[tuple[str, str]]:
    """Paths and digests of a list. One line that cannot be read makes the whole list unusable: it may be cut."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line)
        path = "" if match is None else _path(match[3], escaped=bool(match[1]))
        if match is None or not is_inside(path):
            raise CommandExecutionError(f"{address}:{number}: expected a SHA-256 digest and a path within the tree")
        found.append((path, match[2].lower()))
    return found


def _path(text: str, *, escaped: bool) -> str:
    named = _ESCAPED.sub(lambda found: _MEANT.get(found[1], found[0]), text) if escaped else text
    return named.removeprefix("./")


def _without_login(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))
