"""What a container is made from: Salt's arguments, in the forms that people write, as the library takes them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from saltern.plugin_api.errors import SaltInvocationError

_ALIASES = {
    "cmd": "command",
    "env": "environment",
    "publish": "port_bindings",
    "expose": "ports",
    "volume": "binds",
    "volumes": "binds",
    "rm": "auto_remove",
    "restart": "restart_policy",
    "memory": "mem_limit",
    "memory_swap": "memswap_limit",
    "net": "network_mode",
    "label": "labels",
    "workdir": "working_dir",
    "add_host": "extra_hosts",
    "link": "links",
}
_OF_CONTAINER = (
    "command", "hostname", "user", "detach", "stdin_open", "tty", "ports", "environment", "volumes", "entrypoint",
    "working_dir", "domainname", "mac_address", "labels", "stop_signal", "stop_timeout", "healthcheck",
)  # fmt: skip
_OF_HOST = (
    "auto_remove", "binds", "blkio_weight", "cap_add", "cap_drop", "cpu_period", "cpu_quota", "cpu_shares",
    "cpuset_cpus", "cpuset_mems", "devices", "dns", "dns_opt", "dns_search", "extra_hosts", "group_add", "init",
    "ipc_mode", "links",
    "log_config", "mem_limit", "memswap_limit", "mem_reservation", "nano_cpus", "network_mode", "oom_score_adj",
    "pid_mode", "pids_limit", "port_bindings", "privileged", "publish_all_ports", "read_only", "restart_policy",
    "security_opt", "shm_size", "sysctls", "tmpfs", "ulimits", "userns_mode", "uts_mode", "volumes_from",
)  # fmt: skip


def split(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Arguments of a container, and those of its host configuration. `SaltInvocationError` for one that is unknown."""
    named = {_ALIASES.get(key, key): value for key, value in given.items() if value is not None}
    unknown = sorted(set(named) - {*_OF_CONTAINER, *_OF_HOST})
    if unknown:
        raise SaltInvocationError(f"Containers have no option {', '.join(unknown)}")
    read = {key: _READ[key](value) if key in _READ else value for key, value in named.items()}
    container = {key: read[key] for key in _OF_CONTAINER if key in read}
    host = {key: read[key] for key in _OF_HOST if key in read}
    if "port_bindings" in host:
        container["ports"] = [*container.get("ports", []), *(_port(one) for one in host["port_bindings"])]
    if "binds" in host:
        container["volumes"] = [bind.split(":")[1] for bind in host["binds"] if ":" in bind]
    return container, host


def _items(value: Any) -> list[str]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]


def _pairs(value: Any) -> dict[str, str]:
    """`a=b` texts, a mapping, or a list of either."""
    if isinstance(value, Mapping):
        return {str(key): "" if one is None else str(one) for key, one in value.items()}
    found: dict[str, str] = {}
    for one in _items(value) if not isinstance(value, list) else value:
        if isinstance(one, Mapping):
            found |= _pairs(one)
        else:
            key, _, text = str(one).partition("=")
            found[key] = text
    return found


def _command(value: Any) -> list[str]:
    return shlex.split(value) if isinstance(value, str) else [str(one) for one in value]


def _port(text: Any) -> Any:
    number, _, protocol = str(text).partition("/")
    return (int(number), protocol) if protocol and protocol != "tcp" else int(number)


def _bindings(value: Any) -> dict[str, Any]:
    """`80`, `8080:80`, `127.0.0.1:8080:80/udp`: the port of the container, and where it is published."""
    if isinstance(value, Mapping):
        return {str(key): one for key, one in value.items()}
    found: dict[str, Any] = {}
    for text in _items(value):
        published, _, protocol = text.partition("/")
        *outside, inside = published.rsplit(":", 2) if published.count(":") > 1 else published.split(":")
        key = f"{inside}/{protocol}" if protocol else inside
        place: Any = None
        if len(outside) == 2:
            place = (outside[0], int(outside[1])) if outside[1] else (outside[0],)
        elif outside:
            place = int(outside[0])
        found.setdefault(key, []).append(place)
    return found


def _policy(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    name, _, count = str(value).partition(":")
    return {"Name": name, "MaximumRetryCount": int(count or 0)}


def _links(value: Any) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {str(key): str(one) for key, one in value.items()}
    return {one.partition(":")[0]: one.partition(":")[2] or one for one in _items(value)}


def _hosts(value: Any) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {str(key): str(one) for key, one in value.items()}
    return {one.partition(":")[0]: one.partition(":")[2] for one in _items(value)}


_READ: dict[str, Any] = {
    "command": _command,
    "entrypoint": _command,
    "environment": _pairs,
    "labels": _pairs,
    "sysctls": _pairs,
    "ports": lambda value: [_port(one) for one in _items(value)],
    "port_bindings": _bindings,
    "binds": _items,
    "restart_policy": _policy,
    "links": _links,
    "extra_hosts": _hosts,
    "user": str,
    "hostname": str,
    **dict.fromkeys(
        ("cap_add", "cap_drop", "devices", "dns", "dns_opt", "dns_search", "group_add", "security_opt", "volumes_from"),
        _items,
    ),
}
