"""Zones and services of firewalld are as said, in the permanent configuration and the one that holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.indented import tree
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


class _Setting(NamedTuple):
    """One list of a zone: what it is called in changes, what is wanted, and the functions that read and change it."""

    called: str
    wanted: list[Any] | None
    prune: bool
    read: str
    add: str
    remove: str


def present(
    name: str,
    block_icmp: list[str] | None = None,
    prune_block_icmp: bool = False,
    default: bool | None = None,
    masquerade: bool | None = None,
    ports: list[str] | None = None,
    prune_ports: bool = False,
    port_fwd: list[str] | None = None,
    prune_port_fwd: bool = False,
    services: list[str] | None = None,
    prune_services: bool = False,
    interfaces: list[str] | None = None,
    prune_interfaces: bool = False,
    sources: list[str] | None = None,
    prune_sources: bool = False,
    rich_rules: list[str] | None = None,
    prune_rich_rules: bool = False,
) -> dict[str, Any]:
    """A zone is there and has these settings; `prune_*` removes those of a kind that are not named.

    A forwarded port is written `22:2222:tcp`, or `22:2222:tcp:192.0.2.1`. What is not said stays as it is.
    """
    forwards = None if port_fwd is None else [_forward(one) for one in port_fwd]
    settings = [
        _Setting("icmp_types", block_icmp, prune_block_icmp, "list_icmp_block", "block_icmp", "allow_icmp"),
        _Setting("ports", ports, prune_ports, "list_ports", "add_port", "remove_port"),
        _Setting("port_fwd", forwards, prune_port_fwd, "list_port_fwd", "add_port_fwd", "remove_port_fwd"),
        _Setting("services", services, prune_services, "list_services", "add_service", "remove_service"),
        _Setting("interfaces", interfaces, prune_interfaces, "get_interfaces", "add_interface", "remove_interface"),
        _Setting("sources", sources, prune_sources, "get_sources", "add_source", "remove_source"),
        _Setting("rich_rules", rich_rules, prune_rich_rules, "get_rich_rules", "add_rich_rule", "remove_rich_rule"),
    ]
    try:
        changes, steps = _plan(name, default, masquerade, settings)
        if not changes:
            return result_of(name, True, f"'{name}' is already in the desired state.")
        if __opts__["test"]:
            return result_of(name, None, f"Configuration for '{name}' will change:\n{tree(changes)}", changes)
        for step in steps:
            step()
        __salt__["firewalld.reload_rules"]()
    except CommandExecutionError as error:
        return result_of(name, False, f"Error: {error}")
    return result_of(name, True, f"'{name}' was configured.", changes)


def service(name: str, ports: list[str] | None = None, protocols: list[str] | None = None) -> dict[str, Any]:
    """A service is there and has these ports and protocols, and no others."""
    try:
        is_new = name not in __salt__["firewalld.get_services"](permanent=True)
        changes: dict[str, Any] = {}
        steps: list[Callable[[], Any]] = []
        if is_new:
            steps.append(lambda: __salt__["firewalld.new_service"](name, restart=False))
        for kind, wanted in (("port", ports or []), ("protocol", protocols or [])):
            now = [] if is_new else __salt__[f"firewalld.get_service_{kind}s"](name)
            if set(now) == set(wanted):
                continue
            changes[f"{kind}s"] = {"old": now, "new": wanted}
            steps += [_step(f"add_service_{kind}", name, one) for one in wanted if one not in now]
            steps += [_step(f"remove_service_{kind}", name, one) for one in now if one not in wanted]
        if is_new and not changes:
            changes[name] = {"old": None, "new": name}
        if not changes:
            return result_of(name, True, f"'{name}' is already in the desired state.")
        if __opts__["test"]:
            return result_of(name, None, f"Configuration for '{name}' will change.", changes)
        for step in steps:
            step()
        __salt__["firewalld.reload_rules"]()
    except CommandExecutionError as error:
        return result_of(name, False, f"Error: {error}")
    return result_of(name, True, f"'{name}' was configured.", changes)


def _plan(
    name: str, default: bool | None, masquerade: bool | None, settings: list[_Setting]
) -> tuple[dict[str, Any], list[Callable[[], Any]]]:
    """What changes, and the steps that change it."""
    changes: dict[str, Any] = {}
    steps: list[Callable[[], Any]] = []
    zones = __salt__["firewalld.get_zones"](permanent=True)
    is_new = name not in zones
    if is_new:
        changes[name] = {"old": zones, "new": name}
        # The default zone can only be one that holds already.
        steps.append(lambda: __salt__["firewalld.new_zone"](name, restart=True))
    for one in settings:
        now = [] if is_new or one.wanted is None else __salt__[f"firewalld.{one.read}"](name, permanent=True)
        added = [value for value in one.wanted or [] if value not in now]
        removed = [value for value in now if one.prune and value not in (one.wanted or [])]
        if added or removed:
            kept = [value for value in now if value not in removed]
            changes[one.called] = {"old": now, "new": [*kept, *added]}
        steps += [_zone_step(one.add, name, value) for value in added]
        steps += [_zone_step(one.remove, name, value) for value in removed]
    if masquerade is not None:
        masks = not is_new and __salt__["firewalld.get_masquerade"](name, permanent=True)
        if masks != masquerade:
            said = f"Masquerading successfully {'set' if masquerade else 'disabled'}."
            changes["masquerade"] = {"old": masks, "new": said}
            verb = "add" if masquerade else "remove"
            steps.append(lambda: __salt__[f"firewalld.{verb}_masquerade"](name, permanent=True))
    if default and (now_default := __salt__["firewalld.default_zone"]()) != name:
        changes["default"] = {"old": now_default, "new": name}
        steps.append(lambda: __salt__["firewalld.set_default_zone"](name))
    return changes, steps


def _step(function: str, *arguments: Any) -> Callable[[], Any]:
    return lambda: __salt__[f"firewalld.{function}"](*arguments)


def _zone_step(function: str, zone: str, value: Any) -> Callable[[], Any]:
    """A step that changes a zone; what is wrong with the value is an error."""
    if isinstance(value, dict):
        forward = [value[key] for key in ("Source port", "Destination port", "Protocol", "Destination address")]
        return lambda: __salt__[f"firewalld.{function}"](zone, *forward, permanent=True)
    names = (value, zone) if function.endswith("_service") else (zone, value)

    def change() -> None:
        if __salt__[f"firewalld.{function}"](*names, permanent=True) is False:
            raise CommandExecutionError(f"{value} is not known to firewalld")

    return change


def _forward(text: str) -> dict[str, str]:
    """A forwarded port as `firewalld.list_port_fwd` tells it."""
    parts = str(text).split(":", 3)
    if len(parts) < 3:
        raise CommandExecutionError(f"{text} is no forwarded port: write 22:2222:tcp or 22:2222:tcp:address")
    address = parts[3] if len(parts) > 3 else ""
    return {
        "Source port": parts[0],
        "Protocol": parts[2],
        "Destination port": parts[1],
        "Destination address": address,
    }
