"""URLs, `salt://` among them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

_ENV = "?saltenv="


def parse(url: str) -> tuple[str, str | None]:
    """The path within the file tree and the environment that `salt://path?saltenv=env` names."""
    path, _, saltenv = strip_proto(url).partition(_ENV)
    return path, saltenv or None


def create(path: str, saltenv: str | None = None) -> str:
    return f"salt://{path.lstrip('/')}" + (f"{_ENV}{saltenv}" if saltenv else "")


def split_env(url: str) -> tuple[str, str | None]:
    """The URL without its environment, and that."""
    if not url.startswith("salt://"):
        return url, None
    path, saltenv = parse(url)
    return create(path), saltenv


def add_env(url: str, saltenv: str) -> str:
    return create(parse(url)[0], saltenv) if url.startswith("salt://") else url


def validate(url: str, protos: Iterable[str]) -> bool:
    """Whether a URL has one of these schemes."""
    return urlsplit(url).scheme in protos


def strip_proto(url: str) -> str:
    return re.sub(r"^[^:/]+://", "", url)


def is_escaped(url: str) -> bool:
    """Whether the path begins with `|`, which keeps special characters from being taken for more."""
    return strip_proto(url).startswith("|")


def escape(url: str) -> str:
    if is_escaped(url):
        return url
    return f"salt://|{strip_proto(url)}" if url.startswith("salt://") else f"|{url}"


def unescape(url: str) -> str:
    if not is_escaped(url):
        return url
    return f"salt://{strip_proto(url)[1:]}" if url.startswith("salt://") else url[1:]


def add_http_basic_auth(
    url: str, user: str | None = None, password: str | None = None, https_only: bool = False
) -> str:
    """The URL with a user and a password in it; `ValueError` where it is not of HTTPS and has to be."""
    if user is None and password is None:
        return url
    parts = urlsplit(url)
    if https_only and parts.scheme != "https":
        raise ValueError("Basic Auth only supported for HTTPS")
    if password is None:
        return urlunsplit(parts._replace(netloc=f"{user}@{parts.netloc}"))
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{parts.netloc}"))


def redact_http_basic_auth(output: str) -> str:
    """The text with the users and passwords of the URLs in it hidden."""
    return re.sub(r"(https?)://.*@", r"\1://<redacted>@", output)
