"""Published ports of containers, from what `docker.ps` gave on many hosts."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any


def published(
    hosts: Iterable[Any],
    interfaces: Sequence[str] = (),
    networks: Sequence[str] = (),
    *,
    with_container_id: bool = False,
) -> dict[str, Any]:
    """Image to address family to private port to the addresses `HOST:PORT` at which it is reached.

    Only addresses of these interfaces and networks count, if any are named.
    """
    found: dict[str, Any] = {}
    for host in hosts:
        if not isinstance(host, Mapping):
            continue
        addresses = list(_addresses(host.get("host", {}), interfaces, networks))
        for id_, container in host.items():
            if isinstance(container, Mapping) and id_ != "host":
                _add(found, id_, container, addresses, with_container_id=with_container_id)
    return found


def _add(
    found: dict[str, Any], id_: str, container: Mapping[str, Any], addresses: list[str], *, with_container_id: bool
) -> None:
    for port in container.get("Ports") or ():
        if not port.get("PublicPort"):
            continue
        bound = str(port.get("IP") or "0.0.0.0")  # noqa: S104  (what docker says of a port that is open to all)
        reached = addresses if bound == "0.0.0.0" else [bound]  # noqa: S104
        ports = found.setdefault(container.get("Image", ""), {}).setdefault("ipv4", {})
        places = ports.setdefault(port.get("PrivatePort"), [])
        for address in reached:
            place: Any = f"{address}:{port['PublicPort']}"
            place = {place: id_} if with_container_id else place
            if place not in places:
                places.append(place)


def _addresses(host: Mapping[str, Any], interfaces: Sequence[str], networks: Sequence[str]) -> Iterator[str]:
    within = [ipaddress.ip_network(network, strict=False) for network in networks]
    for name, interface in (host.get("interfaces") or {}).items():
        if (interfaces and name not in interfaces) or not interface.get("up", True):
            continue
        for inet in interface.get("inet") or ():
            address = ipaddress.ip_address(inet["address"])
            if not address.is_loopback and (not within or any(address in network for network in within)):
                yield str(address)
