"""Addresses and networks."""

from __future__ import annotations

import ipaddress
import secrets
import socket
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from saltern.plugin_api.errors import CommandExecutionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Interface = ipaddress.IPv4Interface | ipaddress.IPv6Interface

_KINDS = ("global", "link_local", "loopback", "multicast", "private", "reserved", "site_local", "unspecified")
_CONNECT_SECONDS = 2.0


def is_ip(value: Any, options: str | None = None) -> bool:
    """Whether a value is an address or a network, of all the kinds in `options` (`private`, `global`, ...)."""
    return _address(value, options) is not None


def is_ipv4(value: Any, options: str | None = None) -> bool:
    return _address(value, options, 4) is not None


def is_ipv6(value: Any, options: str | None = None) -> bool:
    return _address(value, options, 6) is not None


def _address(value: Any, options: str | None, version: int | None = None) -> Interface | None:
    try:
        found = ipaddress.ip_interface(value)
    except (ValueError, TypeError):
        return None
    if version not in (None, found.version) or not all(_is_kind(found, kind) for kind in _listed(options)):
        return None
    return found


def _listed(options: str | None) -> list[str]:
    return [] if not options else [option.strip() for option in options.split(",")]


def _is_kind(address: Interface, kind: str) -> bool:
    if kind == "public":
        return not address.is_private
    # A network is of the kind that its first address is of.
    return kind not in _KINDS or bool(getattr(address.ip, f"is_{kind}", False))


def _chosen(version: int | None, show: Callable[[Any, Interface], Any]) -> Callable[..., Any]:
    """A filter for one address (None when it is none) or a list of them (without those that are none)."""

    def of_one(value: Any, options: str | None) -> Any:
        found = _address(value, options, version)
        return None if found is None else show(value, found)

    def chosen(value: Any, options: str | None = None) -> Any:
        if isinstance(value, str):
            return of_one(value, options)
        if not isinstance(value, Sequence):
            return None
        # IPv4 comes first, as it does in Salt.
        found = [(item, address) for item in value if (address := _address(item, options, version)) is not None]
        return [show(item, address) for item, address in sorted(found, key=lambda pair: pair[1].version)]

    return chosen


def _plain(value: Any, found: Interface) -> str:
    return str(found) if "/" in str(value) else str(ipaddress.ip_address(value))


def _hosts(_: Any, found: Interface) -> list[str]:
    return [str(host) for host in found.network.hosts()]


def ipwrap(value: Any) -> Any:
    """IPv6 addresses in brackets, as an address with a port needs them; anything else as it is."""
    if isinstance(value, list | tuple):
        return [ipwrap(item) for item in value]
    return f"[{value}]" if isinstance(value, str) and _address(value, None, 6) else value


def gen_mac(prefix: str = "AC:DE:48") -> str:
    """The prefix and three random bytes."""
    return ":".join([prefix, *(f"{byte:02X}" for byte in secrets.token_bytes(3))])


def mac_str_to_bytes(mac: str) -> bytes:
    """The six bytes of a MAC address, with separators or without."""
    digits = mac if len(mac) == 12 else mac.replace(mac[2:3], "") if len(mac) == 17 else ""
    if len(digits) != 12:
        raise ValueError("Invalid MAC address")
    return bytes(int(digits[place : place + 2], 16) for place in range(0, 12, 2))


def dns_check(name: str, port: int, safe: bool = False, ipv6: bool | None = None) -> str:
    """The address of a host, one that takes connections at `port` before one that does not; IPv6 in brackets.

    An empty text, with `safe`, or an error when there is none.
    """
    family = {None: socket.AF_UNSPEC, True: socket.AF_INET6, False: socket.AF_INET}[ipv6]
    try:
        found = socket.getaddrinfo(name, port, family, socket.SOCK_STREAM)
    except OSError as error:
        if safe:
            return ""
        raise CommandExecutionError(f"DNS lookup or connection check of '{name}' failed.") from error
    addresses = [str(place[0]) for *_, place in found]
    return str(ipwrap(next((address for address in addresses if _takes(address, port)), addresses[0])))


def _takes(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), _CONNECT_SECONDS).close()
    except OSError:
        return False
    return True


def filter_by_networks(values: Any, networks: Iterable[str]) -> Any:
    """The addresses that lie in one of the networks, of a list or of each list in a dictionary."""
    if isinstance(values, Mapping):
        return {key: filter_by_networks(item, networks) for key, item in values.items()}
    if not isinstance(values, Sequence):
        raise ValueError(f"Do not know how to filter a {type(values)}")
    known = [ipaddress.ip_network(network) for network in networks]
    return [value for value in values if any(ipaddress.ip_address(value) in network for network in known)]


FILTERS = {
    "is_ip": is_ip,
    "is_ipv4": is_ipv4,
    "is_ipv6": is_ipv6,
    "ipaddr": _chosen(None, _plain),
    "ipv4": _chosen(4, _plain),
    "ipv6": _chosen(6, _plain),
    "ip_host": _chosen(None, lambda _, found: str(found)),
    "network_hosts": _chosen(None, _hosts),
    "network_size": _chosen(None, lambda _, found: found.network.num_addresses),
    "ipwrap": ipwrap,
    "gen_mac": gen_mac,
    "mac_str_to_bytes": mac_str_to_bytes,
    "dns_check": dns_check,
    "filter_by_networks": filter_by_networks,
}
