"""Jobs and returns under the Redis keys that Salt knows (behaviour RET-15).

A hash `ret:<jid>` with a field for each minion, a text `load:<jid>`, a text `<minion>:<fun>` with the last jid, and the
set `minions`. Returns and loads end by themselves after `keep_jobs_seconds`.
"""

from __future__ import annotations

import importlib.util
import json

from saltern.plugin_api import CommandExecutionError, Context, Functions, Opts
from saltern.plugin_api.job_loads import instance_of, new_jid, newest, to_json
from saltern.plugin_api.returner_options import returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
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
_SERVER = "returners.redis"


def __virtual__() -> bool | tuple[bool, str]:
    if importlib.util.find_spec("redis") is None:
        return False, "The returner redis needs the library redis (pip install 'saltern[redis]')."
    return True


def returner(ret: dict[str, Any]) -> None:
    """Store one return."""
    fun = ret["fun"] if isinstance(ret["fun"], str) else ",".join(ret["fun"])
    key, seconds = f"ret:{ret['jid']}", _keep_seconds()
    with _server(ret).pipeline(transaction=False) as pipeline:
        pipeline.hset(key, ret["id"], to_json(ret))
        if seconds:
            pipeline.expire(key, seconds)
        pipeline.set(f"{ret['id']}:{fun}", ret["jid"])
        pipeline.sadd("minions", ret["id"])
        _run(pipeline.execute)


def save_load(jid: str, load: dict[str, Any], minions: list[str] | None = None) -> None:
    """Store the load of a job; a jid that is there keeps its load."""
    _run(_server().set, f"load:{jid}", to_json(load), ex=_keep_seconds() or None, nx=True)


def save_minions(jid: str, minions: list[str], syndic_id: str | None = None) -> None:
    """These keys have no place for the minions of a job."""


def get_load(jid: str) -> dict[str, Any]:
    """The load of a job, empty when it is not known."""
    text = _run(_server().get, f"load:{jid}")
    return json.loads(text) if text else {}


def get_jid(jid: str) -> dict[str, Any]:
    """The whole returns of a job by minion."""
    return {minion.decode(): json.loads(text) for minion, text in _run(_server().hgetall, f"ret:{jid}").items()}


def get_fun(fun: str) -> dict[str, Any]:
    """The last return of each minion for a function."""
    server, found = _server(), {}
    for minion in get_minions():
        jid = _run(server.get, f"{minion}:{fun}")
        text = _run(server.hget, f"ret:{jid.decode()}", minion) if jid else None
        if text:
            found[minion] = json.loads(text)
    return found


def get_jids() -> dict[str, dict[str, Any]]:
    """All jobs, as `jobs.list_jobs` shows them."""
    server, found = _server(), {}
    for key in sorted(_run(lambda: list(server.scan_iter(match="load:*", count=1000)))):
        text = _run(server.get, key)
        if text:
            jid = key.decode().removeprefix("load:")
            found[jid] = instance_of(jid, json.loads(text))
    return found


def get_jids_filter(count: int, filter_find_job: bool = True) -> list[dict[str, Any]]:
    """The newest jobs, oldest first, each with its `JID`."""
    return newest(get_jids(), count, filter_find_job=filter_find_job)


def get_minions() -> list[str]:
    """The ids of all minions that ever returned something."""
    return sorted(minion.decode() for minion in _run(_server().smembers, "minions"))


def prep_jid(nocache: bool = False, passed_jid: str | None = None) -> str:
    """The jid of a new job."""
    return new_jid(passed_jid)


def clean_old_jobs() -> None:
    """Drop returns whose load has ended."""
    server = _server()
    for key in _run(lambda: list(server.scan_iter(match="ret:*", count=1000))):
        if not _run(server.exists, b"load:" + key.removeprefix(b"ret:")):
            _run(server.delete, key)


def _keep_seconds() -> int:
    return int(__opts__.get("keep_jobs_seconds", 86_400))


def _server(ret: dict[str, Any] | None = None) -> Any:
    options = returner_options(__virtualname__, _DEFAULTS, ret, __salt__, __opts__)
    kept = __context__.get(_SERVER)
    if kept is None or kept[0] != options:
        kept = __context__[_SERVER] = (options, _connected(options))
    return kept[1]


def _connected(options: dict[str, Any]) -> Any:
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
    )


def _run(call: Any, *args: Any, **kwargs: Any) -> Any:
    import redis

    try:
        return call(*args, **kwargs)
    except redis.RedisError as error:
        raise CommandExecutionError(f"The returner redis cannot reach its server: {error}") from error
