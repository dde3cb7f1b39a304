"""A minion's pillar as its master compiles it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from saltern.errors import SalternError, Unreachable
from saltern.minion.worker import Line


class MasterPillar:
    """A `plugin_api.types.PillarSource` behind the line of a worker: the link process holds the pillar in memory, and
    the master, who knows this minion by its certificate, compiles it."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def current(self) -> dict[str, Any]:
        return self._line.pillar()

    def refresh(self) -> dict[str, Any]:
        return self._line.pillar(fresh=True)

    def for_states(self, override: Mapping[str, Any] | None = None, pillarenv: str | None = None) -> dict[str, Any]:
        return self.compile(override=override, pillarenv=pillarenv)

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
        return dict(self._line.ask("pillar", asked))

    def of_roots(self, roots: Mapping[str, Sequence[str]], pillarenv: str | None = None) -> dict[str, Any]:
        raise SalternError("Pillar of other roots is compiled where the roots are: on the master, or without one.")


def no_master(_space: object) -> NoReturn:
    """In place of a `plugin_api.types.PillarSource`, where there is nobody to be asked."""
    raise Unreachable(
        "There is no minion running here that could ask its master for the pillar.",
        hint="Start the minion, or use --local to compile the pillar of this machine.",
    )
