"""What a minion may ask about its pillar, and how often it is compiled."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from saltern.errors import ArgumentError, PermissionRefused
from saltern.master.pillars import Asked, PillarCache, Pillars


class Fleet:
    def __init__(self) -> None:
        self.grains = {"m1": b"grains"}
        self.pillars: dict[str, bytes] = {}

    def encoded_grains(self, minion: str) -> bytes:
        return self.grains.get(minion, b"")

    def take_pillar(self, minion: str, pillar: bytes) -> None:
        self.pillars[minion] = pillar


class Compiler:
    def __init__(self) -> None:
        self.asked: list[tuple[str, bytes, Asked]] = []
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self, minion: str, grains: bytes, asked: Asked) -> bytes:
        self.asked.append((minion, grains, asked))
        await self.go.wait()
        return msgspec.msgpack.encode({"number": len(self.asked)})


def parts(cache: PillarCache | None = None) -> tuple[Pillars, Fleet, Compiler]:
    fleet, compiler = Fleet(), Compiler()
    return Pillars(compiler, fleet, frozenset({"virtkey"}), cache), fleet, compiler


def number(raw: msgspec.Raw) -> int:
    return int(msgspec.msgpack.decode(bytes(raw))["number"])


@pytest.mark.behaviour("PIL-07", "TRN-12")
async def test_a_minion_chooses_no_external_pillar_that_the_master_does_not_offer():
    pillars, _, compiler = parts()
    with pytest.raises(PermissionRefused, match="not allowed for on-demand pillar data: cmd_yaml"):
        await pillars.ask("m1", {"external": {"cmd_yaml": "echo 'a: 1'"}})
    assert compiler.asked == []
    await pillars.ask("m1", {"external": {"virtkey": None}})
    assert compiler.asked[0][2].external == {"virtkey": None}


@pytest.mark.behaviour("TRN-12")
@pytest.mark.parametrize("args", [{"override": []}, {"pillarenv": 5}, {"external": "cmd_yaml"}])
async def test_arguments_of_another_shape_are_refused(args: dict[str, object]):
    pillars, _, _ = parts()
    with pytest.raises(ArgumentError):
        await pillars.ask("m1", args)


@pytest.mark.behaviour("PIL-01")
async def test_the_id_is_that_of_the_connection_whatever_the_arguments_say():
    pillars, _, compiler = parts()
    await pillars.ask("m1", {"minion": "m2", "id": "m2", "grains": {"id": "m2"}})
    assert compiler.asked[0][:2] == ("m1", b"grains")


@pytest.mark.behaviour("PIL-01")
async def test_only_the_pillar_that_the_minion_has_counts_for_targets():
    pillars, fleet, _ = parts()
    await pillars.ask("m1", {"override": {"role": "db"}})
    await pillars.ask("m1", {"pillarenv": "dev"})
    assert fleet.pillars == {}
    await pillars.ask("m1", {})
    assert list(fleet.pillars) == ["m1"]


async def test_those_who_ask_the_same_at_the_same_time_wait_for_one_compilation():
    pillars, _, compiler = parts()
    compiler.go.clear()
    asking = [asyncio.create_task(pillars.ask("m1", {})) for _ in range(5)]
    other = asyncio.create_task(pillars.ask("m1", {"pillarenv": "dev"}))
    await asyncio.sleep(0)
    asking[0].cancel()
    compiler.go.set()
    assert len({number(raw) for raw in await asyncio.gather(*asking[1:])}) == 1
    await other
    assert len(compiler.asked) == 2
    assert number(await pillars.ask("m1", {})) == 3, "what was asked before is not kept"


@pytest.mark.behaviour("PIL-10")
async def test_a_cached_pillar_counts_until_what_it_was_made_from_changes():
    state = ["one"]
    pillars, fleet, _ = parts(PillarCache(3600, lambda: state[0]))
    assert [number(await pillars.ask("m1", {})) for _ in range(3)] == [1, 1, 1]
    assert number(await pillars.ask("m1", {"pillarenv": "dev"})) == 2
    assert number(await pillars.ask("m2", {})) == 3

    fleet.grains["m1"] = b"other grains"
    assert number(await pillars.ask("m1", {})) == 4
    state[0] = "two"
    assert number(await pillars.ask("m1", {})) == 5
    assert number(await pillars.ask("m1", {"fresh": True})) == 6
    assert number(await pillars.ask("m1", {})) == 6


@pytest.mark.behaviour("PIL-10")
async def test_a_cached_pillar_grows_old():
    pillars, _, _ = parts(PillarCache(0, lambda: ""))
    assert [number(await pillars.ask("m1", {})) for _ in range(2)] == [1, 2]
