"""A RabbitMQ node is one of a cluster."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def __virtual__() -> bool | tuple[bool, str]:
    return "rabbitmq.join_cluster" in __salt__ or (False, "the module rabbitmq is not available")


def joined(
    name: str, host: str, user: str = "rabbit", ram_node: bool | None = None, runas: str | None = "root"
) -> dict[str, Any]:
    """This node is in the cluster of the node `user@host`. A node that joins loses all that it holds."""
    node = f"{user}@{host}"
    try:
        # A name is a word of its own there: another node's may begin with it.
        if node in __salt__["rabbitmq.cluster_status"](runas=runas).replace(",", " ").replace(":", " ").split():
            return result_of(name, True, "Already in cluster")
        changes = {"old": "", "new": node}
        if __opts__["test"]:
            return result_of(name, None, f"Node is set to join cluster {node}", changes)
        said = __salt__["rabbitmq.join_cluster"](host, user, ram_node, runas=runas)
    except CommandExecutionError as error:
        return result_of(name, False, f"Error: {error}")
    return result_of(name, True, said["Join"], changes)


join = joined
