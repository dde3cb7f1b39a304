"""URLs of repositories and the secrets in them."""

from __future__ import annotations

import re
from urllib.parse import quote

from saltern.plugin_api.errors import SaltInvocationError

_WITH_SECRET = re.compile(r"(?i)\b(https?|ftps?)://[^/@\s]+@")


def redacted(text: str) -> str:
    """A text with user names and passwords in its URLs replaced."""
    return _WITH_SECRET.sub(r"\1://<redacted>@", text)


def with_credentials(url: str, user: str | None, password: str | None) -> str:
    """An HTTPS URL with the user's name and password in it. Raises `SaltInvocationError` for any other URL."""
    if not user and not password:
        return url
    if not user:
        raise SaltInvocationError("A password for basic authentication needs a user name")
    scheme, mark, rest = url.partition("://")
    if not mark or scheme.lower() != "https":
        raise SaltInvocationError("Basic Auth only supported for HTTPS")
    host, slash, path = rest.partition("/")
    secret = f":{quote(str(password), safe='')}" if password else ""
    return f"{scheme}://{quote(str(user), safe='')}{secret}@{host.rpartition('@')[2]}{slash}{path}"
