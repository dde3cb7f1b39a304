"""How many returns a second stores elsewhere take from an export: through the process of the returner, batch by batch.

Each store is a server of its own with its usual durability (Redis with `appendfsync always`).
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

sys.path[:0] = [str(Path(__file__).parent.parent / "tests" / name) for name in ("", "faults")]

import msgspec  # noqa: E402
import yaml  # noqa: E402
from outage_lab import KINDS, Database  # noqa: E402

from bench.measure import Figure  # noqa: E402
from saltern.assembly.export_processes import ReturnerProcess  # noqa: E402
from saltern.config.master import load_master_config  # noqa: E402
from saltern.export.contract import Item  # noqa: E402
from saltern.export.exporter import ExportOptions  # noqa: E402
from saltern.salt_compat.returner_calls import JOB_CACHE_FUNCTIONS  # noqa: E402

_encode = msgspec.msgpack.Encoder().encode


class Shape(NamedTuple):
    """What is sent: jobs, returns of each, states in each return (0: a ping)."""

    key: str
    words: str
    jobs: int
    minions: int
    states: int


SHAPES = (
    Shape("pings", "jobs of 50 pings", 200, 50, 0),
    Shape("small", "jobs of 3 pings", 1000, 3, 0),
    Shape("states", "jobs of 50 runs of 15 states", 40, 50, 15),
)


def rates(runs: int) -> Iterator[list[Figure]]:
    """The figures of each store."""
    for store in KINDS:
        with tempfile.TemporaryDirectory(prefix="saltern-bench-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            (folder / "db").mkdir()
            with Database(store, folder / "db") as database:
                options = {"master_job_cache": store, "root_dir": str(folder), **database.options()}
                (folder / "master").write_text(yaml.safe_dump(options))
                yield asyncio.run(_figures(store, folder, runs))


async def _figures(store: str, folder: Path, runs: int) -> list[Figure]:
    target = ReturnerProcess(load_master_config(folder), store)
    numbers = iter(range(1, 10_000_000))
    try:
        await target.check(JOB_CACHE_FUNCTIONS, "master_job_cache")
        found = {shape: [await _rate(target, shape, numbers) for _ in range(runs)] for shape in SHAPES}
    finally:
        await target.close()
    return [
        Figure(f"export_rate_{store}_{shape.key}", f"{store}: {shape.words}", values, "returns/s", more_is_better=True)
        for shape, values in found.items()
    ]


async def _rate(target: ReturnerProcess, shape: Shape, numbers: Iterator[int]) -> float:
    batch = ExportOptions(name="").batch
    items = [item for _ in range(shape.jobs) for item in _job(shape, next(numbers))]
    began = time.perf_counter()
    for at in range(0, len(items), batch):
        some = items[at : at + batch]
        delivered = await target.deliver(some)
        assert (delivered.count, delivered.error) == (len(some), ""), delivered
    return shape.jobs * shape.minions / (time.perf_counter() - began)


def _job(shape: Shape, number: int) -> Iterator[Item]:
    """The load of a job and its returns, as the feed of a master gives them."""
    jid = f"20261127{number:012d}"
    fun = "state.apply" if shape.states else "test.ping"
    minions = [f"web{minion:05d}.example.net" for minion in range(shape.minions)]
    load = {"jid": jid, "fun": fun, "arg": [], "tgt": "*", "tgt_type": "glob", "user": "root", "cmd": "publish"}
    given: dict[str, Any] = {"call": "save_load", "load": {"jid": jid, "load": load, "minions": minions}}
    yield Item(seq=number, key=jid, group=jid, body=_encode(given))
    for minion in minions:
        ret = {"jid": jid, "id": minion, "fun": fun, "fun_args": [], "retcode": 0, "success": True, "cmd": "_return"}
        form = {"call": "returner", "load": ret, "value": _states(shape.states) if shape.states else True}
        yield Item(seq=number, key=f"{jid} {minion}", group=jid, body=_encode(form))


def _states(count: int) -> dict[str, Any]:
    return {
        f"file_|-conf{n}_|-/etc/app/conf{n}_|-managed": {
            "name": f"/etc/app/conf{n}", "result": True, "changes": {}, "duration": 1.5, "__run_num__": n,
            "comment": f"File /etc/app/conf{n} is in the correct state", "start_time": "08:51:42.512345",
        }
        for n in range(count)
    }  # fmt: skip
