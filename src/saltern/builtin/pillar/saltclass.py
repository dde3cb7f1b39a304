"""Pillar from a tree of nodes and classes: saltclass."""

from __future__ import annotations

from pathlib import Path

from saltern.plugin_api import Functions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__salt__: Functions


def ext_pillar(
    minion_id: str, pillar: dict[str, Any], path: str | None = None, *args: Any, **kwargs: Any
) -> dict[str, Any]:
    """The pillars of the minion's node and its classes below `path`, and under `__saltclass__` what else is known."""
    from saltern.plugin_api.saltclass import node_of

    def read(file: Path) -> Any:
        return __salt__["slsutil.renderer"](string=file.read_text(encoding="utf-8"), default_renderer="jinja|yaml")

    node = node_of(Path(str(kwargs.get("path") or path)), minion_id, read)
    return {} if node is None else {**node.pillars, "__saltclass__": node.about()}
