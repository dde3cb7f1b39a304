"""Links inside one event loop: for tests, trials and simulations. Frames are encoded and checked as on a wire."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable

import msgspec

from saltern.errors import LinkClosed, ProtocolError, Unreachable
from saltern.transport.address import join_address, split_address
from saltern.transport.codec import Decoder, decoder_for_master, decoder_for_minion
from saltern.transport.contract import Handler, Peer
from saltern.transport.link import LINGER, QUEUE_BOUND, BaseLink


class MemoryNetwork:
    """Who listens where; the transports that share one can reach each other."""

    def __init__(self) -> None:
        self.listeners: dict[str, MemoryListener] = {}
        self._ports = itertools.count(40001)

    def free_port(self) -> int:
        return next(self._ports)


class MemoryTransport:
    """One side's way into a `MemoryNetwork`. `identity` is what the other side's links say of this one.

    `certificate` is what `Link.certificate` gives there; `bound` the bytes that may wait for one peer.
    """

    def __init__(
        self, network: MemoryNetwork, identity: Peer, *, certificate: bytes = b"", bound: int = QUEUE_BOUND
    ) -> None:
        self.identity = identity
        self.certificate = certificate
        self.bound = bound
        self._network = network

    async def listen(self, address: str, handler: Callable[[], Handler]) -> MemoryListener:
        host, port = split_address(address)
        listener = MemoryListener(self._network, join_address(host, port or self._network.free_port()), self, handler)
        if listener.address in self._network.listeners:
            raise Unreachable(f"{listener.address} is taken.")
        self._network.listeners[listener.address] = listener
        return listener

    async def connect(self, address: str, handler: Handler) -> MemoryLink:
        listener = self._network.listeners.get(address)
        if listener is None:
            raise Unreachable(f"Nobody listens on {address}.")
        here = join_address("memory", self._network.free_port())
        near = MemoryLink(handler, decoder_for_minion(), listener.transport, address, self.bound)
        decoder = decoder_for_master(certified=bool(self.identity.id))
        far = MemoryLink(listener.handler(), decoder, self, here, listener.transport.bound)
        near.join(far)
        far.join(near)
        return near


class MemoryListener:
    def __init__(
        self, network: MemoryNetwork, address: str, transport: MemoryTransport, handler: Callable[[], Handler]
    ) -> None:
        self.address = address
        self.transport = transport
        self.handler = handler
        self._network = network

    async def close(self) -> None:
        self._network.listeners.pop(self.address, None)


class MemoryLink(BaseLink):
    """One end. `other` is the transport at the other end, which is who this link's peer is."""

    __slots__ = ("_orderly", "_other", "_paused", "_scheduled", "certificate")

    _other: MemoryLink

    def __init__(self, handler: Handler, decoder: Decoder, other: MemoryTransport, address: str, bound: int) -> None:
        super().__init__(asyncio.get_running_loop(), bound)
        self.peer = msgspec.structs.replace(other.identity, address=address)
        self.certificate = other.certificate
        self._handler = handler
        self._decoder = decoder
        self._orderly = False
        self._paused = False
        self._scheduled = False

    def join(self, other: MemoryLink) -> None:
        self._other = other
        self._greet()

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False
        self._other._flush_soon()

    def close(self, reason: str = "") -> None:
        if self._closing:
            return
        self._closing = self._orderly = True
        self._wake_drainers()
        self._flush_soon()
        self._loop.call_later(LINGER, self._cut, LinkClosed(f"{self.name} did not take what was queued. {reason}"))

    def _flush_soon(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._scheduled = False
        other = self._other
        while self._queue and not other._paused:
            data = self._take()
            if not other._closing:
                other._dispatch(data)
        self._wake_drainers()
        if self._orderly and not self._queue and not (other._paused or self._ended):
            other._peer_closed()
            self._end(None)

    def _peer_closed(self) -> None:
        self._end(ProtocolError("The connection ended inside a frame.") if self._decoder.held else None)

    def _cut(self, error: Exception) -> None:
        if self._ended:
            return
        self._closing = True
        self._orderly = False
        self._drop_queue()
        self._loop.call_soon(self._end, error)
        self._loop.call_soon(self._other._lost)

    def _lost(self) -> None:
        self._end(LinkClosed(f"{self.name} cut the connection."))
