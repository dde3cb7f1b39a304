"""Plugins of a RabbitMQ server are enabled or disabled."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def __virtual__() -> bool | tuple[bool, str]:
    return "rabbitmq.plugin_is_enabled" in __salt__ or (False, "the module rabbitmq is not available")


def enabled(name: str, runas: str | None = None) -> dict[str, Any]:
    """A plugin is enabled."""
    return _applied(name, "enable", {"old": "", "new": name}, runas)


def disabled(name: str, runas: str | None = None) -> dict[str, Any]:
    """A plugin is not enabled."""
    return _applied(name, "disable", {"old": name, "new": ""}, runas)


def _applied(name: str, verb: str, changes: dict[str, str], runas: str | None) -> dict[str, Any]:
    try:
        if __salt__["rabbitmq.plugin_is_enabled"](name, runas=runas) == (verb == "enable"):
            return result_of(name, True, f"Plugin '{name}' is already {verb}d.")
        if verb == "enable" and name not in __salt__["rabbitmq.list_available_plugins"](runas=runas):
            return result_of(name, False, f"Error: RabbitMQ has no plugin '{name}'")
        if __opts__["test"]:
            return result_of(name, None, f"Plugin '{name}' is set to be {verb}d.", changes)
        __salt__[f"rabbitmq.{verb}_plugin"](name, runas=runas)
    except CommandExecutionError as error:
        return result_of(name, False, f"Error: {error}")
    return result_of(name, True, f"Plugin '{name}' was {verb}d.", changes)
