"""Interfaces, addresses and neighbours from the kernel's routing table socket (rtnetlink(7)); no program is run."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar

_RTM_NEWLINK = 16
_RTM_GETLINK = 18
_RTM_NEWADDR = 20
_RTM_GETADDR = 22
_RTM_NEWNEIGH = 28
_RTM_GETNEIGH = 30
_NLM_F_REQUEST_DUMP = 0x301
_NLMSG_ERROR = 2
_NLMSG_DONE = 3
_IFA_ADDRESS = 1
_IFA_LOCAL = 2
_IFA_LABEL = 3
_IFA_BROADCAST = 4
_IFA_F_SECONDARY = 1
_IFLA_ADDRESS = 1
_IFLA_IFNAME = 3
_IFLA_LINK = 5
_IFF_UP = 1
_NDA_DST = 1
_NDA_LLADDR = 2
_NUD_NOARP = 0x40
_HEADER = struct.Struct("=IHHII")
_LINK = struct.Struct("=BxHiII")
_ADDRESS = struct.Struct("=BBBBI")
_NEIGHBOUR = struct.Struct("=BxxxiHBB")
_ATTRIBUTE = struct.Struct("=HH")
_FAMILIES = {socket.AF_INET: 4, socket.AF_INET6: 6}
_SCOPES = {0: "global", 200: "site", 253: "link", 254: "host", 255: "nowhere"}

_Record = TypeVar("_Record")


class Link(NamedTuple):
    """`number` is the index of the interface; `parent` that of the one which it lies on, 0 if it lies on none."""

    number: int
    name: str
    up: bool
    hardware_address: str
    parent: int


class Address(NamedTuple):
    """`interface` is the index of the interface; `prefix` the length of the network part.

    IPv6 addresses have no label, no broadcast address and are never secondary.
    """

    interface: int
    family: int
    address: str
    prefix: int
    scope: str = "global"
    label: str = ""
    broadcast: str | None = None
    secondary: bool = False


class Neighbour(NamedTuple):
    """A host of the same link whose hardware address is known."""

    family: int
    address: str
    hardware_address: str


def links() -> list[Link]:
    """Every interface of this network namespace, in the kernel's order. Raises `OSError`."""
    return _dump(_RTM_GETLINK, _LINK, parse_links)


def addresses() -> list[Address]:
    """Every IPv4 and IPv6 address of this network namespace, in the kernel's order. Raises `OSError`."""
    return _dump(_RTM_GETADDR, _ADDRESS, parse_addresses)


def neighbours() -> list[Neighbour]:
    """The tables of ARP and of neighbour discovery. Raises `OSError`."""
    return _dump(_RTM_GETNEIGH, _NEIGHBOUR, parse_neighbours)


def parse_links(data: bytes) -> tuple[list[Link], bool]:
    """The interfaces of one datagram of the answer, and whether it was the last one. Raises `OSError` for a refusal."""
    return _parse(data, _RTM_NEWLINK, _link)


def parse_addresses(data: bytes) -> tuple[list[Address], bool]:
    """The addresses of one datagram of the answer, and whether it was the last one. Raises `OSError` for a refusal."""
    return _parse(data, _RTM_NEWADDR, _address)


def parse_neighbours(data: bytes) -> tuple[list[Neighbour], bool]:
    """The neighbours of one datagram of the answer, and whether it was the last one. Raises `OSError` for a refusal."""
    return _parse(data, _RTM_NEWNEIGH, _neighbour)


def _dump(kind: int, layout: struct.Struct, parse: Callable[[bytes], tuple[list[_Record], bool]]) -> list[_Record]:
    """Ask for all that the kernel has of one kind; the request is a header and an empty record."""
    request = _HEADER.pack(_HEADER.size + layout.size, kind, _NLM_F_REQUEST_DUMP, 1, 0) + bytes(layout.size)
    found: list[_Record] = []
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE) as link:
        link.settimeout(2)
        link.send(request)
        done = False
        while not done:
            more, done = parse(link.recv(1 << 17))
            found += more
    return found


def _parse(data: bytes, wanted: int, read: Callable[[bytes], _Record | None]) -> tuple[list[_Record], bool]:
    found: list[_Record] = []
    for kind, body in _messages(data):
        if kind == _NLMSG_DONE:
            return found, True
        if kind == _NLMSG_ERROR:
            number = -struct.unpack_from("=i", body)[0]
            raise OSError(number, "the kernel does not list what it was asked for")
        if kind == wanted and (record := read(body)):
            found.append(record)
    return found, not data


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + _HEADER.size <= len(data):
        length, kind, *_ = _HEADER.unpack_from(data, at)
        if length < _HEADER.size:
            return
        yield kind, data[at + _HEADER.size : at + length]
        at += _aligned(length)


def _link(body: bytes) -> Link | None:
    _, _, index, flags, _ = _LINK.unpack_from(body)
    attributes = dict(_attributes(body[_LINK.size :]))
    parent = attributes.get(_IFLA_LINK, b"")
    return Link(
        index,
        _text(attributes.get(_IFLA_IFNAME, b"")),
        bool(flags & _IFF_UP),
        attributes.get(_IFLA_ADDRESS, b"").hex(":"),
        struct.unpack("=I", parent)[0] if len(parent) == 4 else 0,
    )


def _address(body: bytes) -> Address | None:
    family, prefix, flags, scope, interface = _ADDRESS.unpack_from(body)
    if family not in _FAMILIES:
        return None
    attributes = dict(_attributes(body[_ADDRESS.size :]))
    # On a point-to-point link IFA_ADDRESS is the other side, and IFA_LOCAL ours.
    packed = attributes.get(_IFA_LOCAL) or attributes.get(_IFA_ADDRESS)
    if packed is None:
        return None
    broadcast = attributes.get(_IFA_BROADCAST)
    return Address(
        interface,
        _FAMILIES[family],
        socket.inet_ntop(family, packed),
        prefix,
        _SCOPES.get(scope, str(scope)),
        _text(attributes.get(_IFA_LABEL, b"")),
        socket.inet_ntop(family, broadcast) if broadcast else None,
        family == socket.AF_INET and bool(flags & _IFA_F_SECONDARY),
    )


def _neighbour(body: bytes) -> Neighbour | None:
    family, _, state, _, _ = _NEIGHBOUR.unpack_from(body)
    attributes = dict(_attributes(body[_NEIGHBOUR.size :]))
    if family not in _FAMILIES or state & _NUD_NOARP or not attributes.keys() >= {_NDA_DST, _NDA_LLADDR}:
        return None
    address = socket.inet_ntop(family, attributes[_NDA_DST])
    return Neighbour(_FAMILIES[family], address, attributes[_NDA_LLADDR].hex(":"))


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + _ATTRIBUTE.size <= len(data):
        length, kind = _ATTRIBUTE.unpack_from(data, at)
        if length < _ATTRIBUTE.size:
            return
        yield kind, data[at + _ATTRIBUTE.size : at + length]
        at += _aligned(length)


def _text(value: bytes) -> str:
    return value.rstrip(b"\0").decode("utf-8", "replace")


def _aligned(length: int) -> int:
    return (length + 3) & ~3
