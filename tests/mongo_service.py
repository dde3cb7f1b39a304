"""A server that speaks MongoDB's wire protocol: as much of it as a store of jobs asks for."""

from __future__ import annotations

import socketserver
import struct
import threading
from typing import Any

import bson

_MSG, _QUERY, _REPLY = 2013, 2004, 1


class MongoService:
    """Keeps documents in memory, and refuses those that a unique index has already. A context manager."""

    def __init__(self) -> None:
        self.documents: dict[str, list[dict[str, Any]]] = {}
        self._unique: dict[str, list[list[str]]] = {}
        self._lock = threading.Lock()
        service = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                while head := _read(self.request, 16):
                    length, number, _, code = struct.unpack("<iiii", head)
                    body = _read(self.request, length - 16)
                    command = _command_of(code, body)
                    with service._lock:
                        answer = service.answer(command)
                    self.request.sendall(_packed(code, number, answer))

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = int(self._server.server_address[1])

    def __enter__(self) -> MongoService:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, command: dict[str, Any]) -> dict[str, Any]:
        name = next(iter(command))
        do = getattr(self, f"_{name.lower()}", None)
        if do is None:
            return {"ok": 0.0, "code": 59, "codeName": "CommandNotFound", "errmsg": f"no such command: '{name}'"}
        return {"ok": 1.0, **do(command)}

    def _hello(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"ismaster": True, "isWritablePrimary": True, "helloOk": True, "minWireVersion": 0, "maxWireVersion": 21,
                "maxBsonObjectSize": 16 << 20, "maxMessageSizeBytes": 48_000_000, "maxWriteBatchSize": 100_000,
                "readOnly": False, "logicalSessionTimeoutMinutes": 30}  # fmt: skip

    _ismaster = _hello

    def _endsessions(self, _: dict[str, Any]) -> dict[str, Any]:
        return {}

    def _createindexes(self, command: dict[str, Any]) -> dict[str, Any]:
        for index in command["indexes"]:
            if index.get("unique"):
                self._unique.setdefault(command["createIndexes"], []).append(list(index["key"]))
        return {"numIndexesBefore": 1, "numIndexesAfter": 2}

    def _insert(self, command: dict[str, Any]) -> dict[str, Any]:
        kept = self.documents.setdefault(command["insert"], [])
        errors = []
        for place, document in enumerate(command["documents"]):
            if any(
                all(old.get(key) == document.get(key) for key in keys) for keys in self._keys(command) for old in kept
            ):
                errors.append({"index": place, "code": 11000, "errmsg": "E11000 duplicate key error"})
                if command.get("ordered", True):
                    break
            else:
                kept.append(document)
        told = {"writeErrors": errors} if errors else {}
        return {"n": len(command["documents"]) - len(errors), **told}

    def _keys(self, command: dict[str, Any]) -> list[list[str]]:
        return [["_id"], *self._unique.get(command["insert"], [])]

    def _find(self, command: dict[str, Any]) -> dict[str, Any]:
        found = [each for each in self.documents.get(command["find"], []) if _fits(each, command.get("filter", {}))]
        for field, direction in reversed(list(command.get("sort", {}).items())):
            found.sort(key=lambda each, field=field: each[field], reverse=direction < 0)
        found = found[: command.get("limit") or None]
        return {"cursor": {"id": 0, "ns": f"{command['$db']}.{command['find']}", "firstBatch": found}}

    def _distinct(self, command: dict[str, Any]) -> dict[str, Any]:
        return {"values": list({each[command["key"]] for each in self.documents.get(command["distinct"], [])})}

    def _delete(self, command: dict[str, Any]) -> dict[str, Any]:
        kept = self.documents.setdefault(command["delete"], [])
        before = len(kept)
        for each in command["deletes"]:
            kept[:] = [document for document in kept if not _fits(document, each["q"])]
        return {"n": before - len(kept)}


def _fits(document: dict[str, Any], conditions: dict[str, Any]) -> bool:
    for field, wanted in conditions.items():
        value = document.get(field)
        if isinstance(wanted, dict) and "$lt" in wanted:
            if value is None or not value < wanted["$lt"]:
                return False
        elif value != wanted:
            return False
    return True


def _command_of(code: int, body: bytes) -> dict[str, Any]:
    if code == _QUERY:
        return dict(bson.decode(body[body.index(b"\0", 4) + 1 + 8 :]))
    assert code == _MSG, code
    command: dict[str, Any] = {}
    place = 4
    while place < len(body):
        kind, place = body[place], place + 1
        (size,) = struct.unpack_from("<i", body, place)
        section = body[place : place + size]
        if kind == 0:
            command = {**bson.decode(section), **command}
        else:
            name, _, documents = section[4:].partition(b"\0")
            command[name.decode()] = list(bson.decode_all(documents))
        place += size
    first = next(iter(bson_first(body)))
    return {first: command[first], **command}


def bson_first(body: bytes) -> dict[str, Any]:
    """The command's own document, whose first key is its name."""
    place = 4
    while body[place] != 0:
        place += 1 + int(struct.unpack_from("<i", body, place + 1)[0])
    (size,) = struct.unpack_from("<i", body, place + 1)
    return dict(bson.decode(body[place + 1 : place + 1 + size]))


def _packed(code: int, number: int, answer: dict[str, Any]) -> bytes:
    data = bson.encode(answer)
    if code == _QUERY:
        body, kind = struct.pack("<iqii", 8, 0, 0, 1) + data, _REPLY
    else:
        body, kind = struct.pack("<I", 0) + b"\0" + data, _MSG
    return struct.pack("<iiii", 16 + len(body), 0, number, kind) + body


def _read(stream: Any, length: int) -> bytes:
    data = b""
    while len(data) < length:
        piece = stream.recv(length - len(data))
        if not piece:
            return b""
        data += piece
    return data
