"""Pillar from Redis: what lies under the minion's id."""

from __future__ import annotations

import importlib.util

from saltern.plugin_api import CommandExecutionError, Functions, Opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts
__salt__: Functions

__virtualname__ = "redis"

_DEFAULTS = {"host": "localhost", "port": 6379, "db": "0", "password": "", "unix_socket_path": ""}
_SECONDS = 10.0


def __virtual__() -> bool | tuple[bool, str]:
    if importlib.util.find_spec("redis") is None:
        return False, "The external pillar redis needs the library redis (pip install 'saltern[redis]')."
    return True


def ext_pillar(minion_id: str, pillar: dict[str, Any], function: str, **kwargs: Any) -> dict[str, Any]:
    """What a function of this module gives: `key_value` or `key_json`."""
    functions = {"key_value": key_value, "key_json": key_json}
    if function.startswith("_") or function not in functions:
        raise CommandExecutionError(f"redis: there is no function {function}; there are key_value and key_json")
    return functions[function](minion_id, pillar, **kwargs)


def key_value(minion_id: str, pillar: dict[str, Any], pillar_key: str = "redis_pillar") -> dict[str, Any]:
    """The value of the key that is the minion's id: a text, a list (of sets too), or a dictionary of a hash."""
    import redis

    try:
        with _client() as client:
            kind = client.type(minion_id)
            if kind == "zset":
                found: Any = client.zrange(minion_id, 0, -1)
            elif kind == "set":
                found = sorted(client.smembers(minion_id))
            elif kind == "list":
                found = client.lrange(minion_id, 0, -1)
            else:
                found = client.hgetall(minion_id) if kind == "hash" else client.get(minion_id)
            return {pillar_key: found} if kind != "none" else {}
    except redis.RedisError as error:
        raise CommandExecutionError(f"redis: {error}") from error


def key_json(minion_id: str, pillar: dict[str, Any], pillar_key: str | None = None) -> dict[str, Any]:
    """The JSON under the minion's id, itself if it is a dictionary, or below `pillar_key`."""
    import json

    import redis

    try:
        with _client() as client:
            text = client.get(minion_id)
    except redis.RedisError as error:
        raise CommandExecutionError(f"redis: {error}") from error
    if not text:
        return {}
    found = json.loads(text)
    if isinstance(found, dict) and not pillar_key:
        return found
    return {pillar_key or "redis_pillar": found}


def _client() -> Any:
    import redis

    from saltern.plugin_api.returner_options import returner_options

    options = returner_options("redis", _DEFAULTS, None, __salt__, __opts__)
    place = {"unix_socket_path": options["unix_socket_path"]} if options["unix_socket_path"] else {
        "host": options["host"], "port": int(options["port"]),
    }  # fmt: skip
    return redis.Redis(
        **place, db=int(options["db"]), password=options["password"] or None, decode_responses=True,
        socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS,
    )  # fmt: skip
