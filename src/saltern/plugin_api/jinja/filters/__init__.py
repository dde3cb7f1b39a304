"""Salt's filters, each idea a file."""

from __future__ import annotations

from functools import cache
from typing import Any

from saltern.plugin_api.jinja.filters import (
    dates,
    files,
    hashes,
    lists,
    mappings,
    network,
    serial,
    text,
    values,
    yaml_text,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_FILES = (dates, files, hashes, lists, mappings, network, serial, text, values, yaml_text)


@cache
def filters() -> dict[str, Callable[..., Any]]:
    """All filters by name."""
    return {name: function for file in _FILES for name, function in file.FILTERS.items()}
