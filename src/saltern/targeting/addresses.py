"""Matching by IP address or network, IPv4 and IPv6."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from saltern.errors import TargetError

GrainsTest: TypeAlias = Callable[[Mapping[str, Any]], bool]

_GRAINS = {4: "ipv4", 6: "ipv6"}


def address_test(expression: str) -> GrainsTest:
    """One address, which must be among the minion's as it writes them, or a network that has one of them.

    The addresses of a minion are its grains `ipv4` and `ipv6`. `TargetError` for what is neither an address nor a
    network (a network has no host bits set).
    """
    # Few targets ask for addresses, and a resident minion should not pay for those that do not.
    from ipaddress import ip_address

    try:
        address = ip_address(expression)
    except ValueError:
        return _network_test(expression)
    text, grain = str(address), _GRAINS[address.version]
    return lambda grains: text in _addresses(grains, grain)


def _network_test(expression: str) -> GrainsTest:
    from ipaddress import ip_network
    from socket import AF_INET, AF_INET6, inet_pton

    try:
        network = ip_network(expression)
    except ValueError as error:
        raise TargetError(
            f"{expression!r} is neither an IP address nor a network: {error}",
            hint="write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32",
        ) from error
    family = AF_INET if network.version == 4 else AF_INET6
    mask, prefix = int(network.netmask), int(network.network_address)
    grain = _GRAINS[network.version]

    def has(text: Any) -> bool:
        try:
            packed = inet_pton(family, str(text).partition("%")[0])
        except (OSError, ValueError):
            return False
        return int.from_bytes(packed, "big") & mask == prefix

    return lambda grains: any(has(text) for text in _addresses(grains, grain))


def _addresses(grains: Mapping[str, Any], grain: str) -> tuple[Any, ...] | list[Any]:
    found = grains.get(grain)
    if isinstance(found, str):
        return (found,)
    return found if isinstance(found, list | tuple) else ()
