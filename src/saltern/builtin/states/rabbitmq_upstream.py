"""Upstreams of RabbitMQ's federation are there as they should be, or are not there."""

from __future__ import annotations

import json
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.rabbitmq import shown, upstream_of
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def __virtual__() -> bool | tuple[bool, str]:
    return "rabbitmq.upstream_exists" in __salt__ or (False, "the module rabbitmq is not available")


def present(
    name: str,
    uri: Any,
    prefetch_count: int | None = None,
    reconnect_delay: int | None = None,
    ack_mode: str | None = None,
    trust_user_id: bool | None = None,
    exchange: str | None = None,
    max_hops: int | None = None,
    expires: int | None = None,
    message_ttl: int | None = None,
    ha_policy: str | None = None,
    queue: str | None = None,
    runas: str | None = None,
) -> dict[str, Any]:
    """An upstream is there with these arguments and no others, which are those of `rabbitmq.set_upstream`.

    The changes show the URI without the password in it.
    """
    options = {
        "uri": uri,
        "prefetch_count": prefetch_count,
        "reconnect_delay": reconnect_delay,
        "ack_mode": ack_mode,
        "trust_user_id": trust_user_id,
        "exchange": exchange,
        "max_hops": max_hops,
        "expires": expires,
        "message_ttl": message_ttl,
        "ha_policy": ha_policy,
        "queue": queue,
    }
    wanted, doing = upstream_of(options), "create"
    try:
        found = __salt__["rabbitmq.list_upstreams"](runas=runas).get(name)
        current = json.loads(found) if found else None
        if current == wanted:
            return result_of(name, True, f'Upstream "{name}" already present as specified.')
        doing = "create" if current is None else "update"
        changes = {"old": _only_in(current, wanted), "new": _only_in(wanted, current)}
        if __opts__["test"]:
            return result_of(name, None, f'Upstream "{name}" would have been {doing}d.', changes)
        __salt__["rabbitmq.set_upstream"](name, runas=runas, **options)
    except CommandExecutionError as error:
        return result_of(name, False, f"Error trying to {doing} upstream: {error}")
    return result_of(name, True, f'Upstream "{name}" {doing}d.', changes)


def absent(name: str, runas: str | None = None) -> dict[str, Any]:
    """An upstream is not there."""
    try:
        if not __salt__["rabbitmq.upstream_exists"](name, runas=runas):
            return result_of(name, True, f'The upstream "{name}" is already absent.')
        changes = {"old": name, "new": None}
        if __opts__["test"]:
            return result_of(name, None, f'Upstream "{name}" would have been deleted.', changes)
        __salt__["rabbitmq.delete_upstream"](name, runas=runas)
    except CommandExecutionError as error:
        return result_of(name, False, f"Error trying to delete upstream: {error}")
    return result_of(name, True, f'Upstream "{name}" has been deleted.', changes)


def _only_in(one: dict[str, Any] | None, other: dict[str, Any] | None) -> dict[str, Any] | None:
    """What one has and the other has not so, as it may be shown."""
    if one is None:
        return None
    return shown({key: value for key, value in one.items() if (other or {}).get(key) != value})
