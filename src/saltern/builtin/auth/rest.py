"""Asks a web service: `external_auth: rest: ^url` names it.

It is sent `username` and `password` as a form by POST. The status 200 lets the user in, and no other: a
redirection is not followed. If the answer then is a JSON list (or has one as `return`), those are the user's
permissions, in the form of `external_auth`.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from saltern.plugin_api import CommandExecutionError, Context, Opts

__opts__: Opts
__context__: Context

_SECONDS = 15
_MOST_BYTES = 1024 * 1024


def auth(username: str, password: str) -> bool:
    """Whether the service answers with 200. A service that does not answer is an error, and lets nobody in."""
    url = str(((__opts__.get("external_auth") or {}).get("rest") or {}).get("^url") or "")
    if urlsplit(url).scheme not in ("http", "https"):
        raise CommandExecutionError("external_auth: rest: ^url has to be a URL of http or https")
    form = urlencode({"username": username, "password": password}).encode()
    request = Request(url, form, {"Accept": "application/json"})
    try:
        with build_opener(_Staying).open(request, timeout=_SECONDS) as answer:
            let_in: bool = answer.status == 200
            __context__[f"auth.rest:{username}"] = _permissions(answer.read(_MOST_BYTES)) if let_in else None
    except HTTPError as error:
        error.close()
        return False
    return let_in


class _Staying(HTTPRedirectHandler):
    """Follows no redirection: many a service sends whom it refuses to its login page, which answers with 200."""

    def redirect_request(self, *_: Any) -> None:
        return None


def acl(username: str) -> list[Any] | None:
    """The permissions that the service told when it let the user in; None when it told none."""
    found: list[Any] | None = __context__.get(f"auth.rest:{username}")
    return found


def _permissions(body: bytes) -> list[Any] | None:
    try:
        told = json.loads(body)
    except ValueError:
        return None
    if isinstance(told, dict):
        told = told.get("return")
    return told if isinstance(told, list) else None
