"""An engine of Docker for tests: the engine's HTTP API on a unix socket, containers without processes.

Paths, status codes, bodies and streams are those of the documented API, version 1.43.
"""

from __future__ import annotations

import hashlib
import json
import re
import socketserver
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


class Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Engine:
    """`registry` has the images that can be pulled: name with tag to the id."""

    def __init__(self, path: Path) -> None:
        self.url = f"unix://{path}"
        self.registry: dict[str, str] = {}
        self.images: dict[str, str] = {}
        self.containers: dict[str, dict[str, Any]] = {}
        self.networks: dict[str, dict[str, Any]] = {}
        self.volumes: dict[str, dict[str, Any]] = {}
        self._commands: dict[str, list[str]] = {}
        engine = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _handle(self) -> None:
                parts = urlsplit(self.path)
                path = re.sub(r"^/v[0-9.]+", "", unquote(parts.path))
                query = {key: values[0] for key, values in parse_qs(parts.query).items()}
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                try:
                    status, data = engine.answer(self.command, path, query, json.loads(body) if body else {})
                except Refused as refusal:
                    status, data = refusal.status, {"message": str(refusal)}
                if isinstance(data, list) and path == "/images/create":
                    self._stream(data)
                    return
                sent = data if isinstance(data, bytes) else json.dumps(data).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Connection", "close")
                if status != 204:
                    self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                if self.headers.get("Upgrade") == "tcp":
                    # Who has asked for the raw connection reads what comes after the head was read, as from a command
                    # that takes its time.
                    self.wfile.flush()
                    time.sleep(0.3)
                if status != 204:
                    self.wfile.write(sent)

            def _stream(self, lines: list[dict[str, Any]]) -> None:
                """What goes on while it goes on: a chunk for each line of JSON."""
                self.send_response(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.send_header("Connection", "close")
                self.end_headers()
                for line in [json.dumps(one).encode() + b"\r\n" for one in lines] + [b""]:
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))

            do_GET = do_POST = do_DELETE = _handle  # noqa: N815  (names of the library)

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
            daemon_threads = True

        self._server = Server(str(path), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Engine:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> tuple[int, Any]:
        kind, *rest = path.strip("/").split("/")
        if kind == "version":
            return 200, {"Version": "24.0.0", "ApiVersion": "1.43", "MinAPIVersion": "1.12"}
        if kind == "info":
            return 200, {"Containers": len(self.containers), "Driver": "overlay2"}
        found = getattr(self, f"_{kind}", None)
        if found is None:
            raise Refused(404, "page not found")
        return found(method, rest, query, body)

    # --- containers

    def _containers(self, method: str, rest: list[str], query: dict[str, str], body: dict[str, Any]) -> tuple[int, Any]:
        if rest == ["json"]:
            shown = [one for one in self.containers.values() if query.get("all") == "1" or one["State"]["Running"]]
            return 200, [{"Id": one["Id"], "Names": [one["Name"]], "Image": one["Config"]["Image"]} for one in shown]
        if rest == ["create"]:
            return self._create(query.get("name"), body)
        container = self._container(rest[0])
        verb = rest[1] if len(rest) > 1 else ""
        if method == "DELETE":
            if container["State"]["Running"] and query.get("force") != "True":
                raise Refused(409, f"You cannot remove a running container {container['Id']}.")
            del self.containers[container["Id"]]
            return 204, b""
        if verb == "json":
            return 200, container
        if verb == "logs":
            line = b"hello\n"
            return 200, struct.pack(">BxxxL", 1, len(line)) + line
        if verb == "exec":
            number = f"exec{len(self._commands)}"
            self._commands[number] = body["Cmd"]
            return 201, {"Id": number}
        if verb == "rename":
            container["Name"] = f"/{query['name']}"
            return 204, b""
        if verb == "wait":
            return 200, {"StatusCode": 0}
        container["State"].update(self._after(container["State"], verb))
        return 204, b""

    def _after(self, state: dict[str, Any], verb: str) -> dict[str, Any]:
        if verb == "pause" and not state["Running"]:
            raise Refused(409, "Container is not running")
        states = {
            "start": {"Running": True, "Paused": False},
            "restart": {"Running": True, "Paused": False},
            "stop": {"Running": False, "Paused": False},
            "kill": {"Running": False, "Paused": False},
            "pause": {"Paused": True},
            "unpause": {"Paused": False},
        }
        if verb not in states:
            raise Refused(404, "page not found")
        return states[verb]

    def _create(self, name: str | None, body: dict[str, Any]) -> tuple[int, Any]:
        image = self._image_id(body["Image"])
        if any(one["Name"] == f"/{name}" for one in self.containers.values()):
            raise Refused(409, f'Conflict. The container name "/{name}" is already in use.')
        number = hashlib.sha256(f"{name}{len(self.containers)}{body}".encode()).hexdigest()
        host = body.pop("HostConfig", {})
        config = {"Env": None, "Cmd": None, "Labels": {}, **{key: one for key, one in body.items() if one is not None}}
        self.containers[number] = {
            "Id": number,
            "Name": f"/{name or number[:12]}",
            "Image": image,
            "Config": {**config, "Hostname": body.get("Hostname") or number[:12]},
            "HostConfig": {"NetworkMode": "default", **host},
            "State": {"Running": False, "Paused": False, "ExitCode": 0},
            "NetworkSettings": {"Networks": {"bridge": {}}},
        }
        return 201, {"Id": number, "Warnings": []}

    def _container(self, name: str) -> dict[str, Any]:
        for one in self.containers.values():
            if one["Name"] == f"/{name}" or one["Id"].startswith(name):
                return one
        raise Refused(404, f"No such container: {name}")

    def _exec(self, method: str, rest: list[str], query: dict[str, str], body: dict[str, Any]) -> tuple[int, Any]:
        command = self._commands[rest[0]]
        if rest[1] == "json":
            return 200, {"ExitCode": 1 if command[0] == "false" else 0, "Pid": 7, "Running": False}
        out = " ".join(command).encode() + b"\n"
        return 200, struct.pack(">BxxxL", 1, len(out)) + out + struct.pack(">BxxxL", 2, 4) + b"bad\n"

    # --- images

    def _images(self, method: str, rest: list[str], query: dict[str, str], body: dict[str, Any]) -> tuple[int, Any]:
        if rest == ["json"]:
            by_id: dict[str, list[str]] = {}
            for name, number in self.images.items():
                by_id.setdefault(number, []).append(name)
            return 200, [{"Id": number, "RepoTags": names} for number, names in by_id.items()]
        if rest == ["create"]:
            return self._pull(f"{query['fromImage']}:{query.get('tag', 'latest')}")
        name = "/".join(rest[:-1] if rest[-1] in ("json", "tag") else rest)
        number = self._image_id(name)
        if rest[-1] == "tag":
            self.images[f"{query['repo']}:{query.get('tag', 'latest')}"] = number
            return 201, b""
        if method == "DELETE":
            users = [one for one in self.containers.values() if one["Image"] == number]
            if users and query.get("force") != "1" and query.get("force") != "True":
                raise Refused(409, f"conflict: unable to remove repository reference {name!r} (must force)")
            for tag in [tag for tag, one in self.images.items() if one == number]:
                del self.images[tag]
            return 200, [{"Deleted": number}]
        return 200, {"Id": number, "RepoTags": [tag for tag, one in self.images.items() if one == number]}

    def _pull(self, name: str) -> tuple[int, Any]:
        if name not in self.registry:
            raise Refused(404, f"pull access denied for {name}, repository does not exist")
        old = self.images.get(name) == self.registry[name]
        self.images[name] = self.registry[name]
        layer = "Already exists" if old else "Pull complete"
        what = "Image is up to date" if old else "Downloaded newer image"
        lines = [{"status": layer, "id": "layer1"}, {"status": f"Status: {what} for {name}"}]
        return 200, lines

    def _image_id(self, name: str) -> str:
        tagged = name if ":" in name.rpartition("/")[2] else f"{name}:latest"
        if tagged in self.images:
            return self.images[tagged]
        if name in self.images.values():
            return name
        raise Refused(404, f"No such image: {tagged}")

    # --- networks and volumes

    def _networks(self, method: str, rest: list[str], query: dict[str, str], body: dict[str, Any]) -> tuple[int, Any]:
        if not rest:
            names = json.loads(query.get("filters", "{}")).get("name")
            # The engine matches parts of names.
            return 200, [
                one for one in self.networks.values() if not names or any(name in one["Name"] for name in names)
            ]
        if rest == ["create"]:
            name = body["Name"]
            self.networks[name] = {"Name": name, "Id": f"id-{name}", "Driver": body.get("Driver"), "Containers": {}}
            return 201, {"Id": f"id-{name}"}
        network = self.networks.get(rest[0])
        if network is None:
            raise Refused(404, f"network {rest[0]} not found")
        if method == "DELETE":
            if network["Containers"]:
                raise Refused(403, f"network {rest[0]} has active endpoints")
            del self.networks[rest[0]]
            return 204, b""
        if rest[1:] in (["connect"], ["disconnect"]):
            container = self._container(body["Container"])
            held, settings = network["Containers"], container["NetworkSettings"]["Networks"]
            if rest[1] == "connect":
                held[container["Id"]] = {"Name": container["Name"].lstrip("/")}
                settings[rest[0]] = {}
            else:
                held.pop(container["Id"], None)
                settings.pop(rest[0], None)
            return 200, b""
        return 200, network

    def _volumes(self, method: str, rest: list[str], query: dict[str, str], body: dict[str, Any]) -> tuple[int, Any]:
        if not rest:
            names = json.loads(query.get("filters", "{}")).get("name")
            found = [one for one in self.volumes.values() if not names or any(name in one["Name"] for name in names)]
            return 200, {"Volumes": found, "Warnings": None}
        if rest == ["create"]:
            name = body["Name"]
            self.volumes[name] = {"Name": name, "Driver": body.get("Driver") or "local", "Mountpoint": f"/v/{name}"}
            return 201, self.volumes[name]
        if rest[0] not in self.volumes:
            raise Refused(404, f"get {rest[0]}: no such volume")
        if method == "DELETE":
            del self.volumes[rest[0]]
            return 204, b""
        return 200, self.volumes[rest[0]]
