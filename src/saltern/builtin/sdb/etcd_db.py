"""etcd (its version 3) as a store: `etcd.host`, `etcd.port`, `etcd.username`, `etcd.password`, by its JSON gateway."""

from __future__ import annotations

from saltern.plugin_api.etcd_gateway import ask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__func_alias__ = {"set_": "set"}

__virtualname__ = "etcd"


def __virtual__() -> str:
    return __virtualname__


def set_(key: str, value: Any, service: Any = None, profile: Mapping[str, Any] | None = None) -> Any:
    """Keep a text, and give it back."""
    _ask(profile, "put", {"key": _encoded(key), "value": _encoded(str(value))})
    return get(key, service, profile)


def get(key: str, service: Any = None, profile: Mapping[str, Any] | None = None) -> str | None:
    """The value of a key; None when there is none."""
    import base64

    found = _ask(profile, "range", {"key": _encoded(key)}).get("kvs")
    return base64.b64decode(found[0].get("value", "")).decode() if found else None


def delete(key: str, service: Any = None, profile: Mapping[str, Any] | None = None) -> bool:
    """Take a key away; whether it was there."""
    return int(_ask(profile, "deleterange", {"key": _encoded(key)}).get("deleted", 0)) > 0


def _ask(profile: Mapping[str, Any] | None, verb: str, body: dict[str, str]) -> dict[str, Any]:
    options = {key.removeprefix("etcd."): value for key, value in (profile or {}).items()}
    return ask(options, verb, body)


def _encoded(text: str) -> str:
    import base64

    return base64.b64encode(text.encode()).decode()
