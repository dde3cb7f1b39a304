"""A web service as a store. The profile has `urls`: for each name a `url`, which is a template of the parameters.

`sdb://PROFILE/NAME?user=x` asks the URL of NAME with the parameter `user`. `method`, `username`, `password`,
`header_dict` and `verify_ssl` of an entry are obeyed.
"""

from __future__ import annotations

from saltern.plugin_api import CommandExecutionError, Rendering, SaltInvocationError
from saltern.plugin_api.json_service import Service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__func_alias__ = {"set_": "set"}

__rendering__: Rendering


def set_(key: str, value: Any, service: Any = None, profile: Mapping[str, Any] | None = None) -> Any:
    """Send a value to the service, and give its answer back."""
    return _asked(key, profile, value)


def get(key: str, service: Any = None, profile: Mapping[str, Any] | None = None) -> Any:
    """What the service answers."""
    return _asked(key, profile, None)


def _asked(key: str, profile: Mapping[str, Any] | None, value: Any) -> Any:
    from urllib.parse import parse_qsl

    name, _, query = key.partition("?")
    urls = (profile or {}).get("urls") or {}
    if name not in urls:
        raise SaltInvocationError(f"The profile of the sdb driver rest has no URL {name}")
    entry = dict(urls[name])
    parameters = {**dict(parse_qsl(query)), **({"value": value} if value is not None else {})}
    url = str(__rendering__.text(str(entry["url"]), renderers="jinja", variables=parameters).data)
    service = Service(
        url,
        entry.get("header_dict") or {},
        user=str(entry.get("username", "")),
        password=str(entry.get("password", "")),
        verify=entry.get("verify_ssl", True),
    )
    answer = service.ask(str(entry.get("method", "GET" if value is None else "POST")).upper(), "", value)
    if not answer.good:
        raise CommandExecutionError(f"{url.partition('?')[0]}: {answer.status}")
    return answer.data
