"""The minion's side of TLS links."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from functools import partial

from saltern.errors import IdentityRefused, Unreachable
from saltern.transport.address import split_address
from saltern.transport.backends.tls.hub import Hub
from saltern.transport.backends.tls.link import TlsLink
from saltern.transport.backends.tls.sockets import configure
from saltern.transport.codec import decoder_for_minion
from saltern.transport.contract import Handler, Peer
from saltern.transport.link import QUEUE_BOUND

SERVER_NAME = "saltern-master"
"""The DNS name in every master's certificate: which master it is, is a matter of the CA, not of its address."""


class TlsClient:
    """Connects to masters. `context` holds this side's certificate, if it has one, and what it trusts.

    `identify` reads id, fingerprint and end out of the master's certificate; without it the links' peer has only an
    address. `timeout` (seconds) is for name, connection and handshake together; `bound` in bytes as in `TlsServer`.
    A new connection resumes the TLS session of the one before where the master still can: half the work for both. A
    session proves the certificate that it began with, so a new certificate takes a new `TlsClient`.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        identify: Callable[[bytes], tuple[str, str, float]] | None = None,
        *,
        bound: int = QUEUE_BOUND,
        timeout: float = 20.0,
        server_hostname: str | None = SERVER_NAME,
    ) -> None:
        self._context = context
        self._identify = identify
        self._bound = bound
        self._timeout = timeout
        self._server_hostname = server_hostname
        self._sessions: dict[str, ssl.SSLSession] = {}
        self._hub: Hub | None = None

    async def connect(self, address: str, handler: Handler) -> TlsLink:
        hub = self._hub = self._hub or Hub()
        opened: asyncio.Future[None] = hub.loop.create_future()
        link = self._link(hub, address, handler, opened)
        try:
            async with asyncio.timeout(self._timeout):
                await self._open(hub, link, address)
                await opened
        except TimeoutError as error:
            raise Unreachable(f"It did not answer within {self._timeout:g} s.") from error
        except OSError as error:
            raise Unreachable(f"It cannot be reached: {error.strerror or error}.") from error
        finally:
            if not link.is_open:
                opened.cancel()
                link.give_up()
        return link

    async def _open(self, hub: Hub, link: TlsLink, address: str) -> None:
        """The name is looked up anew each time: a master may have moved."""
        host, port = split_address(address)
        transport, _ = await hub.loop.create_connection(lambda: link, host, port)
        if (sock := transport.get_extra_info("socket")) is not None:
            configure(sock)

    def _link(self, hub: Hub, address: str, handler: Handler, opened: asyncio.Future[None]) -> TlsLink:
        return TlsLink(
            hub,
            partial(
                self._context.wrap_bio,
                server_hostname=self._server_hostname,
                session=self._sessions.pop(address, None),
            ),
            partial(self._greet, address, handler, opened),
            partial(self._ended, address, opened),
            bound=self._bound,
            handshake_timeout=self._timeout,
        )

    def _greet(self, address: str, handler: Handler, opened: asyncio.Future[None], link: TlsLink) -> None:
        peer = Peer(address=address)
        if self._identify is not None:
            master, fingerprint, expires = self._identify(link.certificate)
            peer = Peer(id=master, fingerprint=fingerprint, address=address, expires=expires)
        if opened.done():
            raise Unreachable("This side gave up.")
        opened.set_result(None)
        link.take(peer, decoder_for_minion(), handler)

    def _ended(self, address: str, opened: asyncio.Future[None], link: TlsLink, error: Exception | None) -> None:
        if not opened.done():
            opened.set_exception(error or Unreachable("It closed the connection."))
            return
        if opened.cancelled():
            return
        session = link.session
        if not isinstance(error, IdentityRefused) and session is not None and session.has_ticket:
            self._sessions[address] = session
