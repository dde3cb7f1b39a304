"""The addresses of the interfaces from the kernel's routing table socket (rtnetlink(7)), without a program to run."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from typing import NamedTuple

_RTM_NEWADDR = 20
_RTM_GETADDR = 22
_NLM_F_REQUEST_DUMP = 0x301
_NLMSG_ERROR = 2
_NLMSG_DONE = 3
_IFA_ADDRESS = 1
_IFA_LOCAL = 2
_HEADER = struct.Struct("=IHHII")
_ADDRESS = struct.Struct("=BBBBI")
_ATTRIBUTE = struct.Struct("=HH")
_FAMILIES = {socket.AF_INET: 4, socket.AF_INET6: 6}


class Address(NamedTuple):
    """`interface` is the index of the interface; `prefix` the length of the network part."""

    interface: int
    family: int
    address: str
    prefix: int


def addresses() -> list[Address]:
    """Every IPv4 and IPv6 address of this network namespace, in the kernel's order. Raises `OSError`."""
    request = _HEADER.pack(_HEADER.size + _ADDRESS.size, _RTM_GETADDR, _NLM_F_REQUEST_DUMP, 1, 0)
    found: list[Address] = []
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE) as link:
        link.settimeout(2)
        link.send(request + _ADDRESS.pack(0, 0, 0, 0, 0))
        done = False
        while not done:
            more, done = parse_addresses(link.recv(1 << 17))
            found += more
    return found


def parse_addresses(data: bytes) -> tuple[list[Address], bool]:
    """The addresses of one datagram of the answer, and whether it was the last one. Raises `OSError` for a refusal."""
    found: list[Address] = []
    for kind, body in _messages(data):
        if kind == _NLMSG_DONE:
            return found, True
        if kind == _NLMSG_ERROR:
            number = -struct.unpack_from("=i", body)[0]
            raise OSError(number, "the kernel does not list its addresses")
        if kind == _RTM_NEWADDR and (address := _address(body)):
            found.append(address)
    return found, not data


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + _HEADER.size <= len(data):
        length, kind, *_ = _HEADER.unpack_from(data, at)
        if length < _HEADER.size:
            return
        yield kind, data[at + _HEADER.size : at + length]
        at += _aligned(length)


def _address(body: bytes) -> Address | None:
    family, prefix, _, _, interface = _ADDRESS.unpack_from(body)
    if family not in _FAMILIES:
        return None
    attributes = dict(_attributes(body[_ADDRESS.size :]))
    # On a point-to-point link IFA_ADDRESS is the other side, and IFA_LOCAL ours.
    packed = attributes.get(_IFA_LOCAL) or attributes.get(_IFA_ADDRESS)
    if packed is None:
        return None
    return Address(interface, _FAMILIES[family], socket.inet_ntop(family, packed), prefix)


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + _ATTRIBUTE.size <= len(data):
        length, kind = _ATTRIBUTE.unpack_from(data, at)
        if length < _ATTRIBUTE.size:
            return
        yield kind, data[at + _ATTRIBUTE.size : at + length]
        at += _aligned(length)


def _aligned(length: int) -> int:
    return (length + 3) & ~3
