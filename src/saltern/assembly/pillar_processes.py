"""The processes in which a master compiles pillars: templates must not hold up its event loop."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from saltern.assembly.pillar_worker import LENGTH, framed
from saltern.config.master import MasterConfig
from saltern.errors import SalternError
from saltern.master.pillars import Asked

_REST = 600.0
"""Seconds without a question after which a process ends; the next one then waits some tenths of a second."""
_START = "from saltern.assembly.pillar_worker import main; main()"


class PillarProcesses:
    """Compiles in up to `pillar_workers` processes, which are there while minions ask and a while longer."""

    def __init__(self, config: MasterConfig) -> None:
        self._config = config
        self._turns = asyncio.Semaphore(config.pillar_workers)
        self._resting: dict[Worker, asyncio.TimerHandle] = {}
        self._busy: set[Worker] = set()

    async def compile(self, minion: str, grains: bytes, asked: Asked) -> bytes:
        """A `master.pillars.Compile`."""
        # Text keys of any kind, and no more: what goes to the other process is plain data.
        return await self._submit(minion, grains, msgspec.to_builtins(asked))

    async def top(self, minion: str, grains: bytes, saltenv: str) -> bytes:
        """The top files of pillar as one, rendered for a minion. No minion may see it: it names all the others."""
        return await self._submit(minion, grains, msgspec.to_builtins(Asked(saltenv=saltenv)) | {"top": True})

    async def close(self) -> None:
        for worker in [*self._resting, *self._busy]:
            self._end(worker)

    async def _submit(self, minion: str, grains: bytes, asked: Mapping[str, Any]) -> bytes:
        async with self._turns:
            worker = await self._worker()
            self._busy.add(worker)
            try:
                pillar, records = await worker.ask(minion, grains, asked)
            except BaseException:
                # It is dead, or at work on what nobody waits for any more.
                self._end(worker)
                raise
            self._let_rest(worker)
        _log(records)
        if isinstance(pillar, Exception):
            raise pillar
        return pillar

    async def _worker(self) -> Worker:
        """The one that rested last, so that those too many end; or a new one."""
        while self._resting:
            worker, timer = self._resting.popitem()
            timer.cancel()
            if worker.is_alive:
                return worker
        return await Worker.start(self._config)

    def _let_rest(self, worker: Worker) -> None:
        self._busy.discard(worker)
        self._resting[worker] = asyncio.get_running_loop().call_later(_REST, self._end, worker)

    def _end(self, worker: Worker) -> None:
        self._busy.discard(worker)
        if (timer := self._resting.pop(worker, None)) is not None:
            timer.cancel()
        worker.kill()


class Worker:
    """One process, which answers one question at a time. It ends when its input does: when the master dies."""

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._questions, self._answers = process.stdin, process.stdout

    @classmethod
    async def start(cls, config: MasterConfig) -> Worker:
        # Neither forked, for the master has threads and their locks, nor by multiprocessing, whose tracker of
        # resources would be one more process for good.
        process = await asyncio.create_subprocess_exec(sys.executable, "-P", "-c", _START, stdin=PIPE, stdout=PIPE)
        worker = cls(process)
        worker._questions.write(framed((config, logging.getLogger().level)))
        return worker

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    async def ask(
        self, minion: str, grains: bytes, asked: Mapping[str, Any]
    ) -> tuple[bytes | Exception, list[logging.LogRecord]]:
        """A pillar, or why there is none, and what was logged on the way. `SalternError` when the process dies."""
        try:
            self._questions.write(framed((minion, grains, asked)))
            await self._questions.drain()
            (size,) = LENGTH.unpack(await self._answers.readexactly(LENGTH.size))
            answer = await self._answers.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise SalternError("The process that compiles pillars died; ask again.") from error
        found: tuple[bytes | Exception, list[logging.LogRecord]] = pickle.loads(answer)  # noqa: S301  (our own child)
        return found

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()


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
