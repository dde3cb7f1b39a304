"""The kernel's routing tables: `/proc/net/route` and `/proc/net/ipv6_route`."""

from __future__ import annotations

import socket
import sys
from typing import NamedTuple

_GATEWAY = 0x2
_REJECT = 0x200
_LETTERS = {_GATEWAY: "G", 0x4: "H", 0x8: "R", 0x10: "D", 0x20: "M"}
_LETTERS_OF_IPV6 = {0x40000: "A", 0x1000000: "C", 0x200000: "n", 0x400000: "e"}


class Route(NamedTuple):
    """A route with its flags as route(8) writes them. `netmask` is empty for IPv6: the destination has the prefix."""

    family: str
    destination: str
    gateway: str
    netmask: str
    flags: str
    interface: str


def parse_inet(text: str) -> list[Route]:
    """`/proc/net/route`."""
    found = []
    for line in text.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 7:
            interface, destination, gateway, flags, *_ = fields
            found.append(
                Route(
                    "inet",
                    _dotted(destination),
                    _dotted(gateway),
                    _dotted(fields[7]),
                    _letters(int(flags, 16), _LETTERS),
                    interface,
                )
            )
    return found


def parse_inet6(text: str) -> list[Route]:
    """`/proc/net/ipv6_route`."""
    found = []
    for line in text.splitlines():
        fields = line.split()
        if len(fields) > 9:
            destination, prefix, _, _, gateway, *_, flags, interface = fields
            found.append(
                Route(
                    "inet6",
                    f"{_colons(destination)}/{int(prefix, 16)}",
                    _colons(gateway),
                    "",
                    _letters(int(flags, 16), {**_LETTERS, **_LETTERS_OF_IPV6}),
                    interface,
                )
            )
    return found


def _dotted(word: str) -> str:
    # the kernel prints the four bytes in the order of the machine
    return socket.inet_ntoa(int(word, 16).to_bytes(4, sys.byteorder))


def _colons(word: str) -> str:
    return socket.inet_ntop(socket.AF_INET6, bytes.fromhex(word))


def _letters(flags: int, letters: dict[int, str]) -> str:
    first = "!" if flags & _REJECT else "U"
    return first + "".join(letter for bit, letter in letters.items() if flags & bit)
