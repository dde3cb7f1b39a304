"""Pillar data that a command of the master prints as YAML."""

from __future__ import annotations

from saltern.plugin_api import CommandExecutionError, Functions
from saltern.plugin_api.pillar_command import printed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__salt__: Functions


def ext_pillar(minion_id: str, pillar: dict[str, Any], command: str) -> dict[str, Any]:
    """Run a command in which `%s` stands for the minion's id, and read what it prints."""
    import yaml

    text = printed(__salt__, command, minion_id)
    try:
        return dict(yaml.safe_load(text) or {})
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise CommandExecutionError(f"The command does not print a YAML mapping: {error}") from error
