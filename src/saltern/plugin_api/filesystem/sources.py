"""Where the contents of a managed file come from: the file tree, this host, a URL; and which digest they must have."""

from __future__ import annotations

import os
import urllib.parse
from typing import Any, NamedTuple

from saltern.plugin_api.errors import CommandExecutionError, MinionError
from saltern.plugin_api.filesystem import digests

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from saltern.plugin_api.types import Functions

REMOTE = ("http", "https", "ftp", "swift", "s3")
_PROTOCOLS = ("salt", "file", *REMOTE)
_NONE_FOUND = "none of the specified sources were found"


class Signed(NamedTuple):
    """How the signature of a source, or of its file of checksums, is verified; empty: not at all."""

    signature: Any = None
    source_hash_sig: Any = None
    signed_by_any: Any = None
    signed_by_all: Any = None
    keyring: str | None = None
    gnupghome: str | None = None
    backend: str = "gpg"


def scheme_of(source: str) -> str:
    """The scheme of a URL; empty for a path on this host."""
    scheme = urllib.parse.urlsplit(source).scheme
    return scheme if scheme in _PROTOCOLS else ""


def local_path(source: str) -> str:
    """The path that a local source names, as a path or as a `file://` URL."""
    return urllib.parse.urlsplit(source).path if scheme_of(source) == "file" else source


def tree_path(source: str, saltenv: str) -> tuple[str, str]:
    """The path in the file tree that a `salt://` URL names, and its environment (`?saltenv=dev`)."""
    path, _, query = source.removeprefix("salt://").partition("?")
    return path, urllib.parse.parse_qs(query).get("saltenv", [saltenv])[0]


def first_available(source: Any, source_hash: Any, saltenv: str, functions: Functions) -> tuple[Any, Any]:
    """The first of a list of sources that is there, with its hash; one alone is not looked at."""
    if not isinstance(source, list):
        return source, source_hash
    for candidate, its_hash in _candidates(source, source_hash):
        if _is_there(candidate, saltenv, functions):
            return candidate, its_hash
    raise CommandExecutionError(_NONE_FOUND)


def digest_of(
    source_hash: Any,
    file_name: str,
    source: str,
    name_in_list: str | None,
    saltenv: str,
    functions: Functions,
    signed: Signed = Signed(),  # noqa: B008  (immutable)
    verify_ssl: bool = True,
) -> dict[str, str]:
    """`hash_type` and `hsum` by a `source_hash`: a digest, `algorithm=digest`, or a file of checksums somewhere."""
    text = "" if source_hash is None else str(source_hash)
    if text.startswith("/") or scheme_of(text):
        listing = _listing(text, saltenv, functions, verify_ssl)
        if signed.source_hash_sig:
            verify(listing, signed.source_hash_sig, signed, saltenv, functions)
        found = digests.find_published(listing, "", file_name, source, name_in_list)
        if found is None:
            raise CommandExecutionError(
                f"No matching hash for {name_in_list or source or file_name} was found in source_hash file {text}"
            )
        return found
    form, separator, digest = text.partition("=")
    if not separator:
        form, digest = digests.algorithm_of(text) or "", text
    _refuse_unsupported(form, digest, text)
    return {"hash_type": form, "hsum": digest.lower()}


def verify(path: str, signature: Any, signed: Signed, saltenv: str, functions: Functions) -> None:
    """Check a detached signature by the module that the back end names; raises `CommandExecutionError`."""
    where = functions["cp.cache_file"](signature, saltenv) if signature is not True else None
    if signature is not True and not where:
        raise CommandExecutionError(f"Detached signature file {signature} not found")
    answer = functions[f"{signed.backend}.verify"](
        filename=path,
        signature=where,
        keyring=signed.keyring,
        gnupghome=signed.gnupghome,
        signed_by_any=signed.signed_by_any,
        signed_by_all=signed.signed_by_all,
    )
    if answer.get("res") is not True:
        raise CommandExecutionError(f"Failed verifying {path}: {answer.get('message', 'the signature is not valid')}")


def _listing(source_hash: str, saltenv: str, functions: Functions, verify_ssl: bool) -> str:
    if scheme_of(source_hash) in ("", "file"):
        return local_path(source_hash)
    path = functions["cp.cache_file"](source_hash, saltenv, verify_ssl=verify_ssl)
    if not path:
        raise CommandExecutionError(f"Source hash file {source_hash} not found")
    return str(path)


def _refuse_unsupported(form: str, digest: str, text: str) -> None:
    known = digests.LENGTHS.get(form)
    if known is None and form and digests.algorithm_of(digest):
        names = ", ".join(reversed(digests.LENGTHS))
        raise CommandExecutionError(
            f"Invalid hash type '{form}'. Supported hash types are: {names}. Either remove the hash type and simply "
            f"use '{digest}' as the source_hash, or change the hash type to a supported type."
        )
    if known is None or len(digest) != known or not digests.algorithm_of(digest):
        raise CommandExecutionError(
            f"Source hash {text} format is invalid. The supported formats are: 1) a hash, 2) an expression in the "
            "format <hash_type>=<hash>, or 3) either a path to a local file containing hashes, or a URI of a remote "
            f"hash file. Supported protocols for remote hash files are: {', '.join(_PROTOCOLS)}. The hash may also not "
            f"be of a valid length, the following are supported hash types and lengths: {digests.lengths_text()}."
        )


def _candidates(source: list[Any], source_hash: Any) -> Iterator[tuple[str, Any]]:
    for entry in source:
        if isinstance(entry, dict):
            if len(entry) == 1:
                name, its_hash = next(iter(entry.items()))
                yield str(name), its_hash or source_hash
        elif isinstance(entry, str):
            yield entry, source_hash


def _is_there(source: str, saltenv: str, functions: Functions) -> bool:
    scheme = scheme_of(source)
    if scheme == "salt":
        path, saltenv = tree_path(source, saltenv)
        if functions["cp.hash_file"](f"salt://{path}", saltenv):
            return True
        return path.rstrip("/") in functions["cp.list_master_dirs"](saltenv)
    if scheme == "s3":
        return _can_be_cached(source, saltenv, functions)
    if scheme in REMOTE:
        return _answers(source)
    return os.path.exists(local_path(source))


def _can_be_cached(source: str, saltenv: str, functions: Functions) -> bool:
    try:
        return bool(functions["cp.cache_file"](source, saltenv))
    except MinionError:
        return False


def _answers(url: str) -> bool:
    import urllib.error
    import urllib.request

    method = "HEAD" if url.startswith("http") else None
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=30):  # noqa: S310 (scheme known)
            return True
    except (OSError, ValueError):
        return False
