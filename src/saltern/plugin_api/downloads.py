"""Files from other servers: `http`, `https`, `ftp` and `s3`."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from saltern.plugin_api.errors import CommandExecutionError, MinionError
from saltern.plugin_api.file_cache import digest_of, replacing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMES = ("http", "https", "ftp")
"""What `download` reads; objects of `s3` are read by `download_object`."""
_SECONDS = 60
_NOT_MODIFIED = 304


class Download(NamedTuple):
    """How to read a URL: whether certificates are verified, and the `ETag` of the copy that is there."""

    verify_ssl: bool = True
    etag: str = ""


def download(url: str, place: Path, how: Download | None = None) -> str:
    """Read a URL into a file, which is replaced when the new one is whole; its `ETag`, or an empty text.

    When the server says that the copy with the given `ETag` is still good, it stays. `MinionError` when the file cannot
    be read: the message has neither a password nor a query.
    """
    import http.client
    import ssl
    import urllib.error
    import urllib.request

    options = how or Download()
    context = ssl.create_default_context()
    if not options.verify_ssl:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        request = _request(url, options.etag)
        with urllib.request.urlopen(request, timeout=_SECONDS, context=context) as answer:  # noqa: S310  (see SCHEMES)
            with replacing(place) as file:
                shutil.copyfileobj(answer, file)
            return str(answer.headers.get("ETag") or "")
    except urllib.error.HTTPError as error:
        if error.code == _NOT_MODIFIED:
            return options.etag
        raise MinionError(f"Error: HTTP {error.code}: {error.reason} reading {_shown(url)}") from error
    except urllib.error.URLError as error:
        raise MinionError(_unread(url, error.reason)) from error
    except (OSError, http.client.HTTPException) as error:
        raise MinionError(_unread(url, error)) from error


def download_object(url: str, place: Path, option: Callable[[str], Any]) -> None:
    """Read `s3://bucket/key` into a file, unless that is the object already.

    `option` gives Salt's options by their names without `s3.`. `MinionError` when the object cannot be read.
    """
    from saltern.plugin_api.object_store_options import store_of

    parts = urlsplit(url)
    store, key = store_of(parts.netloc, option), parts.path.lstrip("/")
    try:
        tag = store.tag(key)
        if tag is None:
            raise CommandExecutionError("there is no such object")
        if tag and tag == digest_of(place, "md5"):
            return
        with replacing(place) as file:
            if store.download(key, file) is None:
                raise CommandExecutionError("the object was deleted a moment ago")
    except (CommandExecutionError, OSError) as error:
        raise MinionError(f"Could not fetch from {url}. Exception: {error}") from error


def _unread(url: str, reason: object) -> str:
    if urlsplit(url).scheme == "ftp":
        return f"Could not retrieve {_shown(url)} from FTP server. Exception: {reason}"
    return f"Error: {reason} reading {_shown(url)}"


def _request(url: str, etag: str) -> Any:
    import urllib.request

    parts = urlsplit(url)
    login, _, host = parts.netloc.rpartition("@")
    if parts.scheme == "ftp" or not login:
        request = urllib.request.Request(url)  # noqa: S310  (only the schemes above come here)
    else:
        request = urllib.request.Request(urlunsplit(parts._replace(netloc=host)))  # noqa: S310
        token = base64.b64encode(unquote(login).encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
    if etag:
        request.add_header("If-None-Match", etag)
    return request


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))
