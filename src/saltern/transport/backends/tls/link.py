"""One TLS connection, either side: an asyncio protocol that runs the TLS engine itself, over memory.

The event loops' own TLS keeps up to 256 KiB for each connection and tells little of why a handshake failed; here an
idle connection holds what OpenSSL needs, and every failure has a name.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import logging
import ssl
from collections.abc import Callable
from typing import cast

from saltern.errors import IdentityRefused, LinkClosed, ProtocolError, SalternError
from saltern.transport.address import join_address
from saltern.transport.backends.tls.hub import PLAIN_BUFFER, Hub
from saltern.transport.codec import Decoder, encode
from saltern.transport.contract import Handler, Peer
from saltern.transport.frames import Goodbye
from saltern.transport.link import LINGER, BaseLink

log = logging.getLogger(__name__)

_TRANSPORT_QUEUE = 64 << 10
"""Encrypted bytes that may wait in the event loop; more waits here, where it is bounded and counted."""

_REFUSALS = frozenset({
    "PEER_DID_NOT_RETURN_A_CERTIFICATE", "SSLV3_ALERT_BAD_CERTIFICATE", "SSLV3_ALERT_CERTIFICATE_EXPIRED",
    "SSLV3_ALERT_CERTIFICATE_REVOKED", "SSLV3_ALERT_CERTIFICATE_UNKNOWN", "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED", "TLSV1_ALERT_ACCESS_DENIED", "TLSV1_ALERT_DECRYPT_ERROR",
    "TLSV1_ALERT_UNKNOWN_CA",
})  # fmt: skip
"""OpenSSL's words for an alert about a certificate."""


class Phase(enum.Enum):
    NEW = 0
    HANDSHAKE = 1
    OPEN = 2
    LINGER = 3
    """Nothing more is sent and what comes is thrown away: to close a socket with unread data destroys what was sent."""
    OVER = 4


_OPEN = Phase.OPEN  # looked up twice for each frame, and an enum makes that dear


class TlsLink(BaseLink, asyncio.BufferedProtocol):
    """`greet` is called when the handshake is done; it calls `take`, or raises to turn the peer away. `ended` is called
    when the connection is over, whether it was greeted or not."""

    __slots__ = (
        "_error", "_handshake_timeout", "_hub", "_incoming", "_on_ended", "_on_greet", "_orderly", "_outgoing",
        "_paused", "_phase", "_silent", "_stalled", "_taken", "_tls", "_transport",
    )  # fmt: skip

    _transport: asyncio.Transport

    def __init__(
        self,
        hub: Hub,
        engine: Callable[[ssl.MemoryBIO, ssl.MemoryBIO], ssl.SSLObject],
        greet: Callable[[TlsLink], None],
        ended: Callable[[TlsLink, Exception | None], None],
        *,
        bound: int,
        handshake_timeout: float,
    ) -> None:
        super().__init__(hub.loop, bound)
        self._hub = hub
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = engine(self._incoming, self._outgoing)
        self._on_greet = greet
        self._on_ended = ended
        self._handshake_timeout = handshake_timeout
        self._phase = Phase.NEW
        self._error: Exception | None = None
        self._orderly = False
        self._paused = False
        self._silent = False
        self._stalled = False
        self._taken = False
        self.peer = Peer()

    def take(self, peer: Peer, decoder: Decoder, handler: Handler, silence: float = 0.0) -> None:
        """Give the link to its handler; it is cut when no frame comes within `silence` seconds (0: for ever)."""
        self.peer, self._decoder, self._handler = peer, decoder, handler
        self._taken = True
        if silence:
            self._silent = True
            self._hub.watch(self, silence)
        self._greet()

    @property
    def is_open(self) -> bool:
        return self._taken

    def give_up(self) -> None:
        """Abandon a connection that nobody waits for any more, if there is one yet."""
        if self._phase is not Phase.NEW:
            self._cut(LinkClosed("This side gave up."))

    # --- contract.Link ------------------------------------------------------------------------------------------

    @property
    def queued(self) -> int:
        return self._size + (self._transport.get_write_buffer_size() if self._stalled else 0)

    @property
    def certificate(self) -> bytes:
        return self._tls.getpeercert(binary_form=True) or b""

    @property
    def resumed(self) -> bool:
        """Whether this connection went on with the TLS session of an earlier one."""
        return bool(self._tls.session_reused)

    @property
    def session(self) -> ssl.SSLSession | None:
        return self._tls.session

    def pause(self) -> None:
        if self._phase is Phase.OPEN and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        if self._paused:
            self._paused = False
            if self._phase is Phase.OPEN:
                self._transport.resume_reading()
                self._loop.call_soon(self._read)

    def close(self, reason: str = "") -> None:
        if self._closing:
            return
        log.debug("closing the connection to %s: %s", self.name, reason)
        self._closing = self._orderly = True
        self._wake_drainers()
        self._hub.watch(self, LINGER)
        self._hub.flush_soon(self)

    # --- for the hub --------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Send what is queued, as far as the network takes it; then, when the link is closing, say so."""
        if self._phase is not _OPEN:
            return
        try:
            while self._queue and not self._stalled:
                self._encrypt(self._take())
        except ssl.SSLError as error:
            self._refuse(_named(error, self.name))
            return
        if self._drainers:
            self._wake_drainers()
        if self._orderly and not self._queue:
            self._say_goodbye()

    def overdue(self) -> None:
        if self._phase is Phase.HANDSHAKE:
            self._cut(LinkClosed(f"{self.name} did not finish the handshake in {self._handshake_timeout:g} s."))
        elif self._phase is Phase.LINGER or self._closing:
            self._cut(LinkClosed(f"{self.name} did not take what was queued."))
        else:
            self._cut(LinkClosed(f"{self.name} has no certificate and asked for none."))

    # --- asyncio.BufferedProtocol -------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._phase = Phase.HANDSHAKE
        self._transport.set_write_buffer_limits(high=_TRANSPORT_QUEUE)
        where = transport.get_extra_info("peername")
        self.peer = Peer(address=join_address(where[0], where[1]) if where else "")
        self._hub.watch(self, self._handshake_timeout)
        self._read()

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._hub.wire

    def buffer_updated(self, nbytes: int) -> None:
        if self._phase is Phase.HANDSHAKE or (self._phase is _OPEN and not self._closing):
            self._incoming.write(self._hub.wire[:nbytes])
            self._read()

    def eof_received(self) -> None:
        if self._phase is Phase.HANDSHAKE:
            self._error = self._error or LinkClosed(f"{self.name} left in mid-handshake.")
        elif self._phase is Phase.OPEN:
            self._error = self._error or LinkClosed(f"{self.name} cut the connection.")

    def connection_lost(self, exc: Exception | None) -> None:
        if self._error is None and not (self._orderly and self._phase is Phase.LINGER):
            self._error = LinkClosed(f"The connection to {self.name} broke: {exc or 'the other side closed it'}.")
        self._phase = Phase.OVER
        self._hub.unwatch(self)
        self._closing = True
        self._wake_drainers()
        if self._taken:
            self._end(self._error)
        self._on_ended(self, self._error)

    def pause_writing(self) -> None:
        self._stalled = True

    def resume_writing(self) -> None:
        self._stalled = False
        if self._queue or self._closing:
            self._hub.flush_soon(self)
        self._wake_drainers()

    # --- reading ------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        try:
            if self._phase is Phase.HANDSHAKE:
                self._handshake()
            plain = self._hub.plain
            while self._phase is _OPEN and not (self._closing or self._paused):
                if not (self._incoming.pending or self._tls.pending()):
                    break
                size: int = self._tls.read(PLAIN_BUFFER, plain)  # type: ignore[assignment]
                if not size:
                    self._peer_said_goodbye()
                    return
                self._heard(plain[:size])
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            self._refuse(_named(error, self.name))
            return
        if self._outgoing.pending:
            self._ship()

    def _heard(self, data: memoryview) -> None:
        self._dispatch(data)
        if self._silent and not self._decoder.held and not self._closing:
            self._silent = False
            self._hub.unwatch(self)

    def _handshake(self) -> None:
        self._tls.do_handshake()
        self._ship()
        self._hub.unwatch(self)
        self._phase = Phase.OPEN
        try:
            self._on_greet(self)
        except SalternError as error:
            self._turn_away(error)

    def _peer_said_goodbye(self) -> None:
        if self._decoder.held:
            self._error = ProtocolError("The connection ended inside a frame.")
        self._orderly = True
        self._drop_queue()
        self._say_goodbye()
        self._transport.close()

    # --- writing and ending -------------------------------------------------------------------------------------

    def _flush_soon(self) -> None:
        if not self._stalled:
            self._hub.flush_soon(self)

    def _encrypt(self, data: bytes) -> None:
        # OpenSSL takes one record a call; shipping each keeps its buffer small.
        written = self._tls.write(data)
        self._ship()
        if written < len(data):
            rest = memoryview(data)[written:]
            while rest:
                rest = rest[self._tls.write(rest) :]
                self._ship()

    def _ship(self) -> None:
        if self._outgoing.pending:
            self._transport.write(self._outgoing.read())

    def _say_goodbye(self) -> None:
        # The peer's answer is not waited for: the end of the stream says the same.
        with contextlib.suppress(ssl.SSLError):
            self._tls.unwrap()
        self._linger()

    def _refuse(self, error: Exception) -> None:
        """End a connection whose TLS went wrong; the alert that OpenSSL made for it is sent first."""
        if self._error is None:
            self._error = error
        self._drop_queue()
        self._linger()

    def _turn_away(self, error: SalternError) -> None:
        """TLS is content with the certificate, we are not."""
        self._error = error
        self._encrypt(encode(Goodbye(reason=error.message, enrol=True)))
        self._say_goodbye()

    def _linger(self) -> None:
        self._ship()
        self._closing = True
        self._phase = Phase.LINGER
        self._hub.watch(self, LINGER)
        if self._paused:
            self._paused = False
            self._transport.resume_reading()
        if self._transport.can_write_eof() and not self._transport.is_closing():
            self._transport.write_eof()

    def _cut(self, error: Exception) -> None:
        if self._phase is Phase.OVER:
            return
        if self._error is None:
            self._error = error
        self._closing = True
        self._drop_queue()
        self._phase = Phase.OVER
        self._wake_drainers()
        self._transport.abort()


def _named(error: ssl.SSLError, name: str) -> SalternError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return IdentityRefused(f"The certificate of {name} is not accepted: {error.verify_message}.")
    if error.reason in _REFUSALS:
        return IdentityRefused(f"{name} does not accept this side's certificate: {error.reason}.")
    return ProtocolError(f"TLS with {name} failed: {error.reason or error}.")
