"""Web services that keep values, as their documented interfaces say: Consul, Vault, CouchDB, and one of a site's own.

Each speaks the service's own protocol over HTTP on loopback: paths, status codes, bodies, logins.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Reply = tuple[int, Any]


class Store:
    """A server on a free port of loopback. `answer` is given method, path, query, body and headers."""

    def __init__(self, answer: Callable[[str, str, dict[str, list[str]], bytes, Any], Reply]) -> None:
        class Handler(BaseHTTPRequestHandler):
            def _handle(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, data = answer(self.command, unquote(parts.path), parse_qs(parts.query), body, self.headers)
                sent = data if isinstance(data, bytes) else json.dumps(data).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            do_GET = do_PUT = do_POST = do_DELETE = _handle  # noqa: N815  (names of the library)

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Store:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def consul(token: str) -> Store:
    """Consul's key-value store: `PUT` answers `true`, `GET` a list of one entry in base64."""
    held: dict[str, bytes] = {}

    def answer(method: str, path: str, query: Any, body: bytes, headers: Any) -> Reply:
        if headers.get("X-Consul-Token") != token:
            return 403, b"Permission denied"
        key = path.removeprefix("/v1/kv/")
        if method == "PUT":
            held[key] = body
            return 200, True
        if method == "DELETE":
            held.pop(key, None)
            return 200, True
        if key not in held:
            return 404, b""
        return 200, [{"Key": key, "Flags": 0, "Value": base64.b64encode(held[key]).decode()}]

    return Store(answer)


def vault(token: str, role: dict[str, str], version: str) -> Store:
    """Vault with a key-value engine at `secret/` and the login `approle`."""
    held: dict[str, dict[str, Any]] = {}

    def answer(method: str, path: str, query: Any, body: bytes, headers: Any) -> Reply:
        if path == "/v1/auth/approle/login":
            good = json.loads(body) == role
            return (
                (200, {"auth": {"client_token": token}}) if good else (400, {"errors": ["invalid role or secret ID"]})
            )
        if headers.get("X-Vault-Token") != token:
            return 403, {"errors": ["permission denied"]}
        if path.startswith("/v1/sys/internal/ui/mounts/secret"):
            return 200, {"data": {"path": "secret/", "type": "kv", "options": {"version": version}}}
        if version == "2" and not path.startswith("/v1/secret/data/"):
            return 404, {"errors": [], "warnings": ["Invalid path for a versioned K/V secrets engine."]}
        if method in ("POST", "PUT"):
            given = json.loads(body)
            held[path] = given["data"] if version == "2" else given
            return (200, {"data": {"version": 1}}) if version == "2" else (204, b"")
        if method == "DELETE":
            held.pop(path, None)
            return 204, b""
        if path not in held:
            return 404, {"errors": []}
        return 200, {"data": {"data": held[path], "metadata": {}} if version == "2" else held[path]}

    return Store(answer)


def couchdb(user: str, password: str) -> Store:
    """CouchDB with one database: a document is changed only by who knows its revision."""
    held: dict[str, dict[str, Any]] = {}
    login = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def answer(method: str, path: str, query: Any, body: bytes, headers: Any) -> Reply:
        if headers.get("Authorization") != login:
            return 401, {"error": "unauthorized", "reason": "Name or password is incorrect."}
        now = held.get(path)
        if method == "GET":
            return (200, now) if now else (404, {"error": "not_found", "reason": "missing"})
        given = json.loads(body) if body else {}
        revision = given.get("_rev") or (query.get("rev") or [None])[0]
        if now and revision != now["_rev"]:
            return 409, {"error": "conflict", "reason": "Document update conflict."}
        if method == "DELETE":
            held.pop(path, None)
            return 200, {"ok": True}
        number = int(now["_rev"].partition("-")[0]) + 1 if now else 1
        held[path] = {**given, "_id": path.rpartition("/")[2], "_rev": f"{number}-x"}
        return 201, {"ok": True, "rev": held[path]["_rev"]}

    return Store(answer)


def site() -> Store:
    """A web service of a site: it tells what it was asked."""

    def answer(method: str, path: str, query: Any, body: bytes, headers: Any) -> Reply:
        if path == "/gone":
            return 410, b"gone"
        return 200, {"method": method, "path": path, "body": json.loads(body) if body else None}

    return Store(answer)
