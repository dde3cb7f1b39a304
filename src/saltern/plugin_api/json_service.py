"""Services that speak JSON over HTTP: one request, one answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from saltern.plugin_api.errors import CommandExecutionError

_SECONDS = 30


class Answer(NamedTuple):
    """A status, and what the body holds: data of JSON, or else a text."""

    status: int
    data: Any

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300


class Service(NamedTuple):
    """Where a service is, and what every request to it carries: headers, a user with his password."""

    url: str
    headers: Mapping[str, str] = {}
    user: str = ""
    password: str = ""
    verify: Any = True
    """Whether certificates are verified, or the path of the authorities' file."""

    def ask(self, method: str, path: str, body: Any = None, *, raw: bytes | None = None) -> Answer:
        """Send a request; `body` goes as JSON, `raw` as it is. Raises `CommandExecutionError` where nobody answers.

        Neither the body nor a header is in an error: they hold secrets.
        """
        import base64
        import http.client
        import json
        import urllib.error
        import urllib.request

        url = f"{self.url.rstrip('/')}/{path.lstrip('/')}" if path else self.url
        if not url.startswith(("http://", "https://")):
            raise CommandExecutionError(f"{url} is no URL of a web service")
        headers = dict(self.headers)
        data = raw
        if body is not None:
            data = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        if self.user:
            token = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            headers["Authorization"] = f"Basic {token}"
        request = urllib.request.Request(url, data=data, headers=headers, method=method)  # noqa: S310  (looked at above)
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS, context=self._context()) as answer:  # noqa: S310
                return Answer(answer.status, _read(answer.read()))
        except urllib.error.HTTPError as error:
            return Answer(error.code, _read(error.read()))
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise CommandExecutionError(f"{method} {url.partition('?')[0]}: {reason}") from error

    def _context(self) -> Any:
        import ssl

        if not self.url.startswith("https"):
            return None
        context = ssl.create_default_context(cafile=self.verify if isinstance(self.verify, str) else None)
        if self.verify is False:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context


def _read(body: bytes) -> Any:
    import json

    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
