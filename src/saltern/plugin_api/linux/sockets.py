"""Tables of /proc/net: routes and neighbours."""

from __future__ import annotations

import ipaddress
from pathlib import Path

_FLAGS = ((0x1, "U"), (0x200, "!"), (0x2, "G"), (0x4, "H"), (0x10, "D"), (0x20, "M"), (0x200000, "n"))
"""Flags of routes as route(8) shows them."""


def routes4(text: str) -> list[dict[str, str]]:
    """The routes of /proc/net/route."""
    found = []
    for line in text.splitlines()[1:]:
        words = line.split()
        if len(words) > 7:
            found.append(
                {
                    "addr_family": "inet",
                    "destination": _address4(words[1]),
                    "gateway": _address4(words[2]),
                    "netmask": _address4(words[7]),
                    "flags": _flags(words[3]),
                    "interface": words[0],
                }
            )
    return found


def routes6(text: str) -> list[dict[str, str]]:
    """The routes of /proc/net/ipv6_route."""
    found = []
    for line in text.splitlines():
        words = line.split()
        if len(words) > 9:
            found.append(
                {
                    "addr_family": "inet6",
                    "destination": f"{_address6(words[0])}/{int(words[1], 16)}",
                    "gateway": _address6(words[4]),
                    "netmask": "",
                    "flags": _flags(words[8]),
                    "interface": words[9],
                }
            )
    return found


def neighbours(text: str) -> dict[str, str]:
    """Hardware address to address of /proc/net/arp."""
    rows = (line.split() for line in text.splitlines()[1:])
    return {words[3]: words[0] for words in rows if len(words) > 3 and words[3] != "00:00:00:00:00:00"}


def read(name: str) -> str:
    """A table of /proc/net; empty where the kernel does not have it."""
    try:
        return Path("/proc/net", name).read_text()
    except OSError:
        return ""


def _address4(digits: str) -> str:
    return str(ipaddress.IPv4Address(bytes.fromhex(digits)[::-1]))


def _address6(digits: str) -> str:
    return str(ipaddress.IPv6Address(bytes.fromhex(digits)))


def _flags(digits: str) -> str:
    number = int(digits, 16)
    return "".join(letter for bit, letter in _FLAGS if number & bit)
