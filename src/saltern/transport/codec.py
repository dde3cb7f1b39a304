"""Frames to bytes and back: a 4-byte big-endian length, then the MessagePack body of one frame.

An encoding depends on nothing but the frame, so one encoding serves any number of links.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from saltern.errors import FrameTooLarge, ProtocolError
from saltern.transport.frames import MAX_FRAME, AnyFrame, Enrol, FromMaster, FromMinion

MAX_ENROL = 64 << 10
"""Bytes of one frame from a peer that has shown no certificate."""

_HEADER = struct.Struct(">I")
_PREFIX = _HEADER.size
_encode_body = msgspec.msgpack.Encoder().encode


def encode(*frames: AnyFrame) -> bytes:
    """The frames as they travel; `FrameTooLarge` when one is over `MAX_FRAME`."""
    if len(frames) == 1:
        return _encode_one(frames[0])
    return b"".join([_encode_one(frame) for frame in frames])


class Decoder:
    """Takes bytes as they come, split anywhere, and gives the frames in them. One for each connection.

    `allowed` is the frame type, or the union of types, that this peer may send. What is kept between two calls is the
    one frame that is not complete yet, never more than `limit` bytes and its length. After an error it is of no use.
    """

    __slots__ = ("_decode", "_limit", "_partial", "_wanted")

    def __init__(self, allowed: Any, limit: int = MAX_FRAME) -> None:
        self._decode = _body_decoder(allowed).decode
        self._limit = limit
        self._partial: bytearray | None = None
        self._wanted = _PREFIX

    @property
    def held(self) -> int:
        """Bytes of a frame whose end has not come."""
        return len(self._partial) if self._partial is not None else 0

    def whole(self, data: bytes | memoryview) -> AnyFrame | None:
        """The frame, where `data` is that and nothing else, as it mostly is; errors are those of `feed`.

        None where `data` is anything else: then nothing has happened, and `feed` is to be called.
        """
        if self._partial is not None or len(data) < _PREFIX or _PREFIX + self._size(data, 0) != len(data):
            return None
        return self._frame(data[_PREFIX:])

    def feed(self, data: bytes | bytearray | memoryview) -> Iterator[AnyFrame]:
        """The frames that are complete with `data`, decoded one by one as they are taken; take them all.

        `FrameTooLarge` for a length over the limit, before anything of that frame is kept; `ProtocolError` for a body
        that is not an allowed frame.
        """
        view = memoryview(data)
        start, end = 0, len(view)
        if self._partial is not None:
            start = self._fill(self._partial, view)
            if len(self._partial) < self._wanted:
                return
            whole, self._partial = self._partial, None
            yield self._frame(memoryview(whole)[_PREFIX:])
        while end - start >= _PREFIX:
            body = start + _PREFIX
            stop = body + self._size(view, start)
            if stop > end:
                break
            yield self._frame(view[body:stop])
            start = stop
        if start < end:
            self._hold(view[start:])

    def _fill(self, partial: bytearray, view: memoryview) -> int:
        """Add what the held frame lacks; how much of `view` that took."""
        start = 0
        if len(partial) < _PREFIX:
            start = _PREFIX - len(partial)
            partial += view[:start]
            if len(partial) < _PREFIX:
                return start
            self._wanted = _PREFIX + self._size(partial, 0)
        missing = self._wanted - len(partial)
        partial += view[start : start + missing]
        return start + missing

    def _hold(self, rest: memoryview) -> None:
        self._wanted = _PREFIX
        if len(rest) >= _PREFIX:
            self._wanted += self._size(rest, 0)
        self._partial = bytearray(rest)

    def _size(self, data: bytes | bytearray | memoryview, at: int) -> int:
        size: int = _HEADER.unpack_from(data, at)[0]
        if size > self._limit:
            raise FrameTooLarge(f"A frame of {size} bytes was announced; the limit here is {self._limit}.")
        return size

    def _frame(self, body: bytes | memoryview) -> AnyFrame:
        try:
            frame: AnyFrame = self._decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise ProtocolError(f"Not a frame that this peer may send: {error}") from error
        return frame


def decoder_for_master(*, certified: bool) -> Decoder:
    """What a master accepts: any frame of a minion with a certificate, else nothing but small `Enrol` frames."""
    return Decoder(FromMinion) if certified else Decoder(Enrol, MAX_ENROL)


def decoder_for_minion() -> Decoder:
    """What a minion accepts from its master."""
    return Decoder(FromMaster)


def _encode_one(frame: AnyFrame) -> bytes:
    body = _encode_body(frame)
    if len(body) > MAX_FRAME:
        raise FrameTooLarge(f"A {type(frame).__name__} of {len(body)} bytes is over the limit of {MAX_FRAME}.")
    return _HEADER.pack(len(body)) + body


@cache
def _body_decoder(allowed: Any) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(allowed)
