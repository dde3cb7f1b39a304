"""What ipset prints of its sets, and how entries are written."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import Any

CREATE_OPTIONS = {
    "bitmap:ip": ("range",),
    "bitmap:ip,mac": ("range",),
    "bitmap:port": ("range",),
    "hash:ip": ("family", "hashsize", "maxelem", "netmask"),
    "hash:mac": ("hashsize", "maxelem"),
    "hash:ip,mac": ("family", "hashsize", "maxelem"),
    "hash:net": ("family", "hashsize", "maxelem"),
    "hash:net,net": ("family", "hashsize", "maxelem"),
    "hash:ip,port": ("family", "hashsize", "maxelem"),
    "hash:net,port": ("family", "hashsize", "maxelem"),
    "hash:ip,port,ip": ("family", "hashsize", "maxelem"),
    "hash:ip,port,net": ("family", "hashsize", "maxelem"),
    "hash:net,port,net": ("family", "hashsize", "maxelem"),
    "hash:net,iface": ("family", "hashsize", "maxelem"),
    "hash:ip,mark": ("family", "markmask", "hashsize", "maxelem"),
    "list:set": ("size",),
}
"""The types of sets, and the options that a new one may have besides those of all types."""

_FOR_ALL = ("timeout", "counters", "comment", "skbinfo", "forceadd")
_FLAGS = ("counters", "comment", "skbinfo", "forceadd")


def create_words(set_type: str, family: str, options: Mapping[str, Any]) -> list[str]:
    """The options of a new set as words for ipset."""
    words = []
    known = (*CREATE_OPTIONS[set_type], *_FOR_ALL)
    given = {"family": family, **options} if "family" in known else dict(options)
    for name in (one for one in known if given.get(one) not in (None, False)):
        words += [name] if name in _FLAGS else [name, str(given[name])]
    return words


def parse(listing: str) -> list[dict[str, Any]]:
    """The sets that `ipset list` prints: each its fields by name, and its `Members`."""
    found = []
    for block in re.split(r"\n\s*\n", listing.strip()):
        head, _, members = block.partition("\nMembers:")
        fields = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
        if fields:
            found.append({**fields, "Members": [line for line in members.splitlines() if line]})
    return found


def is_member(entry: str, members: Iterable[str]) -> bool:
    """Whether an entry, or each address of a network or range of it, is in a set; options of entries do not matter."""
    kept = {member.split()[0] for member in members}
    if entry in kept:
        return True
    addresses = set(_addresses(entry))
    return bool(addresses) and addresses <= set(map(_network, kept))


def _network(text: str) -> Any:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _addresses(entry: str) -> list[Any]:
    """The networks of a range `first-last`, or the addresses of a small network, each as a network of its own."""
    first, dash, last = entry.partition("-")
    try:
        if dash:
            whole = ipaddress.summarize_address_range(ipaddress.ip_address(first), ipaddress.ip_address(last))
            networks: list[Any] = list(whole)
        else:
            networks = [ipaddress.ip_network(entry, strict=False)]
    except (TypeError, ValueError):
        return []
    if sum(network.num_addresses for network in networks) > 65_536:
        return networks
    return [ipaddress.ip_network(address) for network in networks for address in network]
