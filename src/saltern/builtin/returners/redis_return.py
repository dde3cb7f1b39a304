"""Jobs and returns under the Redis keys that Salt knows (behaviour RET-15).

A hash `ret:<jid>` with a field for each minion, a text `load:<jid>`, a text `<minion>:<fun>` with the last jid, and the
set `minions`. Returns and loads end by themselves after `keep_jobs_seconds`.
"""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import json

from saltern.plugin_api import CommandExecutionError, Context, Functions, Opts
from saltern.plugin_api.job_cache import job_cache_functions
from saltern.plugin_api.job_loads import function_text, instance_of, to_json
from saltern.plugin_api.kept_connections import kept_connection
from saltern.plugin_api.returner_options import returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import Any

__salt__: Functions
__opts__: Opts
__context__: Context

__virtualname__ = "redis"

_DEFAULTS = {
    "host": "salt",
    "port": 6379,
    "unix_socket_path": "",
    "db": "0",
    "password": "",
    "cluster_mode": False,
    "cluster.startup_nodes": [],
    "cluster.skip_full_coverage_check": False,
}
_AT_ONCE = 1000
"""Keys that are asked for in one go."""
_SECONDS = 20.0
"""Seconds after which a server that does not answer is given up."""


def __virtual__() -> bool | tuple[bool, str]:
    if importlib.util.find_spec("redis") is None:
        return False, "The returner redis needs the library redis (pip install 'saltern[redis]')."
    return True


class _Keys:
    """A `plugin_api.job_cache.JobCache` over a client; `seconds` is how long keys last, 0: for ever.

    `whole`: a batch is taken as a whole or not at all. A cluster cannot do that, as its keys lie on several servers.
    """

    def __init__(self, client: Any, seconds: int, *, whole: bool) -> None:
        self._client = client
        self._seconds = seconds
        self._whole = whole

    def add_returns(self, rets: Sequence[Mapping[str, Any]]) -> None:
        self.store_many([], rets)

    def store_many(self, loads: Sequence[tuple[str, Mapping[str, Any]]], rets: Sequence[Mapping[str, Any]]) -> None:
        # A server that still loads its data refuses the first commands of a batch and takes those behind them, which
        # as single commands would lie before what is sent again.
        with self._client.pipeline(transaction=self._whole) as pipeline:
            for jid, load in loads:
                pipeline.set(f"load:{jid}", to_json(load), ex=self._seconds or None, nx=True)
            for ret in rets:
                key = f"ret:{ret['jid']}"
                pipeline.hsetnx(key, ret["id"], to_json(ret))
                if self._seconds:
                    pipeline.expire(key, self._seconds)
                pipeline.set(f"{ret['id']}:{function_text(ret)}", ret["jid"])
                pipeline.sadd("minions", ret["id"])
            pipeline.execute()

    def save_load(self, jid: str, load: Mapping[str, Any]) -> None:
        self.store_many([(jid, load)], [])

    def load(self, jid: str) -> dict[str, Any]:
        text = self._client.get(f"load:{jid}")
        return json.loads(text) if text else {}

    def returns(self, jid: str) -> dict[str, Any]:
        return {minion.decode(): json.loads(text) for minion, text in self._client.hgetall(f"ret:{jid}").items()}

    def last_of(self, fun: str) -> dict[str, Any]:
        found = {}
        for minion in self.minions():
            jid = self._client.get(f"{minion}:{fun}")
            text = self._client.hget(f"ret:{jid.decode()}", minion) if jid else None
            if text:
                found[minion] = json.loads(text)
        return found

    def instances(self) -> dict[str, dict[str, Any]]:
        found = {}
        for key in sorted(self._client.scan_iter(match="load:*", count=1000)):
            text = self._client.get(key)
            if text:
                jid = key.decode().removeprefix("load:")
                found[jid] = instance_of(jid, json.loads(text))
        return found

    def minions(self) -> list[str]:
        return sorted(minion.decode() for minion in self._client.smembers("minions"))

    def expire(self, keep_seconds: float, now: datetime, *, archive: bool = False) -> None:
        """Keys end by themselves; what is dropped here are returns whose load has ended."""
        keys = self._client.scan_iter(match="ret:*", count=_AT_ONCE)
        while some := list(itertools.islice(keys, _AT_ONCE)):
            with self._client.pipeline(transaction=False) as pipeline:
                for key in some:
                    pipeline.exists(b"load:" + key.removeprefix(b"ret:"))
                loads = pipeline.execute()
            for key in (key for key, load in zip(some, loads, strict=True) if not load):
                self._client.delete(key)


@contextlib.contextmanager
def _keys(ret: Mapping[str, Any] | None) -> Iterator[_Keys]:
    import redis

    options = returner_options(__virtualname__, _DEFAULTS, ret, __salt__, __opts__)
    try:
        with kept_connection(__context__, __virtualname__, options, lambda: _connected(options)) as client:
            seconds = int(__opts__.get("keep_jobs_seconds", 86_400))
            yield _Keys(client, seconds, whole=not options["cluster_mode"])
    except redis.RedisError as error:
        raise CommandExecutionError(f"The returner redis cannot use its server: {error}") from error


def _connected(options: Mapping[str, Any]) -> Any:
    import redis

    password = options["password"] or None
    if options["cluster_mode"]:
        from redis import cluster

        node_of: Any = cluster.ClusterNode
        nodes = [node_of(node["host"], int(node["port"])) for node in options["cluster.startup_nodes"]]
        return cluster.RedisCluster(
            startup_nodes=nodes,
            password=password,
            require_full_coverage=not options["cluster.skip_full_coverage_check"],
        )
    return redis.StrictRedis(
        host=options["host"],
        port=int(options["port"]),
        unix_socket_path=options["unix_socket_path"] or None,
        db=int(options["db"]),
        password=password,
        socket_timeout=_SECONDS,
        socket_connect_timeout=_SECONDS,
    )


globals().update(job_cache_functions(__name__, _keys, lambda: __opts__, together=True))
