"""`HOST:PORT` as text: names, IPv4 addresses, and IPv6 addresses in square brackets."""

from __future__ import annotations

from saltern.errors import ArgumentError


def split_address(address: str) -> tuple[str, int]:
    """Host and port; `ArgumentError` when the text is not `HOST:PORT`."""
    host, colon, port = address.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ArgumentError(f"{address!r} is not HOST:PORT.")
    if host.startswith("[") and host.endswith("]"):
        return host[1:-1], int(port)
    if ":" in host:
        raise ArgumentError(f"{address!r} is not HOST:PORT.", hint="Write an IPv6 address as [ADDRESS]:PORT.")
    return host, int(port)


def join_address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
