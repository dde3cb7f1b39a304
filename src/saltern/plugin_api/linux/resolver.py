"""Parsers of the resolver's files: resolv.conf(5) and hosts(5)."""

from __future__ import annotations

import contextlib
import socket
from typing import Any, NamedTuple


class HostEntry(NamedTuple):
    """What `/etc/hosts` knows about one name."""

    canonical: str
    ip4: list[str]
    ip6: list[str]


def parse_resolv_conf(text: str) -> dict[str, Any]:
    """`nameservers`, by family too, `sortlist`, `domain`, `search` and `options`; an invalid server is left out."""
    servers: list[str] = []
    several: dict[str, list[str]] = {"sortlist": [], "search": [], "options": []}
    domain = ""
    for line in text.splitlines():
        words = _without_comment(line).split()
        if len(words) < 2:
            continue
        if words[0] == "nameserver" and _family(words[1]):
            servers.append(words[1])
        elif words[0] == "domain":
            domain = words[1]
        elif words[0] in several:
            several[words[0]] = words[1:]
    return {
        "nameservers": servers,
        "ip4_nameservers": [server for server in servers if _family(server) == 4],
        "ip6_nameservers": [server for server in servers if _family(server) == 6],
        "sortlist": several["sortlist"],
        "domain": domain,
        "search": several["search"],
        "options": several["options"],
    }


def find_host(text: str, name: str) -> HostEntry | None:
    """The lines of `/etc/hosts` that name `name`; the first one gives the canonical name. None if no line does."""
    canonical = ""
    addresses: dict[int, list[str]] = {4: [], 6: []}
    for line in text.splitlines():
        words = _without_comment(line).split()
        family = _family(words[0]) if words else 0
        if family and name in words[1:]:
            canonical = canonical or words[1]
            addresses[family].append(words[0])
    return HostEntry(canonical, addresses[4], addresses[6]) if canonical else None


def parse_ahosts(text: str) -> HostEntry | None:
    """The answer of `getent ahosts NAME`: lines of address, socket type and, on the first, the canonical name."""
    canonical = ""
    addresses: dict[int, list[str]] = {4: [], 6: []}
    for line in text.splitlines():
        words = line.split()
        family = _family(words[0]) if words else 0
        if not family:
            continue
        if words[0] not in addresses[family]:
            addresses[family].append(words[0])
        if len(words) > 2:
            canonical = canonical or words[2]
    return HostEntry(canonical, addresses[4], addresses[6]) if canonical else None


def _without_comment(line: str) -> str:
    return line.partition("#")[0].partition(";")[0]


def _family(address: str) -> int:
    """4 or 6; 0 for what is no address."""
    for number, family in ((4, socket.AF_INET), (6, socket.AF_INET6)):
        with contextlib.suppress(OSError, ValueError):
            socket.inet_pton(family, address.partition("%")[0])
            return number
    return 0
