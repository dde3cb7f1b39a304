"""Users, virtual hosts, policies, plugins and upstreams of a RabbitMQ server, by rabbitmqctl and rabbitmq-plugins.

`runas` is the user who calls these programs. What changes something answers with what rabbitmqctl said.
"""

from __future__ import annotations

import secrets
from typing import Any

from saltern.plugin_api import rabbitmq as server
from saltern.plugin_api.rabbitmq import CTL, PLUGINS, rows, tell

_UPSTREAM = "federation-upstream"


def __virtual__() -> bool | tuple[bool, str]:
    from saltern.plugin_api.process import find_program

    if find_program(CTL):
        return True
    return False, "rabbitmqctl is not installed"


# --- users ------------------------------------------------------------------------------------------------------------


def list_users(runas: str | None = None) -> dict[str, list[str]]:
    """The users with their tags; a user without any has an empty one.

    CLI Example::

        saltern run '*' rabbitmq.list_users
    """
    return {row["user"]: [str(tag) for tag in row["tags"]] or [""] for row in rows(["list_users"], runas)}


def user_exists(name: str, runas: str | None = None) -> bool:
    """Whether a user is there.

    CLI Example::

        saltern run '*' rabbitmq.user_exists rabbit_user
    """
    return str(name) in list_users(runas)


def add_user(name: str, password: str | None = None, runas: str | None = None) -> dict[str, str]:
    """Add a user. Without a password nobody can log in with one.

    CLI Example::

        saltern run '*' rabbitmq.add_user rabbit_user password
    """
    said = server.tell_password(["add_user", str(name)], password or secrets.token_urlsafe(32), runas)
    if not password:
        _clear_or_remove(str(name), runas)
    return {"Added": said}


def _clear_or_remove(name: str, runas: str | None) -> None:
    """Take the password from a new user, who is not to stay with one that nobody asked for."""
    try:
        clear_password(name, runas)
    except Exception:
        delete_user(name, runas)
        raise


def delete_user(name: str, runas: str | None = None) -> dict[str, str]:
    """Delete a user.

    CLI Example::

        saltern run '*' rabbitmq.delete_user rabbit_user
    """
    return {"Deleted": tell(["delete_user", str(name)], runas)}


def change_password(name: str, password: str, runas: str | None = None) -> dict[str, str]:
    """Give a user another password.

    CLI Example::

        saltern run '*' rabbitmq.change_password rabbit_user password
    """
    return {"Password Changed": server.tell_password(["change_password", str(name)], password, runas)}


def clear_password(name: str, runas: str | None = None) -> dict[str, str]:
    """Take a user's password away: nobody can log in with one then.

    CLI Example::

        saltern run '*' rabbitmq.clear_password rabbit_user
    """
    return {"Password Cleared": tell(["clear_password", str(name)], runas)}


def check_password(name: str, password: str, runas: str | None = None) -> bool:
    """Whether a user has this password.

    CLI Example::

        saltern run '*' rabbitmq.check_password rabbit_user password
    """
    return server.may_log_in(str(name), password, runas)


def set_user_tags(name: str, tags: Any, runas: str | None = None) -> dict[str, str]:
    """Give a user these tags, a list or words, and no others.

    CLI Example::

        saltern run '*' rabbitmq.set_user_tags myadmin administrator
    """
    return {"Tag(s) set": tell(["set_user_tags", str(name), *server.words_of_list(tags)], runas)}


# --- virtual hosts and permissions ------------------------------------------------------------------------------------


def list_vhosts(runas: str | None = None) -> list[str]:
    """The virtual hosts.

    CLI Example::

        saltern run '*' rabbitmq.list_vhosts
    """
    return [row["name"] for row in rows(["list_vhosts"], runas)]


def vhost_exists(name: str, runas: str | None = None) -> bool:
    """Whether a virtual host is there.

    CLI Example::

        saltern run '*' rabbitmq.vhost_exists rabbit_host
    """
    return str(name) in list_vhosts(runas)


def add_vhost(vhost: str, runas: str | None = None) -> dict[str, str]:
    """Add a virtual host.

    CLI Example::

        saltern run '*' rabbitmq.add_vhost '<vhost_name>'
    """
    return {"Added": tell(["add_vhost", str(vhost)], runas)}


def delete_vhost(vhost: str, runas: str | None = None) -> dict[str, str]:
    """Delete a virtual host with all that is in it.

    CLI Example::

        saltern run '*' rabbitmq.delete_vhost '<vhost_name>'
    """
    return {"Deleted": tell(["delete_vhost", str(vhost)], runas)}


def set_permissions(
    vhost: str, user: str, conf: str = ".*", write: str = ".*", read: str = ".*", runas: str | None = None
) -> dict[str, str]:
    """Let a user of a virtual host configure, write and read what these expressions fit.

    CLI Example::

        saltern run '*' rabbitmq.set_permissions myvhost myuser
        saltern run '*' rabbitmq.set_permissions myvhost myuser conf='' write='^orders' read='.*'
    """
    expressions = ["" if one is None else str(one) for one in (conf, write, read)]
    return {"Permissions Set": tell(["set_permissions", "-p", str(vhost), str(user), *expressions], runas)}


def list_permissions(vhost: str, runas: str | None = None) -> dict[str, dict[str, str]]:
    """What the users of a virtual host may configure, write and read.

    CLI Example::

        saltern run '*' rabbitmq.list_permissions /myvhost
    """
    return _by("user", rows(["list_permissions", "-p", str(vhost)], runas))


def list_user_permissions(name: str, runas: str | None = None) -> dict[str, dict[str, str]]:
    """What a user may configure, write and read, by virtual host.

    CLI Example::

        saltern run '*' rabbitmq.list_user_permissions user
    """
    return _by("vhost", rows(["list_user_permissions", str(name)], runas))


def _by(key: str, permissions: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    return {row.pop(key): row for row in permissions}


# --- policies ---------------------------------------------------------------------------------------------------------


def list_policies(vhost: str = "/", runas: str | None = None) -> dict[str, dict[str, dict[str, str]]]:
    """The policies of a virtual host, by its name and theirs.

    CLI Example::

        saltern run '*' rabbitmq.list_policies
    """
    found: dict[str, dict[str, dict[str, str]]] = {}
    for row in rows(["list_policies", "-p", str(vhost)], runas):
        found.setdefault(row["vhost"], {})[row["name"]] = {
            "pattern": row["pattern"],
            "apply_to": row["apply-to"],
            "definition": server.definition_text(row["definition"]),
            "priority": str(row["priority"]),
        }
    return found


def policy_exists(vhost: str, name: str, runas: str | None = None) -> bool:
    """Whether a virtual host has a policy of this name.

    CLI Example::

        saltern run '*' rabbitmq.policy_exists / HA
    """
    return str(name) in list_policies(vhost, runas).get(str(vhost), {})


def set_policy(
    vhost: str,
    name: str,
    pattern: str,
    definition: Any,
    priority: int | None = None,
    runas: str | None = None,
    apply_to: str | None = None,
) -> dict[str, str]:
    """Set a policy: `definition` (JSON, or data) holds for `queues`, `exchanges` or `all` whose names fit `pattern`.

    CLI Example::

        saltern run '*' rabbitmq.set_policy / short '.*' '{"max-length": 5}'
    """
    options = [*(["--priority", str(priority)] if priority else []), *(["--apply-to", apply_to] if apply_to else [])]
    text = definition if isinstance(definition, str) else _json(definition)
    return {"Set": tell(["set_policy", "-p", str(vhost), *options, str(name), str(pattern), text], runas)}


def delete_policy(vhost: str, name: str, runas: str | None = None) -> dict[str, str]:
    """Take a policy from a virtual host.

    CLI Example::

        saltern run '*' rabbitmq.delete_policy / HA
    """
    return {"Deleted": tell(["clear_policy", "-p", str(vhost), str(name)], runas)}


def _json(value: Any) -> str:
    import json

    return json.dumps(value)


# --- queues -----------------------------------------------------------------------------------------------------------


def list_queues(runas: str | None = None, *args: str) -> dict[str, list[str]]:
    """The queues of the virtual host `/`: of each the items asked for, the name first.

    CLI Example::

        saltern run '*' rabbitmq.list_queues rabbitmq name messages consumers
    """
    return _queues(["list_queues"], args, runas)


def list_queues_vhost(vhost: str, runas: str | None = None, *args: str) -> dict[str, list[str]]:
    """The queues of a virtual host: of each the items asked for, the name first.

    CLI Example::

        saltern run '*' rabbitmq.list_queues_vhost shop rabbitmq name messages consumers
    """
    return _queues(["list_queues", "-p", str(vhost)], args, runas)


def _queues(words: list[str], items: tuple[str, ...], runas: str | None) -> dict[str, list[str]]:
    wanted = [str(item) for item in items or ("name", "messages")]
    found = {}
    for row in rows([*words, *wanted], runas):
        first, *rest = [str(row[item]) for item in wanted]
        found[first] = rest
    return found


# --- the node and its cluster -----------------------------------------------------------------------------------------


def status(runas: str | None = None) -> str:
    """What rabbitmqctl tells about the node.

    CLI Example::

        saltern run '*' rabbitmq.status
    """
    return tell(["status"], runas)


def cluster_status(runas: str | None = None) -> str:
    """What rabbitmqctl tells about the cluster.

    CLI Example::

        saltern run '*' rabbitmq.cluster_status
    """
    return tell(["cluster_status"], runas)


def join_cluster(
    host: str, user: str = "rabbit", ram_node: bool | None = None, runas: str | None = None
) -> dict[str, str]:
    """Make this node one of the cluster of the node `user@host`. All that this node holds is lost.

    The application is stopped for it, and started again also where the node could not join.

    CLI Example::

        saltern run '*' rabbitmq.join_cluster rabbit.example.com rabbit
    """
    stop_app(runas)
    try:
        said = tell(["join_cluster", *(["--ram"] if ram_node else []), f"{user}@{host}"], runas)
    finally:
        start_app(runas)
    return {"Join": said}


def stop_app(runas: str | None = None) -> str:
    """Stop the RabbitMQ application, and leave its Erlang node running.

    CLI Example::

        saltern run '*' rabbitmq.stop_app
    """
    return tell(["stop_app"], runas)


def start_app(runas: str | None = None) -> str:
    """Start the RabbitMQ application.

    CLI Example::

        saltern run '*' rabbitmq.start_app
    """
    return tell(["start_app"], runas)


def reset(runas: str | None = None) -> str:
    """Make a node as it was when new, out of its cluster and without any data. Its application has to be stopped.

    CLI Example::

        saltern run '*' rabbitmq.reset
    """
    return tell(["reset"], runas)


def force_reset(runas: str | None = None) -> str:
    """As `reset`, whatever the state of the cluster is.

    CLI Example::

        saltern run '*' rabbitmq.force_reset
    """
    return tell(["force_reset"], runas)


# --- plugins ----------------------------------------------------------------------------------------------------------


def list_available_plugins(runas: str | None = None) -> list[str]:
    """The names of all plugins.

    CLI Example::

        saltern run '*' rabbitmq.list_available_plugins
    """
    return tell(["list", "-q", "-m"], runas, program=PLUGINS).split()


def list_enabled_plugins(runas: str | None = None) -> list[str]:
    """The names of the plugins that were enabled.

    CLI Example::

        saltern run '*' rabbitmq.list_enabled_plugins
    """
    return tell(["list", "-q", "-m", "-e"], runas, program=PLUGINS).split()


def plugin_is_enabled(name: str, runas: str | None = None) -> bool:
    """Whether a plugin was enabled.

    CLI Example::

        saltern run '*' rabbitmq.plugin_is_enabled rabbitmq_plugin_name
    """
    return str(name) in list_enabled_plugins(runas)


def enable_plugin(name: str, runas: str | None = None) -> dict[str, str]:
    """Enable a plugin.

    CLI Example::

        saltern run '*' rabbitmq.enable_plugin rabbitmq_management
    """
    return {"Enabled": tell(["enable", str(name)], runas, program=PLUGINS)}


def disable_plugin(name: str, runas: str | None = None) -> dict[str, str]:
    """Disable a plugin.

    CLI Example::

        saltern run '*' rabbitmq.disable_plugin rabbitmq_management
    """
    return {"Disabled": tell(["disable", str(name)], runas, program=PLUGINS)}


# --- upstreams --------------------------------------------------------------------------------------------------------


def list_upstreams(runas: str | None = None) -> dict[str, str]:
    """The upstreams of federation, each with what was set for it as JSON; its URI may hold a password.

    CLI Example::

        saltern run '*' rabbitmq.list_upstreams
    """
    parameters = [row for row in rows(["list_parameters"], runas) if row["component"] == _UPSTREAM]
    return {row["name"]: server.definition_text(row["value"]) for row in parameters}


def upstream_exists(name: str, runas: str | None = None) -> bool:
    """Whether an upstream is there.

    CLI Example::

        saltern run '*' rabbitmq.upstream_exists rabbit_upstream
    """
    return str(name) in list_upstreams(runas)


def set_upstream(
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
) -> bool:
    """Set an upstream of federated exchanges and queues; what is not given has RabbitMQ's default.

    `uri` is one or a list. `ack_mode` is `on-confirm`, `on-publish` or `no-ack`; `expires` and `message_ttl` are in
    milliseconds, `reconnect_delay` in seconds.

    CLI Example::

        saltern run '*' rabbitmq.set_upstream upstream_name ack_mode=on-confirm max_hops=1 uri=amqp://hostname
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
    server.set_parameter(_UPSTREAM, str(name), server.upstream_of(options), runas)
    return True


def delete_upstream(name: str, runas: str | None = None) -> bool:
    """Take an upstream away.

    CLI Example::

        saltern run '*' rabbitmq.delete_upstream upstream_name
    """
    tell(["clear_parameter", _UPSTREAM, str(name)], runas)
    return True
