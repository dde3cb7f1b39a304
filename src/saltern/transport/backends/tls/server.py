"""The master's side of TLS links."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import time
from collections.abc import Callable
from functools import partial

from saltern.errors import IdentityRefused, Unreachable
from saltern.transport.address import join_address, split_address
from saltern.transport.backends.tls.hub import Hub
from saltern.transport.backends.tls.link import TlsLink
from saltern.transport.backends.tls.sockets import configure
from saltern.transport.codec import decoder_for_master
from saltern.transport.contract import Handler, Peer
from saltern.transport.link import QUEUE_BOUND

log = logging.getLogger(__name__)

_BACKLOG = 4096


class TlsServer:
    """Takes TLS 1.3 connections, with a certificate or, to enrol, without.

    `context` verifies the certificates that peers show (`CERT_OPTIONAL`). `identify` reads the id, the fingerprint and
    the end (seconds since 1970) out of a verified certificate's DER form, or raises `IdentityRefused`. Times in
    seconds, `bound` in bytes: what may wait for one peer before it is cut off.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        identify: Callable[[bytes], tuple[str, str, float]],
        *,
        bound: int = QUEUE_BOUND,
        handshake_timeout: float = 10.0,
        enrol_timeout: float = 30.0,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.context = context
        # Each ticket costs the server an encryption of the session, and a minion uses one.
        context.num_tickets = 1
        self._identify = identify
        self._bound = bound
        self._handshake_timeout = handshake_timeout
        self._enrol_timeout = enrol_timeout
        self._now = now
        self._hub: Hub | None = None

    async def listen(self, address: str, handler: Callable[[], Handler]) -> TlsListener:
        hub = self._hub = self._hub or Hub()
        sock = _bound_socket(address)
        try:
            server = await hub.loop.create_server(
                partial(self._link, hub, handler), sock=sock, backlog=_BACKLOG, start_serving=True
            )
        except OSError as error:
            sock.close()
            raise _cannot_listen(address, error) from error
        host, port = sock.getsockname()[:2]
        return TlsListener(server, join_address(host, port))

    def _link(self, hub: Hub, handler: Callable[[], Handler]) -> TlsLink:
        return TlsLink(
            hub,
            partial(self.context.wrap_bio, server_side=True),
            partial(self._greet, handler),
            _ended,
            bound=self._bound,
            handshake_timeout=self._handshake_timeout,
        )

    def _greet(self, handler: Callable[[], Handler], link: TlsLink) -> None:
        certificate = link.certificate
        address = link.peer.address
        if not certificate:
            link.take(Peer(address=address), decoder_for_master(certified=False), handler(), self._enrol_timeout)
            return
        minion, fingerprint, expires = self._identify(certificate)
        if expires <= self._now():
            # A resumed session brings back a certificate that was verified earlier.
            raise IdentityRefused(f"The certificate of {minion} has expired.")
        peer = Peer(id=minion, fingerprint=fingerprint, address=address, expires=expires)
        link.take(peer, decoder_for_master(certified=True), handler())


class TlsListener:
    def __init__(self, server: asyncio.Server, address: str) -> None:
        self.address = address
        self._server = server

    async def close(self) -> None:
        self._server.close()


def _bound_socket(address: str) -> socket.socket:
    host, port = split_address(address)
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        sock = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _cannot_listen(address, error) from error
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        configure(sock)
        sock.setblocking(False)
        sock.bind(where)
    except OSError as error:
        sock.close()
        raise _cannot_listen(address, error) from error
    return sock


def _cannot_listen(address: str, error: OSError) -> Unreachable:
    return Unreachable(
        f"Cannot listen on {address}: {error.strerror or error}.",
        hint="interface and port in the master's configuration say where; another program may be there already.",
    )


def _ended(link: TlsLink, error: Exception | None) -> None:
    if error is not None:
        log.info("the connection from %s ended: %s", link.peer.address, error)
