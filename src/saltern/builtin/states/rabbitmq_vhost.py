"""Virtual hosts of a RabbitMQ server are there, or are not there."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def __virtual__() -> bool | tuple[bool, str]:
    return "rabbitmq.vhost_exists" in __salt__ or (False, "the module rabbitmq is not available")


def present(name: str) -> dict[str, Any]:
    """A virtual host is there."""
    return _applied(name, "created", f"Virtual Host '{name}' already exists.", {"old": "", "new": name})


def absent(name: str) -> dict[str, Any]:
    """A virtual host is not there."""
    return _applied(name, "removed", f"Virtual Host '{name}' is not present.", {"old": name, "new": ""})


def _applied(name: str, done: str, as_it_is: str, changes: dict[str, str]) -> dict[str, Any]:
    wanted = bool(changes["new"])
    try:
        if __salt__["rabbitmq.vhost_exists"](name) == wanted:
            return result_of(name, True, as_it_is)
        if __opts__["test"]:
            return result_of(name, None, f"Virtual Host '{name}' will be {done}.", changes)
        said = __salt__["rabbitmq.add_vhost" if wanted else "rabbitmq.delete_vhost"](name)
    except CommandExecutionError as error:
        return result_of(name, False, f"Error: {error}")
    return result_of(name, True, said["Added" if wanted else "Deleted"], changes)
