"""Pillar data from a URL in which the minion's id and grains are put in."""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from saltern.plugin_api.errors import MinionError
from saltern.plugin_api.nested import traverse

log = logging.getLogger(__name__)

_GRAIN = re.compile(r"<([^<>]+)>")
_SECONDS = 30
_MOST_BYTES = 64 << 20


class Wanted(NamedTuple):
    """A URL, where `%s` is the minion's id and, with `with_grains`, `<a:b>` a grain; and how to ask for it."""

    url: str
    with_grains: bool = False
    headers: Mapping[str, str] = {}
    username: str | None = None
    password: str | None = None


def pillar_of_url(
    minion_id: str, grains: Mapping[str, Any], wanted: Wanted, read: Callable[[str], Any]
) -> dict[str, Any]:
    """What `read` makes of the answer; nothing, and a line in the log, where there is none that can be used."""
    try:
        url = _filled(wanted, minion_id, grains)
        found = read(_text(url, wanted))
    except MinionError as error:
        log.error("%s", error)
        return {}
    except Exception as error:  # readers have errors of their own
        log.error("the answer of %s cannot be read: %s", _shown(wanted.url), error)
        return {}
    if not isinstance(found, Mapping):
        log.error("the answer of %s is no mapping", _shown(wanted.url))
        return {}
    return dict(found)


def _filled(wanted: Wanted, minion_id: str, grains: Mapping[str, Any]) -> str:
    url = wanted.url.replace("%s", quote(minion_id, safe=""))
    for name in _GRAIN.findall(url) if wanted.with_grains else ():
        value = traverse(grains, name)
        if value is None:
            raise MinionError(f"the grain {name} for {_shown(wanted.url)} is not known of {minion_id}")
        url = url.replace(f"<{name}>", quote(str(value), safe=""))
    return url


def _text(url: str, wanted: Wanted) -> str:
    import http.client
    import urllib.error
    import urllib.request

    if urlsplit(url).scheme not in ("http", "https"):
        raise MinionError(f"{_shown(url)} is neither http nor https")
    request = urllib.request.Request(url, headers=dict(wanted.headers))  # noqa: S310  (http and https alone)
    if wanted.username is not None:
        token = base64.b64encode(f"{wanted.username}:{wanted.password or ''}".encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            return str(answer.read(_MOST_BYTES).decode())
    except (OSError, http.client.HTTPException) as error:
        raise MinionError(f"{_shown(url)} gives no pillar: {error}") from error


def _shown(url: str) -> str:
    """The URL without what may be secret in it."""
    return url.partition("?")[0]
