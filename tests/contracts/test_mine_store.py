"""What `saltern.mine.contract.MineStore` means; every back end passes it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from saltern.errors import StoreCorrupt
from saltern.mine.backends.memory import MemoryMineStore
from saltern.mine.backends.sqlite import SqliteMineStore
from saltern.mine.contract import MineEntry, MineStore

ONE = MineEntry(b"\x01")
TWO = MineEntry(b"\x02", "web*", "glob")

pytestmark = pytest.mark.behaviour("MIN-03")


@pytest.fixture(params=["memory", "sqlite"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], MineStore]:
    """Gives the store as it is after a restart; a memory store has none."""
    if request.param == "sqlite":
        return lambda: SqliteMineStore(tmp_path / "new" / "mine.db")
    store = MemoryMineStore()
    return lambda: store


@pytest.fixture
async def store(reopen: Callable[[], MineStore]) -> AsyncIterator[MineStore]:
    store = reopen()
    yield store
    await store.close()


async def test_an_empty_store_gives_nothing(store: MineStore) -> None:
    assert store.read(["web1"], "ips") == {}
    store.delete("web1", "ips")
    store.flush("web1")


async def test_entries_are_read_by_name_in_the_order_of_the_minions(store: MineStore) -> None:
    store.update("web1", {"ips": ONE, "os": TWO})
    store.update("db1", {"ips": TWO})
    assert list(store.read(["web1", "none", "db1"], "ips").items()) == [("web1", ONE), ("db1", TWO)]
    assert list(store.read(["db1", "web1"], "ips")) == ["db1", "web1"]
    assert store.read(["db1"], "os") == {}
    assert store.read([], "ips") == {}


async def test_an_update_keeps_other_entries_unless_it_clears(store: MineStore) -> None:
    store.update("web1", {"ips": ONE, "os": ONE})
    store.update("web1", {"ips": TWO})
    assert store.read(["web1"], "ips") == {"web1": TWO}
    assert store.read(["web1"], "os") == {"web1": ONE}
    store.update("web1", {"ips": ONE}, clear=True)
    assert store.read(["web1"], "os") == {}


async def test_what_is_deleted_is_gone_for_that_minion_alone(store: MineStore) -> None:
    for minion in ("web1", "web2"):
        store.update(minion, {"ips": ONE, "os": ONE})
    store.delete("web1", "ips")
    assert list(store.read(["web1", "web2"], "ips")) == ["web2"]
    assert list(store.read(["web1", "web2"], "os")) == ["web1", "web2"]
    store.flush("web2")
    assert list(store.read(["web1", "web2"], "os")) == ["web1"]


async def test_a_whole_mine_is_read_by_name(store: MineStore) -> None:
    assert store.all_of("web1") == {}
    store.update("web1", {"os": TWO, "ips": ONE})
    store.update("web2", {"ips": TWO})
    assert list(store.all_of("web1").items()) == [("ips", ONE), ("os", TWO)]


async def test_a_restart_loses_nothing(reopen: Callable[[], MineStore]) -> None:
    store = reopen()
    store.update("web1", {"ips": TWO})
    await store.close()
    again = reopen()
    assert again.read(["web1"], "ips") == {"web1": TWO}
    await again.close()


async def test_names_and_ids_may_hold_any_character(store: MineStore) -> None:
    names = ["é", "a'b", 'a"b', "a%b", "a_b", "x" * 255]
    store.update("wéb'1", dict.fromkeys(names, ONE))
    for name in names:
        assert store.read(["wéb'1", "web1"], name) == {"wéb'1": ONE}


async def test_many_minions_are_read_at_once(store: MineStore) -> None:
    minions = [f"web{number}" for number in range(1_200)]
    for minion in minions[:600]:
        store.update(minion, {"ips": ONE})
    assert list(store.read(minions, "ips")) == minions[:600]


async def test_threads_may_write_at_the_same_time(store: MineStore) -> None:
    def tell(number: int) -> None:
        for _ in range(5):
            store.update(f"web{number}", {"ips": MineEntry(bytes([number]))})

    await asyncio.gather(*(asyncio.to_thread(tell, number) for number in range(8)))
    found = store.read([f"web{number}" for number in range(8)], "ips")
    assert {minion: entry.value for minion, entry in found.items()} == {f"web{n}": bytes([n]) for n in range(8)}


def test_a_damaged_file_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "mine.db").write_bytes(b"no database" * 1000)
    with pytest.raises(StoreCorrupt, match="is damaged") as caught:
        SqliteMineStore(tmp_path / "mine.db").read(["web1"], "ips")
    assert "move it away" in caught.value.hint
