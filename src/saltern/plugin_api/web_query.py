"""One request to a web server, as the `query` of Salt's `http` functions makes it; and what came back."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from saltern.plugin_api.errors import CommandExecutionError

DECODERS = ("json", "xml", "yaml", "plain")
_FORM = "application/x-www-form-urlencoded"
_SECRET_HEADERS = ("Authorization", "Cookie")


@dataclass(frozen=True)
class Request:
    """What is asked. `seconds` is how long the server may be silent; `cert` are paths: a certificate, its key."""

    url: str
    method: str = "GET"
    params: Any = None
    data: Any = None
    headers: Mapping[str, str] | None = None
    username: str | None = None
    password: str | None = None
    verify_ssl: bool = True
    ca_bundle: str | None = None
    cert: str | Sequence[str] | None = None
    agent: str = ""
    seconds: float | None = None
    cookie_jar: str | None = None


@dataclass(frozen=True)
class Reply:
    """What came back. Of a server that could not be asked there is the `fault` alone, and the status 0."""

    status: int = 0
    reason: str = ""
    headers: Mapping[str, str] | None = None
    body: bytes = b""
    fault: str = ""

    @property
    def text(self) -> str:
        charset = (self.content_type.partition("charset=")[2].split(";")[0].strip(" \"'")) or "utf-8"
        try:
            return self.body.decode(charset, "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")

    @property
    def content_type(self) -> str:
        named = {key.lower(): value for key, value in (self.headers or {}).items()}
        return named.get("content-type", "")


def send(request: Request) -> Reply:
    """Make a request. Raises `CommandExecutionError` for a URL that is none of http or https."""
    import http.client
    import urllib.error
    import urllib.request

    if urlsplit(request.url).scheme not in ("http", "https"):
        raise CommandExecutionError(f"Unsupported url scheme: {request.url}")
    jar = _jar(request.cookie_jar)
    handlers: list[Any] = [urllib.request.HTTPSHandler(context=_context(request)), _redirects()]
    if jar is not None:
        handlers.append(urllib.request.HTTPCookieProcessor(jar))
    opener = urllib.request.build_opener(*handlers)
    try:
        with opener.open(_prepared(request), timeout=request.seconds) as answer:
            reply = Reply(answer.status, answer.reason, dict(answer.headers.items()), answer.read())
    except urllib.error.HTTPError as error:
        with error:
            reply = Reply(error.code, error.reason, dict(error.headers.items()), error.read())
    except urllib.error.URLError as error:
        return Reply(fault=str(error.reason))
    except (OSError, http.client.HTTPException) as error:
        return Reply(fault=str(error) or type(error).__name__)
    if jar is not None:
        jar.save(ignore_discard=True)
    return reply


def _redirects() -> Any:
    """Who follows the server to another address: without the password, where that is another server."""
    import urllib.request

    class Redirects(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
            following = super().redirect_request(req, fp, code, msg, headers, newurl)
            if following is not None and not _is_same_server(req.full_url, newurl):
                for name in _SECRET_HEADERS:
                    following.remove_header(name)
            return following

    return Redirects()


def _is_same_server(url: str, following: str) -> bool:
    """Whether a URL leads to the server of another, there by the same way or from http to https."""
    old, new = urlsplit(url), urlsplit(following)
    return new.netloc == old.netloc and new.scheme in (old.scheme, "https")


def decoded(reply: Reply, kind: str) -> dict[str, Any]:
    """The reply as data: `dict`, or `text` where it is none, or `error` for a kind that is not known."""
    if kind == "auto":
        kind = next((one for one in ("json", "xml", "yaml") if one in reply.content_type), "plain")
    if kind not in DECODERS:
        return {"error": f"Invalid decode_type specified. Valid decode types are: {DECODERS}"}
    if kind == "plain":
        return {"text": reply.text}
    try:
        return {"dict": _read(reply.text, kind)}
    except (ValueError, SyntaxError) as error:
        raise CommandExecutionError(f"The answer is no {kind}: {error}") from error


def _read(text: str, kind: str) -> Any:
    if kind == "json":
        return json.loads(text)
    if kind == "yaml":
        import yaml

        try:
            return yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise ValueError(str(error)) from error
    from xml.etree import ElementTree as Tree

    if "<!ENTITY" in text:
        raise ValueError("entities are not read")
    return [_of_element(one) for one in Tree.fromstring(text)]  # noqa: S314  (entities are refused)


def _of_element(element: Any) -> dict[str, Any]:
    if not len(element):
        return {element.tag: element.text}
    inner: dict[str, Any] = {}
    for one in element:
        for key, value in _of_element(one).items():
            if key not in inner:
                inner[key] = value
            elif isinstance(inner[key], list):
                inner[key].append(value)
            else:
                inner[key] = [inner[key], value]
    return {element.tag: inner}


def _prepared(request: Request) -> Any:
    import urllib.request

    headers = {key: str(value) for key, value in (request.headers or {}).items()}
    named = {key.lower(): value for key, value in headers.items()}
    body = _body(request.data, named.get("content-type", ""))
    url = request.url
    if request.params:
        query = urlencode(request.params, doseq=True) if not isinstance(request.params, str) else request.params
        url += ("&" if "?" in url else "?") + query
    if body is not None and request.method == "POST" and "content-type" not in named:
        headers["Content-Type"] = _FORM
    if request.username and "authorization" not in named:
        token = base64.b64encode(f"{request.username}:{request.password or ''}".encode()).decode()
        headers["Authorization"] = f"Basic {token}"
    if "user-agent" not in named:
        headers["User-Agent"] = request.agent or "Saltern"
    made = urllib.request.Request(url, data=body, headers=headers, method=request.method)  # noqa: S310  (see `send`)
    if body is not None and not made.has_header("Content-type"):
        # else urllib says that it is a form
        made.add_unredirected_header("Content-type", "application/octet-stream")
    return made


def _body(data: Any, content_type: str) -> bytes | None:
    if data is None:
        return None
    if isinstance(data, bytes):
        return data
    if isinstance(data, str):
        return data.encode()
    return (json.dumps(data) if "json" in content_type else urlencode(data, doseq=True)).encode()


def _context(request: Request) -> Any:
    import ssl

    context = ssl.create_default_context(cafile=request.ca_bundle or None)
    if not request.verify_ssl:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if request.cert:
        names = [request.cert] if isinstance(request.cert, str) else list(request.cert)
        context.load_cert_chain(*names[:2])
    return context


def _jar(path: str | None) -> Any:
    if path is None:
        return None
    import http.cookiejar

    jar = http.cookiejar.LWPCookieJar(path)
    if Path(path).exists():
        jar.load(ignore_discard=True)
    else:
        # Cookies let others in.
        Path(path).touch(mode=0o600)
    return jar
