from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from saltern.errors import StoreCorrupt, StoreError
from saltern.fleet.backends.sqlite import SqliteFleetStore
from saltern.fleet.contract import MinionRecord


async def test_the_files_are_their_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = SqliteFleetStore(tmp_path / "cache" / "minions.db")
        await store.save(MinionRecord(id="web1"))
        files = list((tmp_path / "cache").iterdir())
        assert len(files) >= 2
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
        await store.close()
    finally:
        os.umask(before)


async def test_a_damaged_file_is_named_to_everybody_who_asks(tmp_path: Path) -> None:
    path = tmp_path / "minions.db"
    path.write_bytes(b"no database at all, " * 100)
    store = SqliteFleetStore(path)
    with pytest.raises(StoreCorrupt, match=r"minions\.db is damaged"):
        store.load()
    results = await asyncio.gather(
        *(store.save(MinionRecord(id=f"m{number}")) for number in range(3)), return_exceptions=True
    )
    assert [type(result) for result in results] == [StoreCorrupt] * 3
    await store.close()


async def test_a_place_where_nothing_can_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = SqliteFleetStore(tmp_path / "file" / "minions.db")
    with pytest.raises(StoreError, match=r"minions\.db cannot be used"):
        store.load()
    with pytest.raises(StoreError, match=r"minions\.db cannot be used"):
        await store.save(MinionRecord(id="web1"))
    await store.close()


async def test_a_store_works_again_when_the_trouble_is_over(tmp_path: Path) -> None:
    path = tmp_path / "minions.db"
    path.mkdir()
    store = SqliteFleetStore(path)
    with pytest.raises(StoreError):
        await store.save(MinionRecord(id="web1"))
    path.rmdir()
    await store.save(MinionRecord(id="web1"))
    assert [record.id for record in store.load()] == ["web1"]
    await store.close()


KILLED = """
import asyncio, sys
from pathlib import Path
from saltern.fleet.backends.sqlite import SqliteFleetStore
from saltern.fleet.contract import MinionRecord

async def main():
    store = SqliteFleetStore(Path(sys.argv[1]))
    for number in range(100_000):
        await asyncio.gather(*(store.save(MinionRecord(id=f"{number}-{part}", grains=b"x" * 100)) for part in range(3)))
        print(number, flush=True)

asyncio.run(main())
"""


@pytest.mark.faults
def test_what_was_answered_outlives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "minions.db"
    with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True) as process:
        last = ""
        while last != "20":
            last = process.stdout.readline().strip()
        process.send_signal(signal.SIGKILL)
        answered = [int(line) for line in process.stdout.read().split()]
    newest = max([20, *answered])
    kept = {record.id for record in SqliteFleetStore(path).load()}
    assert {f"{number}-{part}" for number in range(newest + 1) for part in range(3)} <= kept


def test_a_process_that_only_knows_of_the_store_does_not_load_sqlite() -> None:
    code = "import sys, saltern.fleet.registry, saltern.fleet.backends.sqlite; assert 'sqlite3' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
