"""What a transport must do: carry frames between a master and its minions, and say who is at the other end.

Its definition is the suite in `tests/contracts/test_transport.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

from saltern.transport.frames import AnyFrame


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """Who is at the other end, as the transport has proved it; never taken from a frame.

    `id` and `fingerprint` (hex SHA-256 of the public key's DER form) come from the peer's certificate and are empty
    for a peer that showed none. `expires` is when that certificate ends (seconds since 1970).
    """

    id: str = ""
    fingerprint: str = ""
    address: str = ""
    expires: float = 0.0


class Link(Protocol):
    """One connection. A send never blocks: the link queues, and is closed when the queue is over its bound."""

    @property
    def peer(self) -> Peer: ...

    @property
    def certificate(self) -> bytes:
        """The certificate that the peer showed, in DER form; empty when it showed none."""

    @property
    def queued(self) -> int:
        """Bytes that wait to be sent."""

    def send(self, frame: AnyFrame) -> None:
        """Queue a frame; `LinkClosed` when the link is closed or this frame overruns its queue, `FrameTooLarge` over
        `MAX_FRAME`."""

    def send_encoded(self, data: bytes) -> None:
        """Queue frames that `transport.codec.encode` made before: one encoding for many links."""

    async def drain(self) -> None:
        """Return when the queue is short enough to send more; `LinkClosed` when the link closes meanwhile."""

    def pause(self) -> None:
        """Read nothing more from the peer until `resume`; a few frames that were read already may still come."""

    def resume(self) -> None: ...

    def close(self, reason: str = "") -> None:
        """Send what is queued, then end the connection. A second call does nothing."""

    def abort(self) -> None:
        """End the connection at once; what is queued is thrown away."""


class Handler(Protocol):
    """One side's behaviour on one link. Calls come one at a time, in the order in which things happen.

    An exception from `opened` or `received` ends the link, a `SalternError` as what `closed` gets: a peer that confuses
    its handler harms only itself.
    """

    def opened(self, link: Link) -> None: ...

    def received(self, frame: AnyFrame) -> None: ...

    def closed(self, error: Exception | None) -> None:
        """Called once. `error` is None after an orderly end, else `LinkClosed`, `ProtocolError`, `IdentityRefused`, or
        what a call of this handler raised."""


class Listener(Protocol):
    @property
    def address(self) -> str:
        """`HOST:PORT` that the listener is bound to."""

    async def close(self) -> None:
        """Take no more connections; those that are open stay."""


class ServerTransport(Protocol):
    """The master's side. An implementation is constructed with the identity (keys, certificates) of its side."""

    async def listen(self, address: str, handler: Callable[[], Handler]) -> Listener:
        """Serve `HOST:PORT` (port 0: a free one), a new handler for each connection; `Unreachable` if that cannot be
        bound."""


class ClientTransport(Protocol):
    """The minion's side."""

    async def connect(self, address: str, handler: Handler) -> Link:
        """Connect to `HOST:PORT`; `Unreachable` or `IdentityRefused` when that fails, and the handler is not called.

        Otherwise `opened` has been called when this returns. A peer may refuse this side's certificate later still:
        then `closed` gets the `IdentityRefused`.
        """


class Transport(ServerTransport, ClientTransport, Protocol):
    """Both sides in one."""
