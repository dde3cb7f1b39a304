"""The process in which a master calls a returner: what a database makes it wait for must not hold up its event loop."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from logging.handlers import QueueHandler
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

import msgspec

from saltern.config.master import MasterConfig
from saltern.errors import ConfigError
from saltern.export.contract import Delivered, Item, Tidied

_START_SECONDS = 30.0
_END_SECONDS = 2.0


class ReturnerProcess:
    """An `export.contract.Target`: a returner in a process of its own, started anew when it does not answer."""

    def __init__(self, config: MasterConfig, name: str) -> None:
        self._config = config
        self._name = name
        self._process: Any = None
        self._pipe: Connection | None = None
        # Blocking reads of a pipe, one at a time.
        self._thread = ThreadPoolExecutor(1, f"saltern-export-{name}")

    async def check(self, functions: Sequence[str], option: str) -> None:
        """`ConfigError` when the returner lacks one of these functions, or cannot be loaded at all."""
        lacking = str(await self._try(("check", list(functions)), _START_SECONDS))
        if lacking:
            raise ConfigError(
                f"{option}: {self._name} cannot be used: {lacking}",
                hint="docs/job-cache.md tells which returners there are and what each of them needs.",
            )

    async def deliver(self, items: Sequence[Item]) -> Delivered:
        answer = await self._try(("deliver", msgspec.msgpack.encode(items)), self._config.export_timeout)
        return Delivered(count=0, error=answer, unanswered=True) if isinstance(answer, str) else answer

    async def tidy(self) -> Tidied:
        answer = await self._try(("tidy", None), self._config.export_timeout)
        return Tidied(error=answer) if isinstance(answer, str) else answer

    async def _try(self, question: tuple[str, Any], seconds: float) -> Any:
        """The answer, or a text that says why there is none; 0 seconds wait for ever."""
        try:
            return await self._ask(question, seconds or None)
        except TimeoutError:
            option = "" if question[0] == "check" else " (export_timeout)"
            return f"it did not answer within {seconds:g} seconds{option}"
        except (EOFError, OSError):
            self._end()
            return "the process of the returner died"

    async def close(self) -> None:
        self._end()
        self._thread.shutdown(wait=False)

    async def _ask(self, question: tuple[str, Any], seconds: float | None) -> Any:
        asked = asyncio.get_running_loop().run_in_executor(self._thread, self._exchange, question)
        try:
            answer, records = await asyncio.wait_for(asyncio.shield(asked), seconds)
        except (TimeoutError, asyncio.CancelledError):
            # Nobody knows what it has done and what not: the target has to tell one from the other.
            self._end()
            asked.add_done_callback(lambda done: done.cancelled() or done.exception())
            raise
        for record in records:
            logger = logging.getLogger(record.name)
            if logger.isEnabledFor(record.levelno):
                logger.handle(record)
        return answer

    def _exchange(self, question: tuple[str, Any]) -> tuple[Any, list[logging.LogRecord]]:
        pipe = self._running()
        pipe.send(question)
        answer: tuple[Any, list[logging.LogRecord]] = pipe.recv()
        return answer

    def _running(self) -> Connection:
        if self._process is None or not self._process.is_alive() or self._pipe is None:
            self._end()
            # Not forked: the master has threads, and whatever they hold would be held in the copy for ever.
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            level = logging.getLogger().level
            self._process = context.Process(target=_work, args=(self._config, self._name, theirs, level), daemon=True)
            self._process.start()
            theirs.close()
        return self._pipe

    def _end(self) -> None:
        process, self._process = self._process, None
        pipe, self._pipe = self._pipe, None
        if process is not None:
            process.kill()
            process.join(_END_SECONDS)
        if pipe is not None:
            pipe.close()


# --- in the process ---------------------------------------------------------------------------------------------------


def _work(config: MasterConfig, name: str, pipe: Connection, level: int) -> None:
    """Answer until the master closes its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C at a terminal is the master's to answer
    records: SimpleQueue[logging.LogRecord] = SimpleQueue()
    logging.getLogger().addHandler(QueueHandler(records))
    logging.getLogger().setLevel(level)
    calls = _calls(config, name)
    while True:
        try:
            verb, data = pipe.recv()
        except (EOFError, OSError):
            return
        if verb == "check":
            answer: Any = calls.lacking(data)
        elif verb == "tidy":
            answer = calls.tidy()
        else:
            answer = calls.deliver(msgspec.msgpack.decode(data, type=list[Item]))
        pipe.send((answer, [records.get_nowait() for _ in range(records.qsize())]))


def _calls(config: MasterConfig, name: str) -> Any:
    from saltern.assembly.own_returners import with_own_returners
    from saltern.assembly.services import SERVICES
    from saltern.plugins.index import PluginIndex
    from saltern.plugins.scope import Scope
    from saltern.plugins.search import SearchPath
    from saltern.plugins.space import PluginSpace
    from saltern.salt_compat.opts import to_opts
    from saltern.salt_compat.returner_calls import ReturnerCalls

    opts = with_own_returners(config, {**to_opts(config), "__role": "master"})
    index = PluginIndex(SearchPath.of_opts(opts), str(config.cachedir))
    # One space for all calls, so that a returner keeps its connection.
    space = PluginSpace(index, Scope(opts, services=SERVICES))
    end_times = _end_time if config.job_cache_store_endtime else None
    return ReturnerCalls(space.table("returners"), name, end_times=end_times)


def _end_time() -> str:
    from saltern.model.jid import jid_of, jid_to_time

    return jid_to_time(jid_of(datetime.now(UTC)))
