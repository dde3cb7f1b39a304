"""The pillars of a master's minions, compiled in processes of their own: templates must not hold up the master."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from threading import Lock
from typing import Any

import msgspec

from saltern.config.master import MasterConfig
from saltern.errors import ArgumentError, SalternError

Grains = Callable[[str], dict[str, Any] | None]
Learned = Callable[[str, dict[str, Any]], None]
"""Told the pillar that a minion was given."""


class _Asked(msgspec.Struct, frozen=True):
    override: dict[str, Any] = {}
    pillarenv: str | None = None
    saltenv: str | None = None
    external: list[dict[str, Any]] | None = None


class Pillars:
    """The verb `pillar`. A minion gets its own pillar and no other: its id is the certificate's, its grains are those
    that the master knows of it. The processes start when the first minion asks."""

    def __init__(self, config: MasterConfig, grains: Grains, learned: Learned) -> None:
        self._config = config
        self._grains = grains
        self._learned = learned
        self._lock = Lock()
        self._pool: ProcessPoolExecutor | None = None

    def ask(self, minion: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """Compile; blocks, and is called in a thread."""
        try:
            asked = msgspec.convert(args, _Asked)
        except msgspec.ValidationError as error:
            raise ArgumentError(f"pillar: {error}") from error
        work = (minion, self._grains(minion) or {}, msgspec.to_builtins(asked))
        try:
            pillar: dict[str, Any] = self._running().submit(_compiled, *work).result()
        except BrokenProcessPool as error:
            self._forget_pool()
            raise SalternError("The process that compiles pillars died; ask again.") from error
        if not asked.override and asked.external is None and not asked.pillarenv:
            self._learned(minion, pillar)
        return pillar

    async def close(self) -> None:
        self._forget_pool()

    def _running(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                # Not forked: the master has threads, and whatever they hold would be held in the copy for ever.
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(
                    self._config.pillar_workers, mp_context=context, initializer=_begin, initargs=(self._config,)
                )
            return self._pool

    def _forget_pool(self) -> None:
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)


_configs: list[MasterConfig] = []
"""The configuration of this process, set once at its start."""


def _begin(config: MasterConfig) -> None:
    _configs.append(config)


@cache
def _world() -> Any:
    """The options and the plugin index of a process that compiles."""
    from saltern.plugins.index import PluginIndex
    from saltern.plugins.search import SearchPath
    from saltern.salt_compat.opts import to_opts

    opts = to_opts(_configs[0])
    return opts, PluginIndex(SearchPath.of_opts(opts), str(_configs[0].cachedir))


def _compiled(minion: str, grains: dict[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    from saltern.assembly.local_pillar import compile_pillar
    from saltern.plugins.encode import plain

    opts, index = _world()
    known = {**grains, "id": minion}
    pillar = compile_pillar(
        index,
        {**opts, "id": minion, "grains": known},
        known,
        asked["override"],
        pillarenv=asked["pillarenv"],
        saltenv=asked["saltenv"],
        external=asked["external"],
    )
    return dict(plain(pillar))
