"""States from a tree of nodes and classes: `master_tops: {saltclass: {path: DIRECTORY}}`."""

from __future__ import annotations

from pathlib import Path

from saltern.plugin_api import Functions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__salt__: Functions


def top(**kwargs: Any) -> dict[str, list[str]]:
    """The states of the minion's node and its classes, in the node's environment."""
    from saltern.plugin_api.saltclass import node_of

    def read(file: Path) -> Any:
        return __salt__["slsutil.renderer"](string=file.read_text(encoding="utf-8"), default_renderer="jinja|yaml")

    options = (kwargs["opts"].get("master_tops") or {}).get("saltclass") or {}
    node = node_of(Path(str(options.get("path") or "/srv/saltclass")), str(kwargs["opts"]["id"]), read)
    return {node.environment: node.states} if node is not None and node.states else {}
