"""Whether target expressions mean the minion that a plugin space belongs to."""

from __future__ import annotations

from saltern.model.target import MinionData, Target
from saltern.plugins.space import PluginSpace
from saltern.targeting.compile import compile_target


class OwnTarget:
    """A `plugin_api.types.TargetMatcher`."""

    def __init__(self, space: PluginSpace) -> None:
        self._space = space

    def matches(
        self, expression: str | list[str], kind: str, *, minion_id: str | None = None, delimiter: str = ":"
    ) -> bool:
        scope = self._space.scope
        minion = MinionData(
            id=minion_id or str(scope.opts.get("id", "")),
            grains=dict(scope.grains),
            pillar=dict(scope.pillar),
            data=self._space.table("modules")["data.load"]() if kind == "data" else None,
        )
        expr = expression if isinstance(expression, str) else tuple(expression)
        target = Target(expr=expr, kind=kind, delimiter=delimiter)
        return compile_target(target, scope.opts.get("nodegroups") or {})(minion)
