"""The names that certificates carry."""

from __future__ import annotations

from urllib.parse import quote, unquote

SERVER_NAME = "saltern-master"
"""The DNS name in every master's certificate: a minion knows its masters by their authority, not by where they live."""

_MINION = "saltern:minion:"
_MASTER = "saltern:master:"


def minion_uri(minion: str) -> str:
    return _MINION + quote(minion, safe="")


def master_uri(master: str) -> str:
    return _MASTER + quote(master, safe="")


def minion_of_uri(uri: str) -> str | None:
    """The minion id that a URI names, or None when it names no minion; `ValueError` when it is not UTF-8."""
    return _name_after(_MINION, uri)


def master_of_uri(uri: str) -> str | None:
    """The master id that a URI names, or None when it names no master; `ValueError` when it is not UTF-8."""
    return _name_after(_MASTER, uri)


def _name_after(prefix: str, uri: str) -> str | None:
    if not uri.startswith(prefix):
        return None
    name = uri[len(prefix) :]
    return unquote(name, errors="strict") if "%" in name else name
