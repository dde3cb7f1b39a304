"""A peer that holds a valid certificate, speaks the wire by hand, and says what it likes."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from lab import Lab

from saltern.model.job import Return
from saltern.pki.contexts import client_context
from saltern.pki.identity import MinionIdentity
from saltern.transport import frames
from saltern.transport.backends.tls.client import SERVER_NAME
from saltern.transport.codec import decoder_for_minion, encode

PATIENCE = 10.0
F = TypeVar("F")


class HostileMinion:
    """Enrolled as `name`. A connection is open after `connect`; what the master sends is kept in `heard`."""

    def __init__(self, lab: Lab, name: str, directory: Path | None = None) -> None:
        self.name = name
        self._address = ("127.0.0.1", lab.port)
        self.identity = MinionIdentity.open(directory or lab.root / "hostile" / name)
        self.socket: ssl.SSLSocket | None = None
        self.heard: list[frames.AnyFrame] = []
        if not self.identity.enrolled:
            self._enrol()

    def __enter__(self) -> HostileMinion:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def connect(self, hello: frames.Hello | None = None, *, wait: bool = True) -> HostileMinion:
        """A new connection, greeted as a minion greets."""
        self.open()
        self.send(hello or frames.Hello(frames.VERSION, "0", started=time.time()))
        if wait:
            self.wait_for(frames.Welcome)
        return self

    def open(self) -> None:
        """A new connection on which nothing was said."""
        self.close()
        files = self.identity.files
        self._dial(client_context(files.authority, files.certificate, files.key))

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    # --- saying -------------------------------------------------------------------------------------------------

    def send(self, *said: frames.AnyFrame) -> None:
        self.send_bytes(encode(*said))

    def send_bytes(self, data: bytes) -> None:
        assert self.socket is not None
        self.socket.sendall(data)

    def give(self, jid: str, value: Any = True, **fields: Any) -> None:
        """A return."""
        given = Return(**{"jid": jid, "fun": "test.ping", **fields})
        body = msgspec.msgpack.encode(value)
        self.send(frames.ReturnFrame(jid, msgspec.msgpack.encode(given), body, 0, len(body)))

    # --- hearing ------------------------------------------------------------------------------------------------

    def wait_for(self, kind: type[F]) -> F:
        """The next frame of a kind; `AssertionError` when the connection ends or too much time passes before."""
        for frame in self._frames():
            if isinstance(frame, kind):
                return frame
        raise AssertionError(f"the connection ended before a {kind.__name__}")

    def is_cut(self) -> bool:
        """Whether the master ends the connection, sooner or later."""
        with contextlib.suppress(TimeoutError):
            for _ in self._frames():
                pass
            return True
        return False

    def _frames(self) -> Iterator[frames.AnyFrame]:
        assert self.socket is not None
        while True:
            try:
                data = self.socket.recv(1 << 16)
            except TimeoutError:
                raise
            except OSError:
                return
            if not data:
                return
            for frame in self._decoder.feed(data):
                self.heard.append(frame)
                yield frame

    # --- connecting ---------------------------------------------------------------------------------------------

    def _dial(self, context: ssl.SSLContext) -> None:
        plain = socket.create_connection(self._address, PATIENCE)
        self.socket = context.wrap_socket(plain, server_hostname=SERVER_NAME)
        self.socket.settimeout(PATIENCE)
        self._decoder = decoder_for_minion()

    def _enrol(self) -> None:
        self._dial(client_context(None))
        self.send(frames.Enrol(self.name, self.identity.request()))
        reply = self.wait_for(frames.EnrolReply)
        assert reply.state == "accepted", reply
        self.identity.trust(reply.authority)
        self.identity.store(reply.certificate)
        self.close()
