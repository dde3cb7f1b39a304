"""Pillar data that a command of the master prints as JSON."""

from __future__ import annotations

from saltern.plugin_api import Functions
from saltern.plugin_api.pillar_command import data_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__salt__: Functions


def ext_pillar(minion_id: str, pillar: dict[str, Any], command: str) -> dict[str, Any]:
    """Run a command in which `%s` stands for the minion's id, and read what it prints."""
    import json

    return data_of(__salt__, command, minion_id, json.loads)
