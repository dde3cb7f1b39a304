"""Whether texts are addresses."""

from __future__ import annotations

import ipaddress
import re
from typing import Any


def mac(addr: Any) -> bool:
    return re.fullmatch(r"[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5}", str(addr)) is not None


def ipv4_addr(addr: Any) -> bool:
    """Whether this is an address of IPv4, with or without the length of its network."""
    return _is(ipaddress.IPv4Interface, addr)


def ipv6_addr(addr: Any) -> bool:
    """Whether this is an address of IPv6, with or without the length of its network."""
    return _is(ipaddress.IPv6Interface, addr)


def ip_addr(addr: Any) -> bool:
    return ipv4_addr(addr) or ipv6_addr(addr)


def netmask(mask: Any) -> bool:
    """Whether this is a mask of IPv4: ones, then zeros."""
    if not isinstance(mask, str) or not re.fullmatch(r"\d+(\.\d+){3}", mask):
        return False
    try:
        bits = f"{int(ipaddress.IPv4Address(mask)):032b}"
    except ValueError:
        return False
    return "01" not in bits and "1" in bits


def _is(kind: Any, addr: Any) -> bool:
    try:
        kind(str(addr))
    except ValueError:
        return False
    return True
