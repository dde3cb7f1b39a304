"""What `saltern.fleet.contract.FleetStore` means; every back end passes it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from saltern.fleet.backends.memory import MemoryFleetStore
from saltern.fleet.backends.sqlite import SqliteFleetStore
from saltern.fleet.contract import FleetStore, MinionRecord

WEB1 = MinionRecord(id="web1", digest="d1", grains=b"\x81\xa2os\xa6Debian", version="1.0", seen=12.5, started=3.25)


@pytest.fixture(params=["memory", "sqlite"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], FleetStore]:
    """Gives the store as it is after a restart; a memory store has none."""
    if request.param == "sqlite":
        return lambda: SqliteFleetStore(tmp_path / "new" / "minions.db")
    store = MemoryFleetStore()
    return lambda: store


@pytest.fixture
async def store(reopen: Callable[[], FleetStore]) -> AsyncIterator[FleetStore]:
    store = reopen()
    yield store
    await store.close()


def records(store: FleetStore) -> dict[str, MinionRecord]:
    found = store.load()
    assert len({record.id for record in found}) == len(found)
    return {record.id: record for record in found}


async def test_an_empty_store_knows_nobody(store: FleetStore) -> None:
    assert store.load() == []
    await store.forget("web1")
    assert store.load() == []


async def test_what_was_saved_is_there_after_a_restart(store: FleetStore, reopen: Callable[[], FleetStore]) -> None:
    await store.save(WEB1)
    assert records(reopen()) == {"web1": WEB1}


@pytest.mark.parametrize(
    "changed",
    [
        MinionRecord(id="web1"),
        MinionRecord(id="web1", digest="d2", grains=b"\x80", version="1.0", seen=12.5, started=3.25),
        MinionRecord(id="web1", digest="d1", grains=b"\x80", version="1.0", seen=12.5, started=3.25),
        MinionRecord(id="web1", digest="d1", grains=WEB1.grains, version="2.0", seen=99.0, started=4.0),
    ],
)
async def test_a_record_takes_the_place_of_the_one_before(
    store: FleetStore, reopen: Callable[[], FleetStore], changed: MinionRecord
) -> None:
    await store.save(WEB1)
    await store.save(changed)
    assert records(reopen()) == {"web1": changed}


async def test_a_forgotten_minion_is_gone_and_the_others_are_not(
    store: FleetStore, reopen: Callable[[], FleetStore]
) -> None:
    await asyncio.gather(store.save(WEB1), store.save(MinionRecord(id="web2")))
    await store.forget("web1")
    assert set(records(reopen())) == {"web2"}
    await store.save(WEB1)
    assert set(records(reopen())) == {"web1", "web2"}


async def test_many_at_once_are_all_saved(store: FleetStore, reopen: Callable[[], FleetStore]) -> None:
    saved = {f"m{number}": MinionRecord(id=f"m{number}", grains=b"\x80" * number) for number in range(3000)}
    await asyncio.gather(*map(store.save, saved.values()))
    assert records(reopen()) == saved


async def test_the_last_of_several_changes_holds(store: FleetStore, reopen: Callable[[], FleetStore]) -> None:
    changes = [MinionRecord(id="web1", seen=float(number)) for number in range(100)]
    await asyncio.gather(*map(store.save, changes))
    assert records(reopen()) == {"web1": changes[-1]}


@pytest.mark.parametrize("minion", ["'; DROP TABLE minion; --", "a\nb", "é\u202e", "x" * 253, "%", "\0"])
async def test_an_odd_id_is_an_id_like_any_other(
    store: FleetStore, reopen: Callable[[], FleetStore], minion: str
) -> None:
    await store.save(MinionRecord(id=minion))
    await store.save(WEB1)
    assert set(records(reopen())) == {minion, "web1"}
    await store.forget(minion)
    assert set(records(reopen())) == {"web1"}


async def test_a_caller_who_gives_up_waiting_harms_nobody(store: FleetStore, reopen: Callable[[], FleetStore]) -> None:
    impatient = asyncio.ensure_future(store.save(WEB1))
    await asyncio.sleep(0)
    impatient.cancel()
    await store.save(MinionRecord(id="web2"))
    assert "web2" in records(reopen())


async def test_closing_twice_does_no_harm(store: FleetStore) -> None:
    await store.save(WEB1)
    await store.close()
    await store.close()
