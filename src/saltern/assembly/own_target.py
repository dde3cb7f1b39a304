"""Whether target expressions mean the minion that a plugin space belongs to."""

from __future__ import annotations

from typing import Any

from saltern.model.target import MinionData, Target
from saltern.plugins.space import PluginSpace
from saltern.targeting.compile import read_target


class OwnTarget:
    """A `plugin_api.types.TargetMatcher`. A matcher of the user's own is asked before the shipped ones.

    What is neither a text nor a list means no minion.
    """

    def __init__(self, space: PluginSpace) -> None:
        self._space = space

    def matches(self, expression: Any, kind: str, *, minion_id: str | None = None, delimiter: str = ":") -> bool:
        scope = self._space.scope
        matchers, key = self._space.table("matchers"), f"{kind}_match.match"
        if key in matchers:
            return bool(matchers[key](expression))
        if not isinstance(expression, str | list | tuple):
            return False
        target = Target(
            expr=expression if isinstance(expression, str) else tuple(expression), kind=kind, delimiter=delimiter
        )
        test = read_target(target, scope.opts.get("nodegroups") or {}, strict=False)
        own = minion_id or str(scope.opts.get("id", ""))
        return test(own, lambda minion: self._facts(minion, data=kind == "data")) is True

    def _facts(self, minion: str, *, data: bool) -> MinionData:
        scope = self._space.scope
        # Grains are found out one by one as a test asks for them; the pillar is there as a whole.
        return MinionData(
            id=minion,
            grains=scope.grains if isinstance(scope.grains, dict) else dict(scope.grains),
            pillar=dict(scope.pillar),
            data=self._space.table("modules")["data.load"]() if data else None,
        )
