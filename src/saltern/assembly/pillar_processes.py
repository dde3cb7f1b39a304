"""The processes in which a master compiles pillars: templates must not hold up its event loop."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import multiprocessing
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import cache
from logging.handlers import QueueHandler
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NoReturn

import msgspec

from saltern.config.master import MasterConfig
from saltern.errors import SalternError
from saltern.master.pillars import Asked


class PillarProcesses:
    """Compiles in `pillar_workers` processes, which start when the first minion asks."""

    def __init__(self, config: MasterConfig) -> None:
        self._config = config
        self._pool: ProcessPoolExecutor | None = None

    async def compile(self, minion: str, grains: bytes, asked: Asked) -> bytes:
        """A `master.pillars.Compile`."""
        pool = self._running()
        try:
            # Text keys of any kind, and no more: what goes to the other process is plain data.
            work = pool.submit(_outcome, minion, grains, msgspec.to_builtins(asked))
            pillar, records = await asyncio.wrap_future(work)
        except BrokenProcessPool as error:
            if self._pool is pool:
                self._forget_pool()
            raise SalternError("The process that compiles pillars died; ask again.") from error
        _log(records)
        if isinstance(pillar, Exception):
            raise pillar
        return pillar

    async def close(self) -> None:
        self._forget_pool()

    def _running(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Not forked: the master has threads, and whatever they hold would be held in the copy for ever.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(
                self._config.pillar_workers,
                mp_context=context,
                initializer=_begin,
                initargs=(self._config, logging.getLogger().level),
            )
        return self._pool

    def _forget_pool(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)


def _log(records: Sequence[logging.LogRecord]) -> None:
    """Log what another process has to say: one process alone writes to a log file, and rotates it."""
    for record in records:
        logger = logging.getLogger(record.name)
        if logger.isEnabledFor(record.levelno):
            logger.handle(record)


def state_of_roots(config: MasterConfig) -> str:
    """A text that changes when a file of the pillar roots does; reads the disk."""
    digest = hashlib.sha256()
    for env, roots in sorted(config.pillar_roots.items()):
        for root in roots:
            for folder, _, names in sorted(os.walk(root, followlinks=True)):
                for name in sorted(names):
                    with suppress(OSError):
                        status = (Path(folder) / name).stat()
                        told = (env, folder, name, status.st_mtime_ns, status.st_size, status.st_ino)
                        digest.update(repr(told).encode())
    return digest.hexdigest()


_configs: list[MasterConfig] = []
"""The configuration of this process, set once at its start."""

_records: SimpleQueue[logging.LogRecord] = SimpleQueue()
"""What this process logged since its last compilation ended."""


def _begin(config: MasterConfig, level: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C at a terminal is the master's to answer
    logging.getLogger().addHandler(QueueHandler(_records))
    logging.getLogger().setLevel(level)
    _configs.append(config)


@cache
def _world() -> Any:
    """The options and the plugin index of a process that compiles."""
    from saltern.plugins.index import PluginIndex
    from saltern.plugins.search import SearchPath
    from saltern.salt_compat.opts import to_opts

    opts = to_opts(_configs[0])
    return opts, PluginIndex(SearchPath.of_opts(opts), str(_configs[0].cachedir))


def _outcome(minion: str, grains: bytes, asked: Mapping[str, Any]) -> tuple[bytes | Exception, list[logging.LogRecord]]:
    """A pillar, or why there is none, and what was logged on the way."""
    pillar: bytes | Exception
    try:
        pillar = _compiled(minion, grains, asked)
    except Exception as error:  # raised again in the master, behind what was logged
        pillar = error
    return pillar, [_records.get_nowait() for _ in range(_records.qsize())]


def _compiled(minion: str, grains: bytes, asked: Mapping[str, Any]) -> bytes:
    from saltern.assembly.local_pillar import compile_pillar
    from saltern.plugins.encode import encode

    opts, index = _world()
    known = {**(msgspec.msgpack.decode(grains) if grains else {}), "id": minion}
    with _within(_configs[0].pillar_timeout):
        pillar = compile_pillar(
            index,
            {**opts, "id": minion, "grains": known, "__role": "master"},
            known,
            asked["override"],
            pillarenv=asked["pillarenv"],
            saltenv=asked["saltenv"],
            external=asked["external"],
        )
    return encode(pillar)


@contextmanager
def _within(seconds: int) -> Iterator[None]:
    """Let what hangs fall over: each of these processes does one compilation at a time, in its main thread."""

    def too_long(*_: object) -> NoReturn:
        raise TimeoutError(f"it took longer than {seconds} s (pillar_timeout)")

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
