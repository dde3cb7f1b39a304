"""The operator protocol for a short-lived, blocking caller: the command line.

Small on purpose. A cold command has tens of milliseconds in all, so requests are plain dicts here, and nothing is
imported but the socket and MessagePack. `saltern.client.connection` is the typed API for programs; the shapes of both
are those of `saltern.client.contract`.
"""

from __future__ import annotations

import socket
import struct

import msgpack

from saltern.errors import (
    ArgumentError,
    LinkClosed,
    MasterNotRunning,
    PermissionRefused,
    ProtocolError,
    Unreachable,
    from_data,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, BinaryIO, Self

_LENGTH = struct.Struct(">I")
_MAX_ANSWER = 256 << 20
"""Bytes of one answer. A body that is sent whole is at most 8 MiB; longer lists are the only reason to allow more."""


class MasterSocket:
    """A master on this machine, by the path of its unix socket.

    Each request has a connection of its own, so that a stream can be left at any time and several can be open.
    `hint` is what to tell an operator when nobody answers there, `refused` when the socket is not for this user.
    `identity` holds fields that every request has, such as `credentials`.
    """

    def __init__(
        self, path: str, *, hint: str = "", refused: str = "", identity: Mapping[str, Any] | None = None
    ) -> None:
        self.path = path
        self._identity = identity or {}
        self._hint = hint
        self._refused = refused

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Between requests there is nothing to let go of."""

    def ask(self, request: dict[str, Any], *, timeout: float | None = None) -> dict[str, Any]:
        """The end of a request that has no items, or whose items do not matter.

        `timeout` is how many seconds the master may be silent; `Unreachable` after that.
        """
        with self.stream(request, timeout=timeout) as answers:
            for _ in answers:
                pass
            return answers.end

    def stream(self, request: dict[str, Any], *, timeout: float | None = None) -> Stream:
        """Send a request; its items are read from the stream. Raises `MasterNotRunning` when nobody listens."""
        frame = _frame({**self._identity, **request})
        connection = self._connect()
        connection.settimeout(timeout)
        try:
            connection.sendall(frame)
        except OSError as error:
            connection.close()
            raise LinkClosed(f"the master on {self.path} hung up: {error.strerror}") from error
        return Stream(connection, self.path)

    def _connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(self.path)
        except PermissionError as error:
            connection.close()
            raise PermissionRefused(f"you may not use the master's socket {self.path}", hint=self._refused) from error
        except OSError as error:
            connection.close()
            why = error.strerror or str(error)
            raise MasterNotRunning(f"no master answers on {self.path} ({why})", hint=self._hint) from error
        return connection


class Stream:
    """The answers to one request: iterate over the items, then `end` holds the end.

    An answer of kind `error` is raised as the error that it describes. Leaving the `with` block closes the connection,
    which ends a request that still streams.
    """

    def __init__(self, connection: socket.socket, path: str) -> None:
        self.end: dict[str, Any] = {}
        self.at_hand = False
        """Whether the next item came together with the last one."""
        self._path = path
        self._connection = connection
        self._answers: BinaryIO = connection.makefile("rb")

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        while True:
            answer = self._read()
            kind = answer.get("kind")
            if kind == "item":
                yield answer
            elif kind == "items":
                left = len(answer["items"])
                for item in answer["items"]:
                    left -= 1
                    self.at_hand = left > 0
                    yield item
            elif kind == "end":
                self.end = answer
                return
            elif kind == "error":
                raise from_data(answer)
            else:
                raise ProtocolError(f"the master on {self._path} sent an answer of unknown kind {kind!r}")

    def close(self) -> None:
        self._answers.close()
        self._connection.close()

    def _read(self) -> dict[str, Any]:
        (size,) = _LENGTH.unpack(self._exactly(_LENGTH.size))
        if size > _MAX_ANSWER:
            raise ProtocolError(f"the master on {self._path} announced an answer of {size} bytes")
        answer = unpack(self._exactly(size))
        if not isinstance(answer, dict):
            raise ProtocolError(f"the master on {self._path} sent an answer that is no map")
        return answer

    def _exactly(self, size: int) -> bytes:
        try:
            data = self._answers.read(size)
        except TimeoutError as error:
            raise Unreachable(f"the master on {self._path} gave no answer in time") from error
        except OSError as error:
            raise LinkClosed(f"the master on {self._path} hung up: {error.strerror}") from error
        if len(data) < size:
            raise LinkClosed(f"the master on {self._path} hung up before its answer was complete")
        return data


def unpack(data: bytes) -> Any:
    """Decode MessagePack as the command line shows it: bytes that are no UTF-8 in a text become lone surrogates."""
    try:
        return msgpack.unpackb(data, raw=False, strict_map_key=False, unicode_errors="surrogateescape")
    except (ValueError, msgpack.UnpackException) as error:
        raise ProtocolError(f"what came is not MessagePack: {error}") from error


def _frame(request: dict[str, Any]) -> bytes:
    try:
        body = msgpack.packb(request, use_bin_type=True)
    except UnicodeEncodeError as error:
        raise ArgumentError(
            f"an argument is not valid UTF-8: {error.object!r}",
            hint="Pass such bytes in a file, or encoded as base64.",
        ) from error
    except OverflowError:
        # A job id typed as an argument is the usual case: twenty digits are more than 64 bits.
        body = msgpack.packb(_long_numbers_as_text(request), use_bin_type=True)
    return _LENGTH.pack(len(body)) + bytes(body)


def _long_numbers_as_text(value: Any) -> Any:
    """The value with its integers beyond 64 bits as their digits."""
    if isinstance(value, dict):
        return {_long_numbers_as_text(key): _long_numbers_as_text(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_long_numbers_as_text(one) for one in value]
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 64:
        return str(value)
    return value
