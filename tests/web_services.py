"""Web services for tests: one keeps what it is told, one indexes as Elasticsearch does, one speaks S3."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape


class Asked(NamedTuple):
    """A request that came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def value(self) -> Any:
        return json.loads(self.body)


Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]]


class WebService:
    """Answers each request by `answer`, and keeps all in `asked`. A context manager."""

    def __init__(self, answer: Callable[[Asked], Answer] = lambda _: (200, {"ok": True})) -> None:
        self.asked: list[Asked] = []
        self.answer = answer
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                query = dict(parse_qsl(parts.query, keep_blank_values=True))
                asked = Asked(self.command, parts.path, query, headers, body)
                service.asked.append(asked)
                status, value, *more = service.answer(asked)
                data = value if isinstance(value, bytes) else json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                for name, text in (more[0] if more else {}).items():
                    self.send_header(name, text)
                self.end_headers()
                if asked.method != "HEAD":
                    self.wfile.write(data)

            do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.address}"

    def __enter__(self) -> Any:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class Elastic(WebService):
    """Indexes whose mappings grow by what documents hold and refuse what does not fit, as Elasticsearch's do."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.indexes: dict[str, dict[str, Any]] = {}
        self.rejected: list[str] = []

    def fields(self) -> dict[str, int]:
        """How many fields the mapping of each index has."""
        return {name: len(index["fields"]) for name, index in self.indexes.items()}

    def _answer(self, asked: Asked) -> Answer:
        if asked.path == "/_bulk":
            return 200, self._bulk(asked.body)
        name, _, action = unquote(asked.path).strip("/").partition("/")
        if not action and asked.method == "PUT":
            return self._make(name, asked.value)
        chosen = [index for key, index in self.indexes.items() if re.fullmatch(name.replace("*", ".*"), key)]
        if action == "_search":
            return 200, self._search(chosen, asked.value)
        return 200, {}

    def _make(self, name: str, wanted: dict[str, Any]) -> Answer:
        if name in self.indexes:
            return 400, {"error": {"type": "resource_already_exists_exception", "reason": "exists"}}
        mappings = wanted.get("mappings", {})
        fields = {key: field["type"] for key, field in mappings.get("properties", {}).items()}
        self.indexes[name] = {"fields": fields, "dynamic": mappings.get("dynamic", True), "documents": {}}
        return 200, {"acknowledged": True}

    def _bulk(self, body: bytes) -> dict[str, Any]:
        lines = [json.loads(line) for line in body.decode().splitlines()]
        items = [
            self._create(action["create"], document) for action, document in zip(lines[::2], lines[1::2], strict=True)
        ]
        return {"errors": any("error" in item["create"] for item in items), "items": items}

    def _create(self, action: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
        if action["_index"] not in self.indexes:
            self._make(action["_index"], {})
        index = self.indexes[action["_index"]]
        reason = self._misfit(index, document, "")
        if reason:
            self.rejected.append(reason)
            error = {"type": "mapper_parsing_exception", "reason": reason}
            return {"create": {"_id": action["_id"], "status": 400, "error": error}}
        if action["_id"] in index["documents"]:
            error = {"type": "version_conflict_engine_exception", "reason": "document already exists"}
            return {"create": {"_id": action["_id"], "status": 409, "error": error}}
        index["documents"][action["_id"]] = document
        return {"create": {"_id": action["_id"], "status": 201}}

    def _misfit(self, index: dict[str, Any], document: dict[str, Any], prefix: str) -> str:
        for key, value in document.items():
            name = prefix + key
            for each in value if isinstance(value, list) else [value]:
                kind = "object" if isinstance(each, dict) else _type_of(each)
                known = index["fields"].get(name)
                if known is None and index["dynamic"] is False:
                    continue
                if known is None:
                    index["fields"][name] = kind
                elif not _fits(known, each):
                    return f"failed to parse field [{name}] of type [{known}]"
                if isinstance(each, dict) and (reason := self._misfit(index, each, f"{name}.")):
                    return reason
        return ""

    @staticmethod
    def _search(indexes: list[dict[str, Any]], asked: dict[str, Any]) -> dict[str, Any]:
        found = [document for index in indexes for document in index["documents"].values()]
        for name, value in asked["query"].get("term", {}).items():
            found = [document for document in found if document.get(name) == value]
        (field,) = asked["sort"][0]
        found.sort(key=lambda document: document[field])
        return {"hits": {"hits": [{"_source": document} for document in found[: asked["size"]]]}}


class Couch(WebService):
    """One server of databases of documents; a document that is there is a conflict."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.databases: dict[str, dict[str, Any]] = {}

    def _answer(self, asked: Asked) -> Answer:
        name, _, action = unquote(asked.path).strip("/").partition("/")
        if not action:
            if name in self.databases:
                return 412, {"error": "file_exists"}
            self.databases[name] = {}
            return 201, {"ok": True}
        documents = self.databases[name]
        if action == "_bulk_docs":
            return 201, [self._put(documents, document) for document in asked.value["docs"]]
        first, last = json.loads(asked.query["startkey"]), json.loads(asked.query["endkey"])
        found = [documents[key] for key in sorted(documents) if first <= key <= last]
        return 200, {"rows": [{"id": each["_id"], "doc": each} for each in found]}

    @staticmethod
    def _put(documents: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
        if document["_id"] in documents:
            return {"id": document["_id"], "error": "conflict", "reason": "Document update conflict."}
        documents[document["_id"]] = document
        return {"ok": True, "id": document["_id"], "rev": "1-0"}


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "long" if isinstance(value, int) else "float" if isinstance(value, float) else "text"


def _fits(known: str, value: Any) -> bool:
    if value is None:
        return True
    if known == "object":
        return isinstance(value, dict)
    if known in ("long", "integer", "float"):
        return isinstance(value, int | float) and not isinstance(value, bool)
    if known == "boolean":
        return isinstance(value, bool) or value in ("true", "false")
    return not isinstance(value, dict)


class Bucket(WebService):
    """Buckets, one of them first; a request whose signature, computed here anew, is not that of the secret is refused.

    A bucket is the first part of the path, or of the host's name where that has more parts than an address.
    """

    def __init__(self, name: str, access: str, secret: str, page: int = 2) -> None:
        super().__init__(self._answer)
        self.objects: dict[str, bytes] = {}
        self.buckets: dict[str, dict[str, bytes]] = {name: self.objects}
        self._access = access
        self._secret = secret
        self._page = page

    def _answer(self, asked: Asked) -> Answer:
        if not self._is_signed(asked):
            return 403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>"
        path = unquote(asked.path).strip("/")
        host = asked.headers["host"]
        if host != self.address:
            path = f"{host.partition('.')[0]}/{path}".strip("/")
        bucket, _, key = path.partition("/")
        objects = self.buckets.get(bucket)
        if objects is None:
            return 404, b"<Error><Code>NoSuchBucket</Code></Error>"
        if not key:
            return 200, self._listing(objects, asked.query)
        if asked.method == "PUT":
            objects[key] = asked.body
            return 200, b""
        found = objects.get(key)
        if found is None:
            return 404, b"<Error><Code>NoSuchKey</Code></Error>"
        return 200, found, {"ETag": f'"{_etag(found)}"'}

    def _listing(self, objects: dict[str, bytes], query: dict[str, str]) -> bytes:
        after = query.get("continuation-token", "")
        keys = sorted(key for key in objects if key.startswith(query["prefix"]) and key > after)
        page, more = keys[: self._page], len(keys) > self._page
        contents = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified>"
            f"<ETag>&quot;{_etag(objects[key])}&quot;</ETag><Size>{len(objects[key])}</Size></Contents>"
            for key in page
        )
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        space = "http://s3.amazonaws.com/doc/2006-03-01/"
        return f'<ListBucketResult xmlns="{space}">{contents}{token}</ListBucketResult>'.encode()

    def _is_signed(self, asked: Asked) -> bool:
        import hmac

        given = dict(re.findall(r"(\w+)=([^, ]+)", asked.headers.get("authorization", "")))
        if not given:
            return not self._secret  # a bucket for everybody
        if asked.headers.get("x-amz-content-sha256") != hashlib.sha256(asked.body).hexdigest():
            return False
        access, day, region, service, end = given["Credential"].split("/")
        names = given["SignedHeaders"].split(";")
        query = "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in sorted(asked.query.items()))
        canonical = [asked.method, quote(unquote(asked.path), safe="/-_.~"), query]
        canonical += [f"{name}:{asked.headers[name]}" for name in names]
        canonical += ["", ";".join(names), asked.headers["x-amz-content-sha256"]]
        digest = hashlib.sha256("\n".join(canonical).encode()).hexdigest()
        scope = "/".join((day, region, service, end))
        text = "\n".join(("AWS4-HMAC-SHA256", asked.headers["x-amz-date"], scope, digest))
        key = f"AWS4{self._secret}".encode()
        for part in (day, region, service, end):
            key = hmac.digest(key, part.encode(), "sha256")
        return access == self._access and hmac.digest(key, text.encode(), "sha256").hex() == given["Signature"]


def _etag(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


class WebFiles(WebService):
    """Serves `files` by their paths, with tags, to those who have the login if there is one."""

    def __init__(self, login: str = "") -> None:
        super().__init__(self._answer)
        self.files: dict[str, bytes] = {}
        self._header = f"Basic {base64.b64encode(login.encode()).decode()}" if login else ""

    def _answer(self, asked: Asked) -> Answer:
        if self._header and asked.headers.get("authorization") != self._header:
            return 401, b""
        content = self.files.get(unquote(asked.path))
        if content is None:
            return 404, b""
        tag = f'"{_etag(content)}"'
        return (304, b"") if asked.headers.get("if-none-match") == tag else (200, content, {"ETag": tag})
