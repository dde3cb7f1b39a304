"""Data as Python's pprint writes it."""

from __future__ import annotations

from pprint import pformat
from typing import Any

from saltern.plugin_api import Opts

__virtualname__ = "pprint"

__opts__: Opts = {}


def __virtual__() -> str:
    return __virtualname__


def output(data: Any, **_kwargs: Any) -> str:
    """The data in Python's notation, with its keys sorted and its lines broken."""
    indent = __opts__.get("output_indent")
    return pformat(data, indent=indent) if isinstance(indent, int) and indent >= 0 else pformat(data)
