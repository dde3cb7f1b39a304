"""The operator's socket: a unix stream socket that answers the verbs of `client.contract`."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from pathlib import Path
from typing import Any, cast

import msgspec

from saltern.access.caller import Caller
from saltern.access.peer import caller_of
from saltern.client.contract import AnyRequest
from saltern.errors import SalternError, UserError

log = logging.getLogger(__name__)

_MOST = 64 << 20
"""Bytes of one request."""
_encode = msgspec.msgpack.Encoder(enc_hook=str).encode
_decode = msgspec.msgpack.Decoder(AnyRequest).decode

Answer = Mapping[str, Any]
Verbs = Callable[[Caller, AnyRequest], AsyncGenerator[Answer, None]]
"""Answers one request: any number of items (`kind: item`), then one end (`kind: end`)."""


class OperatorSocket:
    """Serves the socket. `open_to_all`: users other than the master's may connect (what they may do, `access` says)."""

    def __init__(self, path: Path, verbs: Verbs, *, open_to_all: bool = False) -> None:
        self._path = path
        self._verbs = verbs
        self._open_to_all = open_to_all
        self._server: asyncio.Server | None = None
        self._conversations: set[Conversation] = set()

    async def open(self) -> None:
        self._path.parent.mkdir(mode=0o755 if self._open_to_all else 0o700, parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        loop = asyncio.get_running_loop()
        # Bound under its final mode: between bind and chmod nobody else may connect.
        before = os.umask(0o111 if self._open_to_all else 0o177)
        try:
            self._server = await loop.create_unix_server(self._converse, str(self._path), backlog=512)
        finally:
            os.umask(before)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for conversation in list(self._conversations):
            conversation.end()
        self._path.unlink(missing_ok=True)

    def _converse(self) -> Conversation:
        return Conversation(self._verbs, self._conversations)


class Conversation(asyncio.Protocol):
    """One connection: requests are answered one after the other; hanging up ends the answer that is under way."""

    def __init__(self, verbs: Verbs, open_ones: set[Conversation]) -> None:
        self._verbs = verbs
        self._open_ones = open_ones
        self._buffer = bytearray()
        self._requests: deque[bytes] = deque()
        self._answering: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._unsent: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._caller = caller_of(transport.get_extra_info("socket"))
        self._open_ones.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open_ones.discard(self)
        self._requests.clear()
        if self._answering is not None:
            self._answering.cancel()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def end(self) -> None:
        """Hang up, after what was answered."""
        self._send()
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= 4:
            length = int.from_bytes(self._buffer[:4], "big")
            if length > _MOST:
                self._write(UserError(f"a request of {length} bytes; the most is {_MOST}").to_data(), "error")
                self.end()
                return
            if len(self._buffer) < 4 + length:
                return
            self._requests.append(bytes(self._buffer[4 : 4 + length]))
            del self._buffer[: 4 + length]
        if self._requests and self._answering is None:
            self._answering = asyncio.get_running_loop().create_task(self._answer_all())

    async def _answer_all(self) -> None:
        try:
            while self._requests:
                await self._answer(self._requests.popleft())
        finally:
            self._answering = None

    async def _answer(self, data: bytes) -> None:
        try:
            request = _decode(data)
        except msgspec.DecodeError as error:
            self._write(UserError(f"this request cannot be read: {error}").to_data(), "error")
            return
        try:
            async for answer in self._verbs(self._caller, request):
                self._write(answer)
                await self._writable.wait()
        except SalternError as error:
            self._write(error.to_data(), "error")
        except Exception as error:  # the boundary: a bug in one request must not end the master
            log.exception("the request %s failed", type(request).__name__)
            bug = SalternError(f"{type(error).__name__}: {error}", hint="a fault of Saltern: the master's log has more")
            self._write(bug.to_data(), "error")

    def _write(self, answer: Answer, kind: str = "") -> None:
        data = _encode({"kind": kind, **answer} if kind else answer)
        if not self._unsent:
            # The answers of one turn of the loop go out in one system call.
            asyncio.get_running_loop().call_soon(self._send)
        self._unsent += (len(data).to_bytes(4, "big"), data)

    def _send(self) -> None:
        pieces, self._unsent = self._unsent, []
        self._transport.write(b"".join(pieces))
