"""Names and addresses of this host.

Names are looked up in `/etc/hosts` first. Only a name that is not there is asked of the system's resolver, in a process
that is ended after a second: a broken DNS delays the grains, and stops nothing.
"""

from __future__ import annotations

import re
import socket
from typing import Any

from saltern.plugin_api import Opts
from saltern.plugin_api.getent import getent, reverse_names
from saltern.plugin_api.linux import netlink, proc, resolver
from saltern.plugin_api.linux.files import read_text

__opts__: Opts

__grains_keys__ = {
    "localhost": ("localhost",),
    "names": ("fqdn", "host", "domain", "fqdn_ip4", "fqdn_ip6"),
    "all_names": ("fqdns",),
    "addresses": ("ip_interfaces", "ip4_interfaces", "ip6_interfaces", "ipv4", "ipv6"),
    "hardware_addresses": ("hwaddr_interfaces",),
    "gateways": ("ip_gw", "ip4_gw", "ip6_gw"),
    "dns": ("dns",),
}

_LOOKUP_SECONDS = 1.0


def localhost() -> dict[str, str]:
    return {"localhost": socket.gethostname()}


def names() -> dict[str, Any]:
    name = socket.gethostname()
    entry = resolver.find_host(read_text("/etc/hosts"), name) or _look_up(name)
    fqdn = entry.canonical if entry else name
    host, _, domain = fqdn.partition(".")
    return {
        "fqdn": fqdn,
        "host": host,
        "domain": domain,
        "fqdn_ip4": entry.ip4 if entry else [],
        "fqdn_ip6": entry.ip6 if entry else [],
    }


def all_names() -> dict[str, list[str]]:
    """The names that the addresses of this host have, if `enable_fqdns_grains` is set."""
    if not __opts__.get("enable_fqdns_grains"):
        return {"fqdns": []}
    outside = [found.address for found in netlink.addresses() if not _is_local(found.address)]
    return {"fqdns": reverse_names(outside)}


def addresses() -> dict[str, Any]:
    interfaces = dict(socket.if_nameindex())
    by_family: dict[int, dict[str, list[str]]] = {4: _empty(interfaces), 6: _empty(interfaces)}
    for found in netlink.addresses():
        if found.interface in interfaces:
            by_family[found.family][interfaces[found.interface]].append(found.address)
    return {
        "ip4_interfaces": by_family[4],
        "ip6_interfaces": by_family[6],
        "ip_interfaces": {name: by_family[4][name] + by_family[6][name] for name in interfaces.values()},
        "ipv4": _all(by_family[4]),
        "ipv6": _all(by_family[6]),
    }


def hardware_addresses() -> dict[str, dict[str, str]]:
    found = {name: read_text(f"/sys/class/net/{name}/address") for _, name in socket.if_nameindex()}
    return {"hwaddr_interfaces": {name: address for name, address in found.items() if address}}


def gateways() -> dict[str, str | bool]:
    """The first default gateway of each family; False where there is none."""
    ip4 = proc.parse_route(read_text("/proc/net/route"))
    ip6 = proc.parse_ipv6_route(read_text("/proc/net/ipv6_route"))
    return {
        "ip_gw": bool(ip4 or ip6),
        "ip4_gw": ip4[0][1] if ip4 else False,
        "ip6_gw": ip6[0][1] if ip6 else False,
    }


def dns() -> dict[str, Any]:
    """The resolver's configuration; behind systemd-resolved its real servers instead of the stub's address."""
    found = resolver.parse_resolv_conf(read_text("/etc/resolv.conf"))
    if found["nameservers"] == ["127.0.0.53"]:
        behind = read_text("/run/systemd/resolve/resolv.conf")
        found = resolver.parse_resolv_conf(behind) if behind else found
    return {"dns": found}


def _look_up(name: str) -> resolver.HostEntry | None:
    if name in ("", "localhost") or not _asks_further():
        return None
    return resolver.parse_ahosts(getent("ahosts", [name], seconds=_LOOKUP_SECONDS))


def _asks_further() -> bool:
    """Whether the system looks for host names anywhere but in `/etc/hosts`."""
    sources = re.search(r"^hosts:(.*)$", read_text("/etc/nsswitch.conf"), re.MULTILINE)
    return sources is None or bool(set(sources[1].split()) - {"files"})


def _is_local(address: str) -> bool:
    return address.startswith(("127.", "fe80:")) or address == "::1"


def _empty(interfaces: dict[int, str]) -> dict[str, list[str]]:
    return {name: [] for name in interfaces.values()}


def _all(interfaces: dict[str, list[str]]) -> list[str]:
    """Every address once, ordered as numbers: 10.0.0.9 stands before 10.0.0.10."""
    family = socket.AF_INET6 if any(":" in a for found in interfaces.values() for a in found) else socket.AF_INET
    every = {address for found in interfaces.values() for address in found}
    return sorted(every, key=lambda address: socket.inet_pton(family, address))
