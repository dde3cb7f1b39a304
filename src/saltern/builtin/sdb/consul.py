"""Consul as a store: `host`, `port`, `scheme`, `token`, `dc`."""

from __future__ import annotations

from saltern.plugin_api import CommandExecutionError
from saltern.plugin_api.json_service import Service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__func_alias__ = {"set_": "set"}


def set_(key: str, value: Any, profile: Mapping[str, Any] | None = None) -> bool:
    """Keep a text."""
    answer = _service(profile).ask("PUT", _path(key, profile), raw=str(value).encode())
    if not answer.good:
        raise CommandExecutionError(f"Consul did not keep {key}: {answer.status} {answer.data}")
    return bool(answer.data)


def get(key: str, profile: Mapping[str, Any] | None = None) -> str | None:
    """The value of a key; None when there is none."""
    import base64

    answer = _service(profile).ask("GET", _path(key, profile))
    if answer.status == 404:
        return None
    if not answer.good:
        raise CommandExecutionError(f"Consul did not tell {key}: {answer.status} {answer.data}")
    value = answer.data[0].get("Value")
    return base64.b64decode(value).decode() if value is not None else ""


def delete(key: str, profile: Mapping[str, Any] | None = None) -> bool:
    """Take a key away."""
    answer = _service(profile).ask("DELETE", _path(key, profile))
    return answer.good and answer.data is True


def _service(profile: Mapping[str, Any] | None) -> Service:
    options = profile or {}
    url = f"{options.get('scheme', 'http')}://{options.get('host', '127.0.0.1')}:{options.get('port', 8500)}"
    headers = {"X-Consul-Token": str(options["token"])} if options.get("token") else {}
    return Service(url, headers, verify=options.get("verify", True))


def _path(key: str, profile: Mapping[str, Any] | None) -> str:
    from urllib.parse import quote, urlencode

    zone = (profile or {}).get("dc")
    return f"v1/kv/{quote(key)}" + (f"?{urlencode({'dc': zone})}" if zone else "")
