"""What `saltern.batch.contract.BatchStore` means; every back end passes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from saltern.batch.backends.directory import DirectoryBatchStore
from saltern.batch.backends.memory import MemoryBatchStore
from saltern.batch.contract import BatchStore
from saltern.batch.records import Batch, BatchPlan
from saltern.errors import StoreCorrupt
from saltern.model.target import Target

BATCH = Batch(
    jid="20261122085142537545",
    plan=BatchPlan(size=3, wait=1.5, failhard=True, max_fail=2),
    fun=["test.ping", "cmd.run"],
    target=Target(expr=("web1", "web2"), kind="list"),
    user="alice",
    total=2,
    created=12.5,
)


@pytest.fixture(params=["memory", "directory"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], BatchStore]:
    """Gives the store as it is after a restart; a memory store has none."""
    if request.param == "directory":
        return lambda: DirectoryBatchStore(tmp_path / "new" / "batches")
    store = MemoryBatchStore()
    return lambda: store


def test_an_empty_store_knows_no_batch(reopen: Callable[[], BatchStore]) -> None:
    store = reopen()
    assert (store.jids(), store.get(BATCH.jid)) == ([], None)
    store.forget(BATCH.jid)


def test_what_was_saved_is_there_after_a_restart(reopen: Callable[[], BatchStore]) -> None:
    reopen().save(BATCH)
    assert reopen().get(BATCH.jid) == BATCH


def test_a_batch_takes_the_place_of_the_one_before(reopen: Callable[[], BatchStore]) -> None:
    store = reopen()
    store.save(BATCH)
    paused = msgspec.structs.replace(BATCH, paused_by="bob")
    store.save(paused)
    assert (store.get(BATCH.jid), store.jids()) == (paused, [BATCH.jid])


def test_batches_are_listed_by_jid_and_forgotten_one_by_one(reopen: Callable[[], BatchStore]) -> None:
    store = reopen()
    later = msgspec.structs.replace(BATCH, jid="20261122085142537546_7")
    store.save(later)
    store.save(BATCH)
    assert store.jids() == [BATCH.jid, later.jid]
    store.forget(BATCH.jid)
    assert (store.jids(), store.get(BATCH.jid)) == ([later.jid], None)


@pytest.mark.parametrize("jid", ["../../etc/passwd", "", "x"])
def test_what_is_no_jid_names_no_batch(reopen: Callable[[], BatchStore], jid: str) -> None:
    store = reopen()
    assert store.get(jid) is None
    store.forget(jid)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    store = DirectoryBatchStore(tmp_path)
    store.save(BATCH)
    (tmp_path / BATCH.jid).write_text("{")
    with pytest.raises(StoreCorrupt, match=BATCH.jid):
        store.get(BATCH.jid)
    assert store.jids() == [BATCH.jid]
