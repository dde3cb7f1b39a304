"""A master's mines, and who may read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from saltern.config.master import MasterConfig
from saltern.mine.backends.sqlite import SqliteMineStore
from saltern.mine.contract import MineStore
from saltern.mine.serve import Mines
from saltern.model.target import Target
from saltern.targeting.resolve import Resolution


def mine_store(config: MasterConfig) -> MineStore:
    return SqliteMineStore(config.cachedir / "mine.db")


def mines(config: MasterConfig, store: MineStore, resolve: Callable[[Target], Resolution]) -> Mines:
    """Mines whose targets `resolve` answers."""
    return Mines(store, lambda target: resolve(target).minions, _allowed(config.mine_get) or None)


def _allowed(option: Mapping[str, list[str] | str]) -> dict[str, list[str]]:
    return {ids: [names] if isinstance(names, str) else list(names) for ids, names in option.items()}
