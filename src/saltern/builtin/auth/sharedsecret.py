"""Lets in, under any name, whoever knows the one secret of the option `sharedsecret`: a front end that has asked for
the user's own password itself."""

from __future__ import annotations

from hmac import compare_digest

from saltern.plugin_api import Opts

__opts__: Opts


def auth(username: str, password: str) -> bool:
    """Whether the password is the secret. Without a secret nobody is let in."""
    secret = str(__opts__.get("sharedsecret") or "")
    return bool(secret) and compare_digest(secret.encode(), str(password).encode())
