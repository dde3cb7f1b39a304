"""The node groups of the master's configuration that a minion is in."""

from __future__ import annotations

from saltern.plugin_api import Functions, Opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts
__salt__: Functions


def ext_pillar(minion_id: str, pillar: dict[str, Any], pillar_name: str | None = None) -> dict[str, Any]:
    """The names of the groups, under `pillar_name` (`nodegroups`)."""
    groups = __opts__.get("nodegroups") or {}
    return {pillar_name or "nodegroups": [name for name in groups if __salt__["match.compound"](f"N@{name}")]}
