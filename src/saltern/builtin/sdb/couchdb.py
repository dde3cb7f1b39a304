"""CouchDB as a store: `url`, `database`, `user`, `password`; a key is a document, its value the field `value`."""

from __future__ import annotations

from saltern.plugin_api import CommandExecutionError
from saltern.plugin_api.json_service import Service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__func_alias__ = {"set_": "set"}


def set_(key: str, value: Any, profile: Mapping[str, Any] | None = None) -> Any:
    """Keep a value, and give it back."""
    service, path = _document(key, profile)
    now = service.ask("GET", path)
    document = {**(now.data if now.good else {}), "value": value}
    answer = service.ask("PUT", path, document)
    if not answer.good:
        raise CommandExecutionError(f"CouchDB did not keep {key}: {answer.status} {answer.data}")
    return value


def get(key: str, profile: Mapping[str, Any] | None = None) -> Any:
    """The value of a key; None when there is none."""
    service, path = _document(key, profile)
    answer = service.ask("GET", path)
    if answer.status == 404:
        return None
    if not answer.good:
        raise CommandExecutionError(f"CouchDB did not tell {key}: {answer.status} {answer.data}")
    return answer.data.get("value")


def delete(key: str, profile: Mapping[str, Any] | None = None) -> bool:
    """Take a key away; whether it was there."""
    from urllib.parse import urlencode

    service, path = _document(key, profile)
    now = service.ask("GET", path)
    return now.good and service.ask("DELETE", f"{path}?{urlencode({'rev': now.data['_rev']})}").good


def _document(key: str, profile: Mapping[str, Any] | None) -> tuple[Service, str]:
    from urllib.parse import quote

    options = profile or {}
    if not options.get("database"):
        raise CommandExecutionError("The sdb driver couchdb needs a database.")
    url = str(options.get("url") or "http://localhost:5984")
    service = Service(url, user=str(options.get("user", "")), password=str(options.get("password", "")))
    return service, f"{quote(str(options['database']), safe='')}/{quote(key, safe='')}"
