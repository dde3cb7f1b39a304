"""Redis as a store: `host`, `port`, `db`, `password`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__virtualname__ = "redis"

__func_alias__ = {"set_": "set"}


def __virtual__() -> str | tuple[bool, str]:
    from importlib.util import find_spec

    return __virtualname__ if find_spec("redis") else (False, "The Python package redis is not installed")


def set_(key: str, value: Any, profile: Mapping[str, Any] | None = None) -> bool:
    """Keep a text."""
    with _connected(profile) as connection:
        return bool(connection.set(key, str(value)))


def get(key: str, profile: Mapping[str, Any] | None = None) -> str | None:
    """The value of a key; None when there is none."""
    with _connected(profile) as connection:
        found = connection.get(key)
    return found.decode() if found is not None else None


def delete(key: str, profile: Mapping[str, Any] | None = None) -> bool:
    """Take a key away; whether it was there."""
    with _connected(profile) as connection:
        return bool(connection.delete(key))


def _connected(profile: Mapping[str, Any] | None) -> Any:
    import redis

    options = {key: value for key, value in (profile or {}).items() if key != "driver"}
    return redis.Redis(**options)
