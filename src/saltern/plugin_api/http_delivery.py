"""Handing something to a web service: one request, and an error that says whether it is worth another one."""

from __future__ import annotations

import base64
import contextlib
import json
import ssl
import urllib.error
import urllib.request
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from saltern.plugin_api.errors import CommandExecutionError, ReturnRefusedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import http.client
    from collections.abc import Iterator, Mapping

_REFUSALS = (400, 413, 414, 415, 422)
"""Answers that concern what was sent; others may change (a login that is mended, a service that is back)."""
_MISSING = 404
_SAID = 300
SECONDS = 20.0
"""Seconds after which a service that does not answer is given up."""


class UnreachableError(CommandExecutionError):
    """Nobody answers there."""


class NothingThereError(CommandExecutionError):
    """The service has nothing at that URL."""


class Service(NamedTuple):
    """A web service and how to log in there. `name` is what errors call it; URLs are not shown, they may be secret."""

    name: str
    login: tuple[str, str] | None = None
    headers: Mapping[str, str] = {}
    verify: bool = True
    seconds: float = SECONDS

    def send(self, url: str, body: bytes, content_type: str, method: str = "POST") -> bytes:
        """Send a body; the answer. `ReturnRefusedError` when it will not be taken; `CommandExecutionError` else."""
        with self.answered(url, body, content_type, method) as answer:
            return answer.read()

    @contextlib.contextmanager
    def answered(
        self, url: str, body: bytes, content_type: str, method: str = "POST"
    ) -> Iterator[http.client.HTTPResponse]:
        """The answer as it comes, for what is too large to be held; errors are those of `send`."""
        request = self._request(url, body, content_type, method)
        try:
            with urllib.request.urlopen(request, timeout=self.seconds, context=self._tls(url)) as answer:  # noqa: S310
                yield answer
        except urllib.error.HTTPError as error:
            said = error.read(_SAID).decode(errors="replace").strip()
            told = f"{self.name} answers {error.code} {error.reason}: {said}"
            if error.code == _MISSING:
                raise NothingThereError(told) from error
            raise (ReturnRefusedError if error.code in _REFUSALS else CommandExecutionError)(told) from error
        except OSError as error:
            reason = getattr(error, "reason", error)
            host = urlsplit(url).hostname
            raise UnreachableError(f"{self.name} cannot be reached at {host}: {reason}") from error

    def send_json(self, url: str, value: Any, method: str = "POST") -> Any:
        """Send a value as JSON; the answer's value, or its text where it is no JSON."""
        answer = self.send(url, json.dumps(value, default=str).encode(), "application/json", method)
        try:
            return json.loads(answer)
        except ValueError:
            return answer.decode(errors="replace")

    def _request(self, url: str, body: bytes, content_type: str, method: str) -> urllib.request.Request:
        if urlsplit(url).scheme not in ("http", "https"):
            raise CommandExecutionError(f"{self.name} needs an http or https URL")
        request = urllib.request.Request(url, data=body, method=method)  # noqa: S310  (the schemes above)
        request.add_header("Content-Type", content_type)
        for name, value in self.headers.items():
            request.add_header(name, value)
        if self.login is not None and self.login[0]:
            text = base64.b64encode(":".join(self.login).encode()).decode()
            request.add_header("Authorization", f"Basic {text}")
        return request

    def _tls(self, url: str) -> ssl.SSLContext | None:
        if not url.startswith("https:"):
            return None
        return ssl.create_default_context() if self.verify else ssl._create_unverified_context()  # noqa: S323


def from_json(data: bytes) -> Any:
    """The value of an answer."""
    return json.loads(data) if data else None
