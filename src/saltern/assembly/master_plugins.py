"""The plugins' world of a master."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from saltern.assembly.services import SERVICES
from saltern.config.master import MasterConfig
from saltern.errors import FunctionNotFound
from saltern.master.runners import MasterResult
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

    def __init__(self, config: MasterConfig, names: Mapping[str, Any]) -> None:
        self._opts = to_opts(config)
        self._names = names
        self._index = PluginIndex(SearchPath.of_opts(self._opts), str(config.cachedir))

    def space(self) -> PluginSpace:
        """A space for plugins that are no functions of an operator's, such as the back ends of logins."""
        return PluginSpace(self._index, Scope(self._opts, names=self._names, services=SERVICES))

    def call(self, kind: str, fun: str, args: list[Any], kwargs: dict[str, Any]) -> MasterResult:
        """A `master.runners.CallFunction`."""
        with self.space() as space:
            table = space.table(kind)
            try:
                function = table[fun]
            except FunctionMissingError as missing:
                raise FunctionNotFound(missing.reason) from missing
            try:
                value, success = function(*args, **kwargs), True
            except Exception as error:  # the boundary to a plugin: what it raises is what it gives
                log.info("the function %s failed", fun, exc_info=True)
                value, success = f"Exception occurred in {kind[:-1]} {fun}: {type(error).__name__}: {error}", False
            retcode = space.scope.context.get("retcode", 0)
            return MasterResult(
                value=plain(value), success=success and not retcode, out=table.outputter(fun), body=encode(value)
            )
