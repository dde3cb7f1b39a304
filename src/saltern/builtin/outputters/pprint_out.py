"""Data as Python's pprint writes it."""

from __future__ import annotations

from pprint import pformat
from typing import Any

__virtualname__ = "pprint"


def output(data: Any, **_kwargs: Any) -> str:
    """The data in Python's notation, with its keys sorted and its lines broken."""
    return pformat(data)
