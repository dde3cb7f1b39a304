from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import msgspec
import pytest

from saltern.errors import ProtocolError, StoreFull
from saltern.fleet.backends.memory import MemoryFleetStore
from saltern.fleet.contract import MinionRecord
from saltern.fleet.registry import Fleet
from saltern.transport.frames import Hello

GRAINS = {"os": "Debian", "ipv4": ["127.0.0.1"], "nested": {"a": 1}}


def encoded(grains: Any) -> tuple[str, bytes]:
    data = msgspec.msgpack.encode(grains)
    return hashlib.sha256(data).hexdigest(), data


def hello(digest: str = "", started: float = 5.0, **running: int) -> Hello:
    return Hello(version=1, software="1.2", digest=digest, started=started, running=running)


@pytest.fixture
def store() -> MemoryFleetStore:
    return MemoryFleetStore()


@pytest.fixture
def fleet(store: MemoryFleetStore) -> Fleet:
    return Fleet(store)


async def test_a_minion_comes_works_and_goes(fleet: Fleet) -> None:
    assert not fleet.is_connected("web1")
    fleet.connected("web1", "10.0.0.1:999", hello(j1=77), 100.0)
    assert fleet.is_connected("web1")
    assert fleet.connected_count == 1
    assert fleet.running("web1") == {"j1": 77}
    fleet.beat("web1", {"j2": 78}, 130.0)
    assert (fleet.last_heard("web1"), fleet.beats("web1"), fleet.started("web1")) == (130.0, 1, 5.0)
    assert fleet.running("web1").keys() == {"j2"}
    assert fleet.rows() == {
        "web1": {"connected": True, "version": "1.2", "seen": 130.0, "address": "10.0.0.1:999", "running": {"j2": 78}}
    }
    fleet.disconnected("web1", 140.0)
    assert fleet.connected_count == 0
    row = fleet.rows()["web1"]
    assert (row["connected"], row["seen"], row["running"]) == (False, 140.0, {})


async def test_of_a_minion_that_never_came_nothing_is_known(fleet: Fleet) -> None:
    fleet.beat("nobody", {}, 1.0)
    fleet.disconnected("nobody", 1.0)
    assert (fleet.last_heard("nobody"), fleet.beats("nobody"), fleet.started("nobody")) == (0.0, 0, 0.0)
    assert (fleet.running("nobody"), fleet.grains("nobody"), fleet.rows()) == ({}, None, {})


async def test_heartbeats_count_from_each_connection_anew(fleet: Fleet) -> None:
    fleet.connected("web1", "", hello(), 1.0)
    fleet.beat("web1", {}, 2.0)
    fleet.connected("web1", "", hello(), 3.0)
    assert fleet.beats("web1") == 0


@pytest.mark.behaviour("TGT-01")
async def test_targeting_sees_grains_once_they_are_known(fleet: Fleet) -> None:
    digest, data = encoded(GRAINS)
    assert not fleet.connected("web1", "", hello(digest), 1.0)
    assert (fleet.grains("web1"), fleet.grains("web2")) == (None, None)
    fleet.take_grains("web1", digest, data)
    assert (fleet.grains("web1"), fleet.grains("web2")) == (GRAINS, None)
    assert fleet.connected("web1", "", hello(digest), 2.0)
    assert not fleet.connected("web1", "", hello("another"), 2.0)
    assert not fleet.connected("web1", "", hello(""), 2.0)


async def test_what_a_caller_does_to_grains_stays_with_the_caller(fleet: Fleet) -> None:
    fleet.take_grains("web1", *encoded(GRAINS))
    fleet.grains("web1")["os"] = "changed"
    assert fleet.grains("web1") == GRAINS


@pytest.mark.parametrize(
    "data",
    [b"", b"\xc1", b"\x93\x01\x02\x03", b"\x81\x01\x02", b"\x81", b"\x81\xa1a" + b"\x91" * 100_000, b"\x80\x80"],
    ids=["nothing", "rubbish", "a list", "a number for a key", "cut short", "too deep", "too much"],
)
async def test_grains_that_are_none_are_refused_and_change_nothing(fleet: Fleet, data: bytes) -> None:
    fleet.take_grains("web1", *encoded(GRAINS))
    with pytest.raises(ProtocolError):
        fleet.take_grains("web1", hashlib.sha256(data).hexdigest(), data)
    assert fleet.grains("web1") == GRAINS


async def test_grains_that_do_not_fit_their_digest_are_refused(fleet: Fleet) -> None:
    with pytest.raises(ProtocolError, match="digest"):
        fleet.take_grains("web1", "0" * 64, encoded(GRAINS)[1])
    assert fleet.grains("web1") is None


async def test_a_restarted_master_remembers(fleet: Fleet, store: MemoryFleetStore) -> None:
    digest, data = encoded(GRAINS)
    fleet.connected("web1", "10.0.0.1:1", hello(), 10.0)
    fleet.take_grains("web1", digest, data)
    fleet.disconnected("web1", 20.0)
    await fleet.close()
    again = Fleet(store)
    assert again.grains("web1") == GRAINS
    assert not again.is_connected("web1")
    assert again.started("web1") == 5.0
    assert again.rows()["web1"]["seen"] == 20.0
    assert again.connected("web1", "", hello(digest), 30.0)


@pytest.mark.behaviour("KEY-07")
async def test_a_forgotten_minion_is_unknown_for_good(fleet: Fleet, store: MemoryFleetStore) -> None:
    fleet.take_grains("web1", *encoded(GRAINS))
    fleet.take_grains("web2", *encoded(GRAINS))
    await fleet.forget("web1")
    await fleet.forget("nobody")
    await fleet.flush()
    assert [record.id for record in store.load()] == ["web2"]
    assert list(fleet.rows()) == ["web2"]


async def test_a_minion_that_is_forgotten_while_it_is_saved_is_forgotten(fleet: Fleet, store: MemoryFleetStore) -> None:
    for steps in range(4):
        fleet.take_grains("web1", *encoded(GRAINS))
        for _ in range(steps):
            await asyncio.sleep(0)
        await fleet.forget("web1")
        await fleet.flush()
        assert store.load() == []


class Failing(MemoryFleetStore):
    def __init__(self) -> None:
        super().__init__()
        self.fails = True

    async def save(self, record: MinionRecord) -> None:
        if self.fails:
            raise StoreFull("minions.db: the disk is full")
        await super().save(record)


async def test_a_store_that_cannot_save_is_named_and_the_fleet_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    store = Failing()
    fleet = Fleet(store)
    for number in range(50):
        fleet.connected(f"m{number}", "", hello(), 1.0)
    await fleet.flush()
    assert fleet.connected_count == 50
    assert caplog.text.count("minions.db: the disk is full") == 1
    store.fails = False
    fleet.disconnected("m7", 2.0)
    await fleet.flush()
    assert [record.id for record in store.load()] == ["m7"]


@pytest.mark.behaviour("GRN-07")
async def test_who_asked_hears_of_what_has_changed_and_of_nothing_else(store: MemoryFleetStore) -> None:
    told: list[str] = []
    fleet = Fleet(store, told.append)
    fleet.connected("web1", "", hello(), 1.0)
    fleet.take_grains("web1", *encoded(GRAINS))
    fleet.take_grains("web1", *encoded(GRAINS))
    assert told == ["web1"]
    fleet.take_pillar("web1", b"\x80")
    fleet.take_pillar("web1", b"\x80")
    fleet.take_grains("web1", *encoded({"os": "another"}))
    with pytest.raises(ProtocolError):
        fleet.take_grains("web1", *encoded([1]))
    assert told == ["web1"] * 3
