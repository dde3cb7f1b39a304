"""Addresses and interfaces."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

from saltern.plugin_api.jinja.filters.network import (
    dns_check,
    filter_by_networks,
    gen_mac,
    ipwrap,
    mac_str_to_bytes,
)
from saltern.plugin_api.salt.utils.validate.net import ipv4_addr as is_ipv4
from saltern.plugin_api.salt.utils.validate.net import ipv6_addr as is_ipv6

__all__ = [
    "calc_net", "dns_check", "filter_by_networks", "gen_mac", "get_fqhostname", "host_to_ips", "in_subnet",
    "ip_bracket", "ip_to_host", "ipwrap", "is_ip", "is_ipv4", "is_ipv6", "is_loopback", "is_reachable_host",
    "is_subnet", "mac_str_to_bytes", "sanitize_host",
]  # fmt: skip


def is_ip(ip_addr: Any) -> bool:
    return is_ipv4(ip_addr) or is_ipv6(ip_addr)


def is_loopback(ip_addr: Any) -> bool:
    try:
        return ipaddress.ip_address(ip_addr).is_loopback
    except ValueError:
        return False


def is_subnet(cidr: Any) -> bool:
    """Whether this is a network with its length, `192.0.2.0/24`."""
    try:
        return "/" in str(cidr) and bool(ipaddress.ip_network(cidr))
    except ValueError:
        return False


def in_subnet(cidr: str, addr: str | list[str] | None = None) -> bool:
    """Whether an address, or one of a list, is in a network."""
    try:
        network = ipaddress.ip_network(cidr)
    except ValueError:
        return False
    addresses = [addr] if isinstance(addr, str) else addr or []
    return any(ipaddress.ip_address(one) in network for one in addresses)


def calc_net(ipaddr: str, netmask: str | None = None) -> str:
    """The network of an address and its mask, `192.0.2.0/24`."""
    return str(ipaddress.ip_network(f"{ipaddr}/{netmask}" if netmask else ipaddr, strict=False))


def get_fqhostname() -> str:
    return socket.getfqdn()


def host_to_ips(host: str) -> list[str] | None:
    """The addresses of a name; None when it is not known."""
    try:
        found = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)
    except OSError:
        return None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found)) or None


def ip_to_host(ip: str) -> str | None:
    try:
        return socket.gethostbyaddr(ip)[0]
    except OSError:
        return None


def is_reachable_host(entity_name: str) -> bool:
    """Whether a name has an address."""
    return host_to_ips(entity_name) is not None


def ip_bracket(addr: str, strip: bool = False) -> str:
    """An IPv6 address in brackets, for URLs; with `strip` without them."""
    bare = str(addr).strip("[]")
    return f"[{bare}]" if ":" in bare and not strip else bare


def sanitize_host(host: str) -> str:
    """The text without what a host name cannot have."""
    return "".join(one for one in host if one.isascii() and (one.isalnum() or one in "-._"))
