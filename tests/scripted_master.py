"""A master that answers the operator protocol by a script: for tests of the clients.

Requests are decoded with the Structs of `saltern.client.contract`, strictly, so that the plain dicts of the command
line cannot drift from them.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from saltern.client import contract
from saltern.errors import SalternError

_LENGTH = struct.Struct(">I")
Answers = Iterable[dict[str, Any]] | SalternError


class ScriptedMaster:
    """Listens on a unix socket in a thread; `script` maps a request class to its answers, or to what makes them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.script: dict[type, Answers | Callable[[Any], Answers]] = {}
        self.requests: list[Any] = []
        self.faults: list[str] = []
        self.hold = threading.Event()
        """An answer `{"kind": "hold"}` waits for it."""
        self._decode = msgspec.msgpack.Decoder(contract.AnyRequest).decode
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen(128)
        self._connections: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.hold.set()
        # Wakes the thread out of accept(), which closing alone does not.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            connection.close()
        self._thread.join(5)

    def asked(self, kind: type) -> list[Any]:
        return [request for request in self.requests if isinstance(request, kind)]

    def returns(self, *items: dict[str, Any], jid: str = "20261122085142537545", **more: Any) -> None:
        """The script of a whole job: what is published and followed."""
        ids = [item["outcome"]["minion"] for item in items if "outcome" in item]
        pending = more.pop("pending", {})
        self.script[contract.Publish] = [
            {"kind": "end", "jid": jid, "minions": sorted({*ids, *pending}), "missing": [], "away": [], **more}
        ]
        self.script[contract.Follow] = [*items, {"kind": "end", "counts": {}, "pending": pending, "cursor": 9}]

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            try:
                while head := stream.read(_LENGTH.size):
                    (size,) = _LENGTH.unpack(head)
                    self._answer(connection, stream.read(size))
            except OSError:
                return

    def _answer(self, connection: socket.socket, frame: bytes) -> None:
        try:
            request = self._decode(frame)
            self._no_unknown_fields(request, frame)
        except (msgspec.DecodeError, ValueError) as fault:
            self.faults.append(str(fault))
            self._send(connection, {"kind": "error", "name": "ProtocolError", "message": str(fault), "hint": ""})
            return
        self.requests.append(request)
        answers = self.script.get(type(request), SalternError(f"no script for {type(request).__name__}"))
        if callable(answers):
            answers = answers(request)
        if isinstance(answers, SalternError):
            self._send(connection, {"kind": "error", **answers.to_data()})
            return
        for answer in answers:
            if answer["kind"] == "hold":
                self.hold.wait(20)
            elif answer["kind"] == "hang up":
                connection.shutdown(socket.SHUT_RDWR)
                return
            else:
                self._send(connection, answer)

    @staticmethod
    def _no_unknown_fields(request: Any, frame: bytes) -> None:
        unknown = set(msgspec.msgpack.decode(frame)) - {"verb", *request.__struct_fields__}
        if unknown:
            raise ValueError(f"{type(request).__name__} has no fields {sorted(unknown)}")

    @staticmethod
    def _send(connection: socket.socket, answer: dict[str, Any]) -> None:
        data = msgspec.msgpack.encode(answer)
        connection.sendall(_LENGTH.pack(len(data)) + data)


def outcome(minion: str, state: str = "returned", value: Any = None, **fields: Any) -> dict[str, Any]:
    """An item of a followed job: the outcome of a minion, with the value that it gave back."""
    has_return = state in ("returned", "failed")
    record = {
        "jid": "20261122085142537545",
        "minion": minion,
        "state": state,
        "seq": 1,
        "retcode": {"returned": 0, "failed": 1}.get(state),
        **fields,
    }
    return {"kind": "item", "outcome": record, "body": msgspec.msgpack.encode(value) if has_return else None}
