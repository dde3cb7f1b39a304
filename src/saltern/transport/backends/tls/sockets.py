"""Options of the sockets under TLS links."""

from __future__ import annotations

import socket

_KEEPALIVE_IDLE = 60
_KEEPALIVE_INTERVAL = 20
_KEEPALIVE_PROBES = 4


def configure(sock: socket.socket) -> None:
    """No delay, and keepalive probes as a safety net under the heartbeats. Accepted sockets inherit it (Linux)."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _KEEPALIVE_IDLE)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _KEEPALIVE_INTERVAL)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _KEEPALIVE_PROBES)
