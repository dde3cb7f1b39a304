"""What every link does alike: bound its queue, hand frames to its handler, end once.

A back end subclasses `BaseLink` and moves the bytes; `contract.Link` says what callers see.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections import deque
from typing import cast

from saltern.errors import LinkClosed, SalternError
from saltern.transport.codec import Decoder, encode
from saltern.transport.contract import Handler, Link, Peer
from saltern.transport.frames import AnyFrame

log = logging.getLogger(__name__)

QUEUE_BOUND = 8 << 20
"""Bytes that may wait for one peer before it is cut off as too slow."""
QUEUE_SHORT = 256 << 10
"""`drain` returns when no more than this waits."""
LINGER = 10.0
"""Seconds that a closing link gives its peer to take what is queued."""
_PIECE = 16 << 10


class BaseLink(ABC):
    """A back end sets `_decoder` and `_handler` before it calls `_greet`, and calls `_dispatch` only after that."""

    __slots__ = (
        "_bound",
        "_closing",
        "_decoder",
        "_drainers",
        "_ended",
        "_handler",
        "_loop",
        "_queue",
        "_size",
        "peer",
    )

    _decoder: Decoder
    _handler: Handler
    peer: Peer

    def __init__(self, loop: asyncio.AbstractEventLoop, bound: int) -> None:
        self._loop = loop
        self._bound = bound
        self._queue: deque[bytes] | None = None
        self._size = 0
        self._drainers: list[asyncio.Future[None]] | None = None
        self._closing = False
        self._ended = False

    @property
    def queued(self) -> int:
        return self._size

    @property
    def name(self) -> str:
        """How the peer is called in messages."""
        return self.peer.id or self.peer.address or "the peer"

    def send(self, frame: AnyFrame) -> None:
        self.send_encoded(encode(frame))

    def send_encoded(self, data: bytes) -> None:
        if self._closing:
            raise LinkClosed(f"The connection to {self.name} is closed.")
        size = self._size + len(data)
        if size > self._bound:
            error = LinkClosed(f"{self.name} is too slow: {size} bytes wait for it, {self._bound} may.")
            log.warning("%s", error)
            self._cut(error)
            raise error
        if self._queue is None:
            # Made on demand: an idle link goes without the 600 bytes of an empty deque.
            self._queue = deque()
        if not self._queue:
            self._flush_soon()
        self._queue.append(data)
        self._size = size

    async def drain(self) -> None:
        while self.queued > QUEUE_SHORT and not self._closing:
            if self._drainers is None:
                self._drainers = []
            waiter = self._loop.create_future()
            self._drainers.append(waiter)
            await waiter
        if self._closing:
            raise LinkClosed(f"The connection to {self.name} is closed.")

    def abort(self) -> None:
        self._cut(LinkClosed(f"The connection to {self.name} was ended on this side."))

    @abstractmethod
    def _flush_soon(self) -> None:
        """Send the queue at the end of this turn of the loop, in one go with what is queued until then."""

    @abstractmethod
    def _cut(self, error: Exception) -> None:
        """End the connection at once; the handler's `closed` gets `error` in a later turn."""

    def _greet(self) -> None:
        """Tell the handler that the link is open; its failure becomes the link's end, as in `_dispatch`."""
        try:
            self._handler.opened(cast(Link, self))
        except SalternError as error:
            log.info("the connection to %s is not taken: %s", self.name, error)
            self._cut(error)
        except Exception as error:
            log.exception("the connection to %s could not be taken", self.name)
            self._cut(_failure(error))

    def _dispatch(self, data: bytes | memoryview) -> None:
        """Hand the frames in `data` to the handler: the boundary at which its failure becomes this link's end."""
        received = self._handler.received
        try:
            whole = self._decoder.whole(data)
            if whole is not None:
                received(whole)
                return
            for frame in self._decoder.feed(data):
                received(frame)
                if self._closing:
                    return
        except SalternError as error:
            log.warning("the connection to %s ends: %s", self.name, error)
            self._cut(error)
        except Exception as error:
            log.exception("a frame from %s could not be handled; its connection ends", self.name)
            self._cut(_failure(error))

    def _take(self) -> bytes:
        """The next piece of a queue that is not empty: small messages together, a big one as it is."""
        assert self._queue is not None
        data = self._queue.popleft()
        if self._queue and len(data) < _PIECE:
            data = self._take_more(self._queue, data)
        self._size -= len(data)
        return data

    @staticmethod
    def _take_more(queue: deque[bytes], first: bytes) -> bytes:
        parts, size = [first], len(first)
        while queue and size < _PIECE:
            data = queue.popleft()
            parts.append(data)
            size += len(data)
        return b"".join(parts)

    def _drop_queue(self) -> None:
        self._queue = None
        self._size = 0

    def _wake_drainers(self) -> None:
        if self._drainers and (self._closing or self.queued <= QUEUE_SHORT):
            waiting, self._drainers = self._drainers, None
            for waiter in waiting:
                if not waiter.done():
                    waiter.set_result(None)

    def _end(self, error: Exception | None) -> None:
        """Tell everybody, once, that the link is over."""
        if self._ended:
            return
        self._ended = self._closing = True
        self._drop_queue()
        self._wake_drainers()
        try:
            self._handler.closed(error)
        except Exception:
            log.exception("the end of the connection to %s could not be handled", self.name)


def _failure(error: Exception) -> LinkClosed:
    return LinkClosed(f"The handler failed: {type(error).__name__}.")
