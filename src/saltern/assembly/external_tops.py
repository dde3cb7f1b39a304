"""The verb `master_tops`: what the master's plugins add to the top files for the minion that asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from saltern.assembly.services import SERVICES
from saltern.config.master import MasterConfig
from saltern.plugins.index import PluginIndex
from saltern.plugins.scope import Scope
from saltern.plugins.search import SearchPath
from saltern.plugins.space import PluginSpace
from saltern.salt_compat.opts import to_opts
from saltern.states.external_tops import external_tops


class MasterTops:
    """`grains` gives those that the master knows of a minion: what plugins see is never what the minion says now."""

    def __init__(self, config: MasterConfig, grains: Callable[[str], dict[str, Any] | None]) -> None:
        self._opts = to_opts(config)
        self._grains = grains
        self._index = PluginIndex(SearchPath.of_opts(self._opts), str(config.cachedir))

    def ask(self, minion: str, args: Mapping[str, Any]) -> dict[str, list[str]]:
        """A `master.requests.Verb`."""
        if not self._opts.get("master_tops"):
            return {}
        grains = self._grains(minion) or {}
        scope = Scope({**self._opts, "id": minion, "grains": grains}, grains=grains, services=SERVICES)
        with PluginSpace(self._index, scope) as space:
            return external_tops(space)
