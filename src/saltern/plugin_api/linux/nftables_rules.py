"""Rules of nftables: written from named options, and compared with what nft prints."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

FAMILIES = {
    "ipv4": "ip",
    "ip4": "ip",
    "ip": "ip",
    "ipv6": "ip6",
    "ip6": "ip6",
    "inet": "inet",
    "arp": "arp",
    "bridge": "bridge",
    "netdev": "netdev",
}
"""The names of a family, and nft's."""

_VERDICTS = frozenset(
    ("accept", "drop", "queue", "continue", "return", "reject", "masquerade", "redirect", "snat", "dnat", "log")
)


def build(options: Mapping[str, Any], family: str) -> str:
    """The rule that these options make, as behind `nft add rule ip TABLE CHAIN`."""
    given = {key: value for key, value in options.items() if value is not None}
    protocol = given.get("proto", given.get("protocol", ""))
    parts = [f"meta {key}name {given[option]}" for option, key in (("if", "iif"), ("of", "oif")) if option in given]
    if "connstate" in given:
        parts.append(f"ct state {{ {_listed(given['connstate'])} }}")
    parts += [f"{kind} type {{ {_listed(given[f'{kind}-type'])} }}" for kind in _ICMP if f"{kind}-type" in given]
    if "counter" in options:
        parts.append("counter")
    for option, field in (("source", "saddr"), ("destination", "daddr")):
        address = given.get(option, given.get(field))
        if address is not None:
            parts.append(f"{_network(family, str(address))} {field} {_negated(address)}")
    for field in ("dport", "sport"):
        ports = [*_ports(given.get(field)), *_ports(given.get(f"{field}s"), parted=True)]
        if ports:
            text = ", ".join(ports)
            mark = "!= " if text.startswith("!") else ""
            parts.append(f"{protocol} {field} {mark}{{ {text.lstrip('!')} }}")
    return " ".join([*parts, *_statement(given)])


_ICMP = ("icmp", "icmpv6")


def _statement(given: Mapping[str, Any]) -> list[str]:
    jump = str(given.get("jump", ""))
    parts = []
    if jump.lower() in _VERDICTS:
        parts.append(jump.lower())
    elif jump:
        parts.append(f"jump {jump}")
    if "goto" in given:
        parts.append(f"goto {given['goto']}")
    if "to-port" in given:
        parts.append(f"to {given['to-port']}" if jump.lower() == "redirect" else f"redirect to {given['to-port']}")
    parts += [str(given[option]) for option in ("to-source", "to-destination") if option in given]
    if "reject-with" in given:
        parts.append(
            f"with {given['reject-with']}" if jump.lower() == "reject" else f"reject with {given['reject-with']}"
        )
    if "log-prefix" in given and jump.lower() == "log":
        parts.append(f'prefix "{given["log-prefix"]}"')
    return parts


def _network(family: str, address: str) -> str:
    if FAMILIES[family] in ("ip", "ip6"):
        return FAMILIES[family]
    return "ip6" if ":" in address else "ip"


def _negated(value: Any) -> str:
    text = str(value)
    return f"!= {text[1:].strip()}" if text.startswith("!") else text


def _ports(value: Any, *, parted: bool = False) -> list[str]:
    """Ports and ranges of ports; a text is parted at its commas or taken as it is."""
    if value is None:
        return []
    listed = _listed(value).replace(":", "-")
    return [port.strip() for port in listed.split(",")] if parted else [listed]


def _listed(value: Any) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list | tuple | set | dict) else str(value)


def normal(rule: str) -> str:
    """A rule in a form in which those that mean the same are equal: as they were typed, or as nft prints them."""
    text = re.sub(r"\bcounter packets \d+ bytes \d+", "counter", rule)
    text = re.sub(r"\bmeta ([io]if(?:name)?)\b", r"\1", text.replace('"', ""))
    text = re.sub(r"\bredirect to :", "redirect to ", text)
    text = re.sub(r"\{\s*([^{}]*?)\s*\}", r"\1", text)
    text = re.sub(r"[^\s,]+(?:\s*,\s*[^\s,]+)+", lambda found: _sorted(found[0]), text)
    return " ".join(text.split())


def _sorted(elements: str) -> str:
    return ",".join(sorted(part.strip() for part in elements.split(",")))


def handles(listing: str) -> list[tuple[str, str]]:
    """The rules of a chain as `nft -a list chain` prints them: the normal form of each, and its handle."""
    found = re.findall(r"^\t\t(?!type \w+ hook |policy )(.+?) # handle (\d+)$", listing, re.MULTILINE)
    return [(normal(rule), handle) for rule, handle in found]


def chain_of(objects: Sequence[Mapping[str, Any]], table: str, chain: str) -> Mapping[str, Any] | None:
    """A chain among the objects that nft prints as JSON."""
    chains = (one["chain"] for one in objects if "chain" in one)
    return next((one for one in chains if one["table"] == table and one["name"] == chain), None)
