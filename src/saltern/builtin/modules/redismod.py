"""Keys, configuration and replication of Redis servers.

Functions reach the server that the options `redis.host`, `redis.port`, `redis.db` and `redis.password` name (minion
configuration or pillar), or the arguments `host`, `port`, `db` and `password`.
"""

from __future__ import annotations

import contextlib
import importlib.util

from saltern.plugin_api import CommandExecutionError, Functions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

__salt__: Functions

__virtualname__ = "redis"

_ADDRESS = ("host", "port", "db", "password")
_SECONDS = 20.0
"""Seconds after which a server that does not answer is given up."""


def __virtual__() -> str | tuple[bool, str]:
    if importlib.util.find_spec("redis") is None:
        return False, "The redis execution module needs the library redis (pip install 'saltern[redis]')."
    return __virtualname__


def bgrewriteaof(host: str | None = None, port: Any = None, db: Any = None, password: str | None = None) -> Any:
    """Write the file of appended commands anew, in the background.

    CLI Example::

        saltern run '*' redis.bgrewriteaof
    """
    return _ask(lambda server: server.bgrewriteaof(), host, port, db, password)


def bgsave(host: str | None = None, port: Any = None, db: Any = None, password: str | None = None) -> Any:
    """Write the data set to disk in the background.

    CLI Example::

        saltern run '*' redis.bgsave
    """
    return _ask(lambda server: server.bgsave(), host, port, db, password)


def config_get(
    pattern: str = "*", host: str | None = None, port: Any = None, db: Any = None, password: str | None = None
) -> Any:
    """The configuration of the server, by name.

    CLI Example::

        saltern run '*' redis.config_get
        saltern run '*' redis.config_get 'max*'
    """
    return _ask(lambda server: server.config_get(pattern), host, port, db, password)


def config_set(
    name: str, value: Any, host: str | None = None, port: Any = None, db: Any = None, password: str | None = None
) -> Any:
    """Set an option of the running server.

    CLI Example::

        saltern run '*' redis.config_set maxmemory 100mb
    """
    return _ask(lambda server: server.config_set(name, value), host, port, db, password)


def dbsize(host: str | None = None, port: Any = None, db: Any = None, password: str | None = None) -> Any:
    """The number of keys.

    CLI Example::

        saltern run '*' redis.dbsize
    """
    return _ask(lambda server: server.dbsize(), host, port, db, password)


def delete(*keys: str, **connection_args: Any) -> Any:
    """Delete keys; the number of those that were there.

    CLI Example::

        saltern run '*' redis.delete foo bar
    """
    return _ask(lambda server: server.delete(*keys), *_address(connection_args))


def exists(key: str, host: str | None = None, port: Any = None, db: Any = None, password: str | None = None) -> Any:
    """Whether a key is there.

    CLI Example::

        saltern run '*' redis.exists foo
    """
    return _ask(lambda server: bool(server.exists(key)), host, port, db, password)


def expire(
    key: str, seconds: int, host: str | None = None, port: Any = None, db: Any = None, password: str | None = None
) -> Any:
    """Let a key end after some seconds; whether it is there.

    CLI Example::

        saltern run '*' redis.expire foo 300
    """
    return _ask(lambda server: bool(server.expire(key, int(seconds))), host, port, db, password)


def expireat(
    key: str, timestamp: int, host: str | None = None, port: Any = None, db: Any = None, password: str | None = None
) -> Any:
    """Let a key end at a moment, in seconds since 1970; whether it is there.

    CLI Example::

        saltern run '*' redis.expireat foo 1400000000
    """
    return _ask(lambda server: bool(server.expireat(key, int(timestamp))), host, port, db, password)


def ttl(key: str, host: str | None = None, port: Any = None, db: Any = None, password: str | None = None) -> Any:
    """The seconds after which a key ends; -1 for one that stays, -2 for one that is not there.

    CLI Example::

        saltern run '*' redis.ttl foo
    """
    return _ask(lambda server: server.ttl(key), host, port, db, password)


def flushall(host: str | None = None, port: Any = None, db: Any = None, password: str | None = None) -> Any:
    """Remove all keys of all databases.

    CLI Example::

        saltern run '*' redis.flushall
    """
    return _ask(lambda server: server.flushall(), host, port, db, password)


def flushdb(host: str | None = None, port: Any = None, db: Any = None, password: str | None = None) -> Any:
    """Remove all keys of the database.

    CLI Example::

        saltern run '*' redis.flushdb
    """
    return _ask(lambda server: server.flushdb(), host, port, db, password)


def get_key(key: str, host: str | None = None, port: Any = None, db: Any = None, password: str | None = None) -> Any:
    """The value of a key; None when it is not there.

    CLI Example::

        saltern run '*' redis.get_key foo
    """
    return _ask(lambda server: server.get(key), host, port, db, password)


def set_key(
    key: str, value: Any, host: str | None = None, port: Any = None, db: Any = None, password: str | None = None
) -> Any:
    """Set the value of a key.

    CLI Example::

        saltern run '*' redis.set_key foo bar
    """
    return _ask(lambda server: server.set(key, value), host, port, db, password)


def key_type(key: str, host: str | None = None, port: Any = None, db: Any = None, password: str | None = None) -> Any:
    """The type of a key's value.

    CLI Example::

        saltern run '*' redis.key_type foo
    """
    return _ask(lambda server: server.type(key), host, port, db, password)


def keys(
    pattern: str = "*", host: str | None = None, port: Any = None, db: Any = None, password: str | None = None
) -> Any:
    """The keys that a glob matches.

    CLI Example::

        saltern run '*' redis.keys
        saltern run '*' redis.keys 'test*'
    """
    return _ask(lambda server: server.keys(pattern), host, port, db, password)


def hdel(key: str, *fields: str, **connection_args: Any) -> Any:
    """Delete fields of a hash; the number of those that were there.

    CLI Example::

        saltern run '*' redis.hdel foo_hash bar_field1 bar_field2
    """
    return _ask(lambda server: server.hdel(key, *fields), *_address(connection_args))


def hexists(
    key: str, field: str, host: str | None = None, port: Any = None, db: Any = None, password: str | None = None
) -> Any:
    """Whether a hash has a field.

    CLI Example::

        saltern run '*' redis.hexists foo_hash bar_field
    """
    return _ask(lambda server: bool(server.hexists(key, field)), host, port, db, password)


def hget(
    key: str, field: str, host: str | None = None, port: Any = None, db: Any = None, password: str | None = None
) -> Any:
    """A field of a hash.

    CLI Example::

        saltern run '*' redis.hget foo_hash bar_field
    """
    return _ask(lambda server: server.hget(key, field), host, port, db, password)


def hgetall(key: str, host: str | None = None, port: Any = None, db: Any = None, password: str | None = None) -> Any:
    """The fields of a hash.

    CLI Example::

        saltern run '*' redis.hgetall foo_hash
    """
    return _ask(lambda server: server.hgetall(key), host, port, db, password)


def hincrby(
    key: str,
    field: str,
    increment: int = 1,
    host: str | None = None,
    port: Any = None,
    db: Any = None,
    password: str | None = None,
) -> Any:
    """Add to a field of a hash; its new value.

    CLI Example::

        saltern run '*' redis.hincrby foo_hash bar_field 5
    """
    return _ask(lambda server: server.hincrby(key, field, amount=increment), host, port, db, password)


def hincrbyfloat(
    key: str,
    field: str,
    increment: float = 1.0,
    host: str | None = None,
    port: Any = None,
    db: Any = None,
    password: str | None = None,
) -> Any:
    """Add to a field of a hash; its new value.

    CLI Example::

        saltern run '*' redis.hincrbyfloat foo_hash bar_field 5.17
    """
    return _ask(lambda server: server.hincrbyfloat(key, field, amount=increment), host, port, db, password)


def hlen(key: str, host: str | None = None, port: Any = None, db: Any = None, password: str | None = None) -> Any:
    """The number of fields of a hash.

    CLI Example::

        saltern run '*' redis.hlen foo_hash
    """
    return _ask(lambda server: server.hlen(key), host, port, db, password)


def hmget(key: str, *fields: str, **connection_args: Any) -> Any:
    """Several fields of a hash.

    CLI Example::

        saltern run '*' redis.hmget foo_hash bar_field1 bar_field2
    """
    return _ask(lambda server: server.hmget(key, list(fields)), *_address(connection_args))


def hmset(key: str, **fieldsvals: Any) -> Any:
    """Set several fields of a hash.

    CLI Example::

        saltern run '*' redis.hmset foo_hash bar_field1=bar_value1 bar_field2=bar_value2
    """
    address = {name: fieldsvals.pop(name, None) for name in _ADDRESS}
    fields = {name: value for name, value in fieldsvals.items() if not name.startswith("__")}
    return _ask(lambda server: server.hset(key, mapping=fields) >= 0, *_address(address))


def hset(
    key: str,
    field: str,
    value: Any,
    host: str | None = None,
    port: Any = None,
    db: Any = None,
    password: str | None = None,
) -> Any:
    """Set a field of a hash; 1 when it is new, else 0.

    CLI Example::

        saltern run '*' redis.hset foo_hash bar_field bar_value
    """
    return _ask(lambda server: server.hset(key, field, value), host, port, db, password)


def hsetnx(
    key: str,
    field: str,
    value: Any,
    host: str | None = None,
    port: Any = None,
    db: Any = None,
    password: str | None = None,
) -> Any:
    """Set a field of a hash that is not there; whether it was set.

    CLI Example::

        saltern run '*' redis.hsetnx foo_hash bar_field bar_value
    """
    return _ask(lambda server: bool(server.hsetnx(key, field, value)), host, port, db, password)


def hvals(key: str, host: str | None = None, port: Any = None, db: Any = None, password: str | None = None) -> Any:
    """The values of a hash.

    CLI Example::

        saltern run '*' redis.hvals foo_hash
    """
    return _ask(lambda server: server.hvals(key), host, port, db, password)


def hscan(
    key: str,
    cursor: int = 0,
    match: str | None = None,
    count: int | None = None,
    host: str | None = None,
    port: Any = None,
    db: Any = None,
    password: str | None = None,
) -> Any:
    """A part of a hash: where the next one begins (0: there is none), and fields.

    CLI Example::

        saltern run '*' redis.hscan foo_hash match='field_prefix_*' count=1
    """
    return _ask(
        lambda server: list(server.hscan(key, cursor=cursor, match=match, count=count)), host, port, db, password
    )


def info(host: str | None = None, port: Any = None, db: Any = None, password: str | None = None) -> Any:
    """What the server says of itself.

    CLI Example::

        saltern run '*' redis.info
    """
    return _ask(lambda server: server.info(), host, port, db, password)


def lastsave(host: str | None = None, port: Any = None, db: Any = None, password: str | None = None) -> Any:
    """When the data set was last written to disk, in seconds since 1970.

    CLI Example::

        saltern run '*' redis.lastsave
    """
    return _ask(lambda server: int(server.lastsave().timestamp()), host, port, db, password)


def llen(key: str, host: str | None = None, port: Any = None, db: Any = None, password: str | None = None) -> Any:
    """The length of a list.

    CLI Example::

        saltern run '*' redis.llen foo_list
    """
    return _ask(lambda server: server.llen(key), host, port, db, password)


def lrange(
    key: str,
    start: int,
    stop: int,
    host: str | None = None,
    port: Any = None,
    db: Any = None,
    password: str | None = None,
) -> Any:
    """The values of a list from one index to another.

    CLI Example::

        saltern run '*' redis.lrange foo_list 0 10
    """
    return _ask(lambda server: server.lrange(key, start, stop), host, port, db, password)


def ping(host: str | None = None, port: Any = None, db: Any = None, password: str | None = None) -> Any:
    """Whether the server answers.

    CLI Example::

        saltern run '*' redis.ping
    """
    return _ask(lambda server: server.ping(), host, port, db, password)


def save(host: str | None = None, port: Any = None, db: Any = None, password: str | None = None) -> Any:
    """Write the data set to disk, and wait for it.

    CLI Example::

        saltern run '*' redis.save
    """
    return _ask(lambda server: server.save(), host, port, db, password)


def slaveof(
    master_host: str | None = None,
    master_port: Any = None,
    host: str | None = None,
    port: Any = None,
    db: Any = None,
    password: str | None = None,
) -> Any:
    """Copy another server; without one stop copying.

    CLI Example::

        saltern run '*' redis.slaveof redis-1.example.com 6379
        saltern run '*' redis.slaveof
    """
    return _ask(
        lambda server: server.slaveof(master_host, master_port or 6379) if master_host else server.slaveof(),
        host,
        port,
        db,
        password,
    )


def smembers(key: str, host: str | None = None, port: Any = None, db: Any = None, password: str | None = None) -> Any:
    """The members of a set.

    CLI Example::

        saltern run '*' redis.smembers foo_set
    """
    return _ask(lambda server: sorted(server.smembers(key)), host, port, db, password)


def time(host: str | None = None, port: Any = None, db: Any = None, password: str | None = None) -> Any:
    """The server's clock, in seconds since 1970.

    CLI Example::

        saltern run '*' redis.time
    """
    return _ask(lambda server: server.time()[0], host, port, db, password)


def zcard(key: str, host: str | None = None, port: Any = None, db: Any = None, password: str | None = None) -> Any:
    """The number of members of a sorted set.

    CLI Example::

        saltern run '*' redis.zcard foo_sorted
    """
    return _ask(lambda server: server.zcard(key), host, port, db, password)


def zrange(
    key: str,
    start: int,
    stop: int,
    host: str | None = None,
    port: Any = None,
    db: Any = None,
    password: str | None = None,
) -> Any:
    """The members of a sorted set from one index to another.

    CLI Example::

        saltern run '*' redis.zrange foo_sorted 0 10
    """
    return _ask(lambda server: server.zrange(key, start, stop), host, port, db, password)


def shutdown(host: str | None = None, port: Any = None, db: Any = None, password: str | None = None) -> bool:
    """Stop the server; whether it is gone.

    CLI Example::

        saltern run '*' redis.shutdown
    """
    _ask(lambda server: server.shutdown(), host, port, db, password)
    try:
        return not ping(host, port, db, password)
    except CommandExecutionError:
        return True


def get_master_ip(host: str | None = None, port: Any = None, password: str | None = None) -> Any:
    """The server that this one copies, as `master_host` and `master_port`; an empty host for none.

    CLI Example::

        saltern run '*' redis.get_master_ip
    """
    told = info(host, port, None, password)
    return {"master_host": told.get("master_host", ""), "master_port": str(told.get("master_port", ""))}


def sentinel_get_master_ip(
    master: str, host: str | None = None, port: Any = None, password: str | None = None
) -> dict[str, str]:
    """The server that a sentinel holds for the master of a name, as `master_host` and `master_port`.

    CLI Example::

        saltern run '*' redis.sentinel_get_master_ip mymaster localhost 26379
    """
    found = _ask(lambda server: server.sentinel_get_master_addr_by_name(master), host, port, 0, password)
    if not found:
        raise CommandExecutionError(f"The sentinel knows no master {master}")
    return {"master_host": found[0], "master_port": str(found[1])}


def _address(given: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(given.get(name) for name in _ADDRESS)


def _ask(
    work: Callable[[Any], Any],
    host: str | None = None,
    port: Any = None,
    db: Any = None,
    password: str | None = None,
) -> Any:
    """What a server answers; `CommandExecutionError` when it cannot be reached or refuses."""
    import redis

    given = {"host": host, "port": port, "db": db, "password": password}
    address = {
        name: value if value is not None else __salt__["config.option"](f"redis.{name}")
        for name, value in given.items()
    }
    client = redis.Redis(
        host=address["host"] or "localhost",
        port=int(address["port"] or 6379),
        db=int(address["db"] or 0),
        password=address["password"] or None,
        decode_responses=True,
        socket_timeout=_SECONDS,
    )
    with contextlib.closing(client):
        try:
            return work(client)
        except redis.RedisError as error:
            raise CommandExecutionError(f"Redis: {error}") from error
