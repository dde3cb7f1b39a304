"""The source of a managed file brought here: found, verified, rendered."""

from __future__ import annotations

import os
import tempfile
from typing import Any, NamedTuple

from saltern.plugin_api.errors import CommandExecutionError, MinionError
from saltern.plugin_api.filesystem import digests, sources
from saltern.plugin_api.filesystem.sources import Signed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from saltern.plugin_api.types import Functions, Rendering

ENGINES = ("cheetah", "genshi", "jinja", "mako", "py", "wempy")
"""The renderers that make text of a text."""

_TEMPORARY_PREFIX = "saltern-rendered-"


class Wish(NamedTuple):
    """A source, and how it is to be verified."""

    source: Any = None
    source_hash: Any = None
    source_hash_name: str | None = None
    saltenv: str = "base"
    skip_verify: bool = False
    verify_ssl: bool = True
    use_etag: bool = False
    signed: Signed = Signed()


class Fetched(NamedTuple):
    """A source on this host: `path` (empty: not fetched yet), its digest, and what went wrong."""

    path: str = ""
    digest: dict[str, str] = {}  # noqa: RUF012 (a fresh one is given wherever it is filled)
    fault: str = ""


class Fetcher:
    """Brings sources here through the functions of `cp`, and renders them, with the pillar of functions."""

    def __init__(self, functions: Functions, rendering: Rendering | None, pillar: Mapping[str, Any]) -> None:
        self._functions = functions
        self._rendering = rendering
        self._pillar = pillar

    def fetch(self, name: str, wish: Wish, template: str | None = None, variables: Any = None) -> Fetched:
        """The source of a file. What is not there or does not verify is a fault, not an exception.

        A plain file of the tree is only asked for its digest: it is fetched when it turns out to differ.
        """
        if not wish.source:
            return Fetched()
        source = str(wish.source)
        try:
            scheme = sources.scheme_of(source)
            if scheme == "salt":
                return self._from_tree(source, wish, template, variables)
            found = (
                self._from_host(name, source, wish) if scheme in ("", "file") else self._from_web(name, source, wish)
            )
            if found.fault or not found.path:
                return found
            return self._rendered(found, source, wish, template, variables) if template else found
        except (CommandExecutionError, MinionError) as error:
            return Fetched(fault=str(error))

    def cached(self, wish: Wish, digest: dict[str, str]) -> str:
        """The path of the source on this host, fetched if it has to be; empty where there is none."""
        source = str(wish.source)
        if sources.scheme_of(source) in ("", "file"):
            path = sources.local_path(source)
            return path if os.path.exists(path) else ""
        # What the file tree has is what it says it has; other sources must have the digest that was asked for.
        expected = digest.get("hsum") if sources.scheme_of(source) != "salt" else None
        path = self._functions["cp.cache_file"](
            source, wish.saltenv, source_hash=expected, verify_ssl=wish.verify_ssl, use_etag=wish.use_etag
        )
        return str(path or "")

    def render(self, text: str, template: str, variables: Mapping[str, Any], saltenv: str, source: str = "") -> str:
        """A text through a template engine."""
        if template not in ENGINES:
            raise CommandExecutionError(f"Specified template format {template} is not supported")
        if self._rendering is None:
            raise CommandExecutionError("This process cannot render templates: it was made without a renderer")
        path = sources.tree_path(source, saltenv)[0] if source.startswith("salt://") else ""
        done = self._rendering.text(
            text,
            renderers=template,
            saltenv=saltenv,
            sls=None,
            file=source,
            path=path,
            tmplpath=path or source or ":string:",
            variables={"pillar": self._pillar},
            context=variables,
        )
        data = done.data
        return str(data.read() if hasattr(data, "read") else data)

    def _from_tree(self, source: str, wish: Wish, template: str | None, variables: Any) -> Fetched:
        digest = self._functions["cp.hash_file"](source, wish.saltenv)
        if not digest:
            return Fetched(fault=f"Source file {source} not found in saltenv '{wish.saltenv}'")
        found = Fetched("", dict(digest))
        if wish.signed.signature:
            found = found._replace(path=self.cached(wish, found.digest))
            sources.verify(found.path, wish.signed.signature, wish.signed, wish.saltenv, self._functions)
        if not template:
            return found
        found = found._replace(path=self.cached(wish, found.digest))
        if not found.path:
            return Fetched(fault=f"Source file '{source}' not found")
        return self._rendered(found, source, wish, template, variables)

    def _from_host(self, name: str, source: str, wish: Wish) -> Fetched:
        path = sources.local_path(source)
        if not os.path.exists(path):
            return Fetched(fault=f"Local file source {path} does not exist")
        if wish.source_hash and not wish.skip_verify:
            return Fetched(path, self._expected(name, source, wish))
        return Fetched(path, {"hsum": digests.of_file(path), "hash_type": "sha256"})

    def _from_web(self, name: str, source: str, wish: Wish) -> Fetched:
        digest: dict[str, str] = {}
        if wish.source_hash and not wish.skip_verify:
            digest = self._expected(name, source, wish)
        elif not wish.skip_verify and not wish.use_etag and not wish.signed.signature:
            return Fetched(
                fault=f"Unable to verify upstream hash of source file {source}, please set source_hash or set "
                "skip_verify to True"
            )
        try:
            path = self.cached(wish, digest)
        except (CommandExecutionError, MinionError) as error:
            return Fetched(fault=f"Failed to cache {source}: {error}")
        if not path:
            return Fetched(fault=f"Failed to cache {source}")
        if wish.signed.signature:
            sources.verify(path, wish.signed.signature, wish.signed, wish.saltenv, self._functions)
        return Fetched(path, digest or {"hsum": digests.of_file(path), "hash_type": "sha256"})

    def _expected(self, name: str, source: str, wish: Wish) -> dict[str, str]:
        return sources.digest_of(
            wish.source_hash,
            name,
            source,
            wish.source_hash_name,
            wish.saltenv,
            self._functions,
            wish.signed,
            wish.verify_ssl,
        )

    def _rendered(self, found: Fetched, source: str, wish: Wish, template: str, variables: Any) -> Fetched:
        if template not in ENGINES:
            return Fetched(found.path, {}, f"Specified template format {template} is not supported")
        complaint = mismatch(found.path, found.digest, source)
        if complaint:
            return Fetched(fault=complaint)
        with open(found.path, encoding="utf-8", newline="") as file:
            text = file.read()
        try:
            result = self.render(text, template, variables, wish.saltenv, source)
        except Exception as error:  # a template runs code of its own, and whatever that raises is its fault
            return Fetched(found.path, {}, str(error))
        handle, path = tempfile.mkstemp(prefix=_TEMPORARY_PREFIX)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(result)
        return Fetched(path, {"hash_type": "sha256", "hsum": digests.of_file(path)})


def mismatch(path: str, digest: dict[str, str], name: str) -> str:
    """What to say of a file that does not have a digest; empty where it does, or none is asked for."""
    if not digest.get("hsum"):
        return ""
    actual = digests.of_file(path, digest["hash_type"])
    if actual == digest["hsum"]:
        return ""
    form, expected = digest["hash_type"], digest["hsum"]
    return f"Specified {form} checksum for {name} ({expected}) does not match actual checksum ({actual})"


def is_temporary(path: str) -> bool:
    """Whether a file was rendered for one use."""
    return os.path.basename(path).startswith(_TEMPORARY_PREFIX) and os.path.isfile(path)


def drop_temporary(path: str) -> None:
    """Remove a rendered file that is not needed any more; any other file stays."""
    if is_temporary(path):
        os.unlink(path)
