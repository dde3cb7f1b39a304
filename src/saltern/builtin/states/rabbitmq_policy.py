"""Policies of a RabbitMQ server are there as they should be, or are not there."""

from __future__ import annotations

import json
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def __virtual__() -> bool | tuple[bool, str]:
    return "rabbitmq.policy_exists" in __salt__ or (False, "the module rabbitmq is not available")


def present(
    name: str,
    pattern: str,
    definition: Any,
    priority: int = 0,
    vhost: str = "/",
    runas: str | None = None,
    apply_to: str | None = None,
) -> dict[str, Any]:
    """A virtual host has a policy: `definition` (JSON, or data) holds for what fits the expression `pattern`.

    `apply_to` is `queues`, `exchanges` or `all`; where it is not given, that of a policy that is there may be any.
    """
    try:
        wanted = json.loads(definition) if isinstance(definition, str) else definition
    except ValueError as error:
        return result_of(name, False, f"The definition is no JSON: {error}")
    try:
        current = __salt__["rabbitmq.list_policies"](vhost=vhost, runas=runas).get(vhost, {}).get(name)
        differing = _differing(current, pattern, wanted, apply_to, priority)
        if current and not differing:
            return result_of(name, True, f"Policy {vhost} {name} is already present")
        changes = {"old": current, "new": differing} if current else {"old": {}, "new": name}
        if __opts__["test"]:
            what = "updated" if current else "created"
            return result_of(name, None, f"Policy {vhost} {name} is set to be {what}", changes)
        applied = apply_to or (current or {}).get("apply_to")
        said = __salt__["rabbitmq.set_policy"](
            vhost, name, pattern, definition, priority=priority, runas=runas, apply_to=applied
        )
    except CommandExecutionError as error:
        return result_of(name, False, f"Error: {error}")
    return result_of(name, True, said["Set"], changes)


def absent(name: str, vhost: str = "/", runas: str | None = None) -> dict[str, Any]:
    """A virtual host has no policy of this name."""
    try:
        if not __salt__["rabbitmq.policy_exists"](vhost, name, runas=runas):
            return result_of(name, True, f"Policy '{vhost} {name}' is not present.")
        changes = {"old": name, "new": ""}
        if __opts__["test"]:
            return result_of(name, None, f"Policy '{vhost} {name}' will be removed.", changes)
        __salt__["rabbitmq.delete_policy"](vhost, name, runas=runas)
    except CommandExecutionError as error:
        return result_of(name, False, f"Error: {error}")
    return result_of(name, True, "Deleted", changes)


def _differing(
    current: dict[str, str] | None, pattern: str, definition: Any, apply_to: str | None, priority: int
) -> list[str]:
    """What of a policy is not as it should be."""
    if current is None:
        return []
    is_other = {
        "Pattern": current["pattern"] != pattern,
        "Definition": json.loads(current["definition"]) != definition,
        "Applyto": bool(apply_to) and current["apply_to"] != apply_to,
        "Priority": int(current["priority"]) != int(priority or 0),
    }
    return [what for what, other in is_other.items() if other]
