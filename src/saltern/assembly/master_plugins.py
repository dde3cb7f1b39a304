"""The plugins' world of a master."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from saltern.assembly import stored_options
from saltern.assembly.own_returners import with_own_returners
from saltern.assembly.plugins import local_files
from saltern.assembly.services import SERVICES
from saltern.config.master import MasterConfig
from saltern.errors import FunctionNotFound
from saltern.master.runners import MasterResult
from saltern.minion.grains import GrainSources, assemble
from saltern.plugin_api.types import EventSender
from saltern.plugins.encode import encode, plain
from saltern.plugins.index import PluginIndex
from saltern.plugins.scope import Scope
from saltern.plugins.search import SearchPath
from saltern.plugins.space import PluginSpace
from saltern.plugins.table import FunctionMissingError
from saltern.salt_compat.opts import to_opts

log = logging.getLogger(__name__)


class MasterPlugins:
    """The runner and wheel functions of a master. Each call has a space of its own and may run in any thread."""

    def __init__(self, config: MasterConfig, names: Mapping[str, Any], send_event: EventSender) -> None:
        self._config = config
        self._opts = with_own_returners(config, to_opts(config, file_client="local"))
        self._names = names
        self._send_event = send_event
        self._index = PluginIndex(SearchPath.of_opts(self._opts), str(config.cachedir))
        self._has_stored_options = stored_options.are_named(self._opts)

    def space(self, names: Mapping[str, Any] | None = None) -> PluginSpace:
        """A space for plugins, those too that are no functions of an operator's, such as the back ends of logins.

        `names` are further ones that its modules get.
        """
        scope = Scope(
            self._opts,
            grains=self._grains(),
            names={**self._names, **(names or {})},
            services=SERVICES,
            files=local_files(self._config),
            send_event=self._send_event,
            forks=False,
        )
        space = PluginSpace(self._index, scope)
        space.fill_pillar(lambda: dict(space.service("__pillar_compiler__").current()))
        if self._has_stored_options:
            scope.opts = stored_options.looked_up(scope.opts, space)
        return space

    def _grains(self) -> Any:
        """The grains of this host, each computed when a function asks for it."""
        space = PluginSpace(self._index, Scope(self._opts))
        return assemble(space.table("grains"), GrainSources(configured={}))

    def call(
        self, kind: str, fun: str, args: list[Any], kwargs: dict[str, Any], names: Mapping[str, Any]
    ) -> MasterResult:
        """A `master.runners.CallFunction`."""
        with self.space(names) as space:
            table = space.table(kind)
            try:
                function = table[fun]
            except FunctionMissingError as missing:
                raise FunctionNotFound(missing.reason) from missing
            try:
                value, success = function(*args, **kwargs), True
            except Exception as error:  # the boundary to a plugin: what it raises is what it gives
                log.info("the function %s failed", fun, exc_info=True)
                value, success = (
                    f"Exception occurred in {kind.removesuffix('s')} {fun}: {type(error).__name__}: {error}",
                    False,
                )
            retcode = space.scope.context.get("retcode", 0)
            return MasterResult(
                value=plain(value), success=success and not retcode, out=table.outputter(fun), body=encode(value)
            )
