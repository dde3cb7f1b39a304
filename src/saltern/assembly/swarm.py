"""`saltern swarm`: simulated minions in several processes, and what they did."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import multiprocessing
import multiprocessing.connection
import multiprocessing.context
import resource
import signal
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from saltern.pki.contexts import client_context
from saltern.swarm.fake import Behaviour, Counts
from saltern.swarm.keys import SwarmKeys
from saltern.swarm.pool import Pool, PoolOptions
from saltern.transport.backends.tls import TlsClient

_SPARE_FILES = 200
_REPORT = 1.0


class SwarmOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`processes` 0: as few as file descriptors allow. `duration` in seconds, 0: until SIGINT or SIGTERM."""

    count: int
    master: str
    name: str = "swarm"
    processes: int = 0
    rate: float = 0.0
    duration: float = 0.0
    token: str = ""
    seed: int = 0
    state: str = ""
    behaviour: Behaviour = Behaviour()


def run_swarm(options: SwarmOptions) -> int:
    """Run the swarm to its end and print its counts as one JSON line; the exit status."""
    with contextlib.ExitStack() as stack:
        directory = options.state or stack.enter_context(tempfile.TemporaryDirectory(prefix="saltern-swarm-"))
        processes = options.processes or processes_for(options.count)
        readers, workers = [], []
        context = multiprocessing.get_context("fork")
        for pool in _shares(options, processes, Path(directory)):
            reader, writer = context.Pipe(duplex=False)
            worker = context.Process(target=_process, args=(pool, options.duration, writer))
            worker.start()
            writer.close()
            readers.append(reader)
            workers.append(worker)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: _end(workers))
        total = _watch(readers, options.count)
        for worker in workers:
            worker.join()
        print(msgspec.json.encode(summary(total)).decode())  # noqa: T201
    return 0


def summary(counts: Counts) -> dict[str, float]:
    """The counts, with the times to an acknowledgement as percentiles (milliseconds)."""
    acks = sorted(counts.ack_ms)
    found = {name: value for name, value in msgspec.structs.asdict(counts).items() if name != "ack_ms"}
    for name, share in (("ack_p50_ms", 0.5), ("ack_p99_ms", 0.99), ("ack_max_ms", 1.0)):
        found[name] = acks[min(len(acks) - 1, int(share * len(acks)))] if acks else 0.0
    return found


def _end(workers: list[multiprocessing.context.ForkProcess]) -> None:
    for worker in workers:
        if worker.is_alive():
            worker.terminate()


def processes_for(count: int) -> int:
    """As few processes as the limit on file descriptors allows for so many connections."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    each = max(100, hard - _SPARE_FILES)
    return -(-count // each)


def _shares(options: SwarmOptions, processes: int, directory: Path) -> list[PoolOptions]:
    bounds = [options.count * part // processes for part in range(processes + 1)]
    return [
        PoolOptions(
            name=options.name, first=first, count=last - first, master=options.master, directory=directory,
            token=options.token, rate=options.rate / processes, seed=options.seed, behaviour=options.behaviour,
        )
        for first, last in itertools.pairwise(bounds)
    ]  # fmt: skip


def _process(options: PoolOptions, duration: float, report: Connection) -> None:
    import uvloop

    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with contextlib.suppress(BrokenPipeError):
        uvloop.run(_run(options, duration, report))


async def _run(options: PoolOptions, duration: float, report: Connection) -> None:
    keys = SwarmKeys(options.directory)
    pool = Pool(options, keys, lambda minion: _transport(keys, minion))
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    running = asyncio.get_running_loop().create_task(pool.run())
    end = time.monotonic() + duration if duration else float("inf")
    while not stop.is_set() and not running.done() and time.monotonic() < end:
        report.send((pool.welcomed, msgspec.structs.asdict(pool.counts)))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _REPORT)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    report.send((0, msgspec.structs.asdict(pool.counts)))
    report.close()


def _transport(keys: SwarmKeys, minion: str) -> TlsClient:
    """Whoever enrols trusts whom he meets; the simulated minions trust the authority that they then learned of."""
    if not minion:
        return TlsClient(client_context(None))
    return TlsClient(client_context(keys.authority, keys.certificate(minion), keys.key))


def _watch(readers: list[Connection], count: int) -> Counts:
    """Read the reports until all processes have ended; say on stderr when all are connected."""
    latest: dict[Connection, tuple[int, Counts]] = {}
    waiting, announced = list(readers), False
    while waiting:
        for reader in multiprocessing.connection.wait(waiting):
            assert isinstance(reader, Connection)
            try:
                welcomed, counts = reader.recv()
            except EOFError:
                waiting.remove(reader)
                continue
            latest[reader] = (welcomed, Counts(**counts))
        connected = sum(welcomed for welcomed, _ in latest.values())
        if connected == count and not announced:
            announced = True
            print(f"{count} minions are connected", file=sys.stderr, flush=True)  # noqa: T201
    total = Counts()
    for _, counts in latest.values():
        total.add(counts)
    return total
