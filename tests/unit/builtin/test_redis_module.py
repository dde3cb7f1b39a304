"""`redis` and its states on real servers: one to ask, one that copies it, and a sentinel."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
import redis
from shipped import Shipped
from thrice import Trial

from job_stores import MEMORY
from servers import Server, Throwaway, free_port, program, redis_server

pytestmark = pytest.mark.xdist_group("redis")


@pytest.fixture(scope="module")
def server():
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        throwaway = redis_server(Path(folder))
        throwaway.start()
        yield throwaway.server
        throwaway.stop()


@pytest.fixture
def trial(tmp_path: Path, server: Server):
    with redis.Redis(port=server.port) as client:
        client.flushall()
    return Trial(tmp_path, **{"redis.host": "127.0.0.1", "redis.port": server.port})


def test_keys(trial: Trial):
    call = trial.minion.call
    assert call("redis.ping") is True
    assert call("redis.set_key", "foo", "bär") is True
    assert (call("redis.get_key", "foo"), call("redis.get_key", "none")) == ("bär", None)
    assert (call("redis.key_type", "foo"), call("redis.exists", "foo"), call("redis.exists", "x")) == (
        "string",
        True,
        False,
    )
    assert call("redis.expire", "foo", 300) is True
    assert 0 < call("redis.ttl", "foo") <= 300
    assert call("redis.expireat", "foo", int(time.time()) + 60) is True
    assert call("redis.ttl", "foo") <= 61
    assert sorted(call("redis.keys", "f*")) == ["foo"]
    assert call("redis.dbsize") == 1
    assert call("redis.delete", "foo", "bar") == 1
    assert call("redis.set_key", "other", 1, db=1) is True
    assert call("redis.dbsize") == 0
    assert call("redis.flushall") is True
    assert call("redis.dbsize", db=1) == 0


def test_hashes(trial: Trial):
    call = trial.minion.call
    assert call("redis.hset", "h", "a", "1") == 1
    assert call("redis.hset", "h", "a", "2") == 0
    assert call("redis.hsetnx", "h", "a", "3") is False
    assert call("redis.hmset", "h", b="x", c="y") is True
    assert call("redis.hgetall", "h") == {"a": "2", "b": "x", "c": "y"}
    assert (call("redis.hget", "h", "b"), call("redis.hmget", "h", "a", "z")) == ("x", ["2", None])
    assert (call("redis.hincrby", "h", "a", 5), call("redis.hincrbyfloat", "h", "a", 0.5)) == (7, 7.5)
    assert (call("redis.hlen", "h"), sorted(call("redis.hvals", "h"))) == (3, ["7.5", "x", "y"])
    assert call("redis.hscan", "h", match="b*") == [0, {"b": "x"}]
    assert call("redis.hdel", "h", "b", "z") == 1
    assert (call("redis.hexists", "h", "b"), call("redis.hexists", "h", "c")) == (False, True)


def test_lists_and_sets(trial: Trial, server: Server):
    with redis.Redis(port=server.port) as client:
        client.rpush("l", "a", "b", "c")
        client.sadd("s", "x", "y")
        client.zadd("z", {"one": 1, "two": 2})
    call = trial.minion.call
    assert (call("redis.llen", "l"), call("redis.lrange", "l", 0, 1)) == (3, ["a", "b"])
    assert call("redis.smembers", "s") == ["x", "y"]
    assert (call("redis.zcard", "z"), call("redis.zrange", "z", 0, -1)) == (2, ["one", "two"])


def test_the_server_itself(trial: Trial):
    call = trial.minion.call
    assert call("redis.config_get", "maxmemory") == {"maxmemory": "0"}
    assert call("redis.config_set", "maxmemory", "100mb") is True
    assert call("redis.config_get", "maxmemory") == {"maxmemory": "104857600"}
    assert call("redis.info")["redis_mode"] == "standalone"
    assert call("redis.save") is True
    assert abs(call("redis.lastsave") - time.time()) < 600
    assert abs(call("redis.time") - time.time()) < 600
    assert call("redis.get_master_ip") == {"master_host": "", "master_port": ""}


def test_a_server_that_is_away(tmp_path: Path):
    away = Shipped(tmp_path).outcome("redis.ping", "127.0.0.1", 1)
    assert "Error 111 connecting to 127.0.0.1:1" in away.value


@pytest.mark.behaviour("STM-02", "TST-01")
def test_states(trial: Trial):
    made = trial.thrice("redis.string", "k", value="v")
    assert (made.done, made.changes) == ("Key updated to new value", {"k": "Value updated"})
    assert trial.told("redis.string", "k", value="v")[1] == "Key already set to defined value"
    ends = trial.thrice("redis.string", "k", value="v", expire=500)
    assert ends.changes == {"expire": "Key expires in 500 seconds"}
    moment = int(time.time()) + 1000
    assert trial.thrice("redis.string", "k", value=2, expireat=moment).changes == {
        "k": "Value updated",
        "expireat": f"Key expires at {moment}",
    }
    gone = trial.thrice("redis.absent", "k")
    assert (gone.done, gone.changes) == ("Key deleted", {"deleted": ["k"]})
    for key in ("a", "b"):
        trial.minion.call("redis.set_key", key, "1")
    several = trial.thrice("redis.absent", "keys", keys=["a", "b", "c"])
    assert (several.done, several.changes) == ("Keys deleted", {"deleted": ["a", "b"]})
    assert trial.told("redis.absent", "k") == (True, "Key(s) specified already absent", {})


@pytest.fixture
def sentinel(tmp_path: Path, server: Server):
    port = free_port()
    file = tmp_path / "sentinel.conf"
    file.write_text(f"port {port}\nbind 127.0.0.1\nsentinel monitor mymaster 127.0.0.1 {server.port} 1\n")
    argv = [program("redis-server"), str(file), "--sentinel"]

    def answers(here: Server) -> None:
        with redis.Redis(port=here.port, socket_timeout=2) as client:
            client.ping()

    throwaway = Throwaway(argv, Server(port), answers, tmp_path / "sentinel.log")
    throwaway.start()
    yield port
    throwaway.stop()


@pytest.mark.behaviour("STM-02", "TST-01")
def test_a_server_copies_the_master_of_a_sentinel(tmp_path: Path, server: Server, sentinel: int):
    (tmp_path / "copy").mkdir()
    throwaway = redis_server(tmp_path / "copy")
    throwaway.start()
    try:
        copy: dict[str, Any] = {"host": "127.0.0.1", "port": throwaway.server.port}
        trial = Trial(tmp_path, **{"redis.host": "127.0.0.1", "redis.port": server.port})
        told = {"sentinel_host": "127.0.0.1", "sentinel_port": sentinel, **copy}
        made = trial.thrice("redis.slaveof", "mymaster", **told)
        master = {"master_host": "127.0.0.1", "master_port": str(server.port)}
        assert made == (
            "Minion will be made a slave of mymaster: 127.0.0.1",
            "Minion successfully connected to master: mymaster",
            {"old": {"master_host": "", "master_port": ""}, "new": master},
        )
        assert trial.told("redis.slaveof", "mymaster", **told)[1] == "Minion already slave of master: mymaster"
        assert trial.minion.call("redis.slaveof", **copy) is True
        assert trial.minion.call("redis.get_master_ip", **copy)["master_host"] == ""
        assert trial.minion.call("redis.shutdown", **copy) is True
    finally:
        throwaway.stop()
