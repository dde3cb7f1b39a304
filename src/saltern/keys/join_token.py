"""The text of a join token, `st1.AUTHORITY.SECRET`: what an operator hands to a new minion.

AUTHORITY is the fingerprint of the master's authority, 64 hex digits, so that the minion tells its secret to that
master only.
"""

from __future__ import annotations

from typing import NamedTuple

from saltern.errors import ConfigError

_FORM = "st1"
_HEX_DIGITS = frozenset("0123456789abcdef")


class JoinToken(NamedTuple):
    authority: str
    secret: str

    def text(self) -> str:
        return f"{_FORM}.{self.authority}.{self.secret}"


def parse(text: str) -> JoinToken:
    """`ConfigError` for what is no token; its message does not repeat the text, which may hold a secret."""
    form, _, rest = text.strip().partition(".")
    authority, _, secret = rest.partition(".")
    if form != _FORM or len(authority) != 64 or not set(authority) <= _HEX_DIGITS or not secret:
        raise ConfigError(
            "This is not a join token.",
            hint="A token looks like st1.FINGERPRINT.SECRET; `saltern key token` on the master makes one.",
        )
    return JoinToken(authority, secret)
