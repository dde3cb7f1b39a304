"""Keys of a Redis server have values, or are not there; a server copies another.

Further arguments (`host`, `port`, `db`, `password`) name the server, as for the module `redis`.
"""

from __future__ import annotations

import time
from typing import Any

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts

__virtualname__ = "redis"


def __virtual__() -> str | tuple[bool, str]:
    return __virtualname__ if "redis.set_key" in __salt__ else (False, "the module redis is not available")


def string(
    name: str, value: Any, expire: int | None = None, expireat: int | None = None, **connection_args: Any
) -> dict[str, Any]:
    """A key has this value. It ends `expire` seconds after it was set, or at `expireat`, seconds since 1970.

    A key that has the value and ends in less than `expire` seconds is left alone.
    """
    text, server = str(value), _server(connection_args)
    is_new = __salt__["redis.get_key"](name, **server) != text
    left = __salt__["redis.ttl"](name, **server)
    changes: dict[str, Any] = {name: "Value updated"} if is_new else {}
    if expire and (is_new or not 0 <= left <= int(expire)):
        changes["expire"] = f"Key expires in {expire} seconds"
    if expireat and (is_new or abs(time.time() + left - int(expireat)) > _CLOCKS):
        changes["expireat"] = f"Key expires at {expireat}"
    if not changes:
        return result_of(name, True, "Key already set to defined value")
    if __opts__["test"]:
        comment = "Key would be updated to new value" if is_new else "Key would get another end"
        return result_of(name, None, comment, changes)
    if is_new:
        __salt__["redis.set_key"](name, text, **server)
    if "expire" in changes:
        __salt__["redis.expire"](name, expire, **server)
    if "expireat" in changes:
        __salt__["redis.expireat"](name, expireat, **server)
    return result_of(name, True, "Key updated to new value" if is_new else "Key already set to defined value", changes)


_CLOCKS = 5
"""Seconds by which the clocks of this machine and of the server may differ."""


def absent(name: str, keys: Any = None, **connection_args: Any) -> dict[str, Any]:
    """A key, or each of a list, is not there."""
    server = _server(connection_args)
    if keys is not None and not isinstance(keys, list):
        return result_of(name, False, "`keys` not formed as a list type")
    there = [key for key in keys or [name] if __salt__["redis.exists"](key, **server)]
    if not there:
        return result_of(name, True, "Key(s) specified already absent")
    what = "Keys" if keys else "Key"
    if __opts__["test"]:
        return result_of(name, None, f"{what} would be deleted", {"deleted": there})
    __salt__["redis.delete"](*there, **server)
    return result_of(name, True, f"{what} deleted", {"deleted": there})


def slaveof(
    name: str,
    sentinel_host: str | None = None,
    sentinel_port: Any = None,
    sentinel_password: str | None = None,
    **connection_args: Any,
) -> dict[str, Any]:
    """A server copies the one that a sentinel holds for the master `name`, unless that is this machine's."""
    master = __salt__["redis.sentinel_get_master_ip"](name, sentinel_host, sentinel_port, sentinel_password)
    if master["master_host"] in __salt__["network.ip_addrs"]():
        return result_of(name, True, f"Minion is the master: {name}")
    server = _server(connection_args)
    where = {key: value for key, value in server.items() if key != "db"}
    now = __salt__["redis.get_master_ip"](**where)
    if now == master:
        return result_of(name, True, f"Minion already slave of master: {name}")
    changes = {"old": now, "new": master}
    if __opts__["test"]:
        comment = f"Minion will be made a slave of {name}: {master['master_host']}"
        return result_of(name, None, comment, changes)
    __salt__["redis.slaveof"](**master, **server)
    found = __salt__["redis.get_master_ip"](**where)
    if found != master:
        return result_of(name, False, "Failed to setup slave")
    return result_of(name, True, f"Minion successfully connected to master: {name}", changes)


def _server(arguments: dict[str, Any]) -> dict[str, Any]:
    """What names the server, without the words that belong to every state."""
    return {key: value for key, value in arguments.items() if key in ("host", "port", "db", "password")}
