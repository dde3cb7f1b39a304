"""A minion's pillar as its master compiles it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from saltern.errors import SalternError
from saltern.plugin_api.types import MasterRequest


class MasterPillar:
    """A `plugin_api.types.PillarSource` that asks the master, who knows this minion by its certificate."""

    def __init__(self, request: MasterRequest) -> None:
        self._request = request

    def current(self) -> dict[str, Any]:
        return self.compile()

    def compile(
        self,
        *,
        override: Mapping[str, Any] | None = None,
        pillarenv: str | None = None,
        saltenv: str | None = None,
        external: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        asked = {
            "override": dict(override or {}),
            "pillarenv": pillarenv,
            "saltenv": saltenv,
            "external": None if external is None else dict(external),
        }
        return dict(self._request("pillar", asked))

    def of_roots(self, roots: Mapping[str, Sequence[str]], pillarenv: str | None = None) -> dict[str, Any]:
        raise SalternError("The pillar of other roots is compiled on the master and without one.")
