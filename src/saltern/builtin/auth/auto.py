"""Lets everybody in under any name, whatever the password. For laboratories."""

from __future__ import annotations


def auth(username: str, password: str) -> bool:
    """Yes."""
    return True
