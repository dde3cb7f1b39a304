"""Salt's filters, each idea a file."""

from __future__ import annotations

from functools import cache
from typing import Any

from saltern.plugin_api.jinja.filters import serial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_FILES = (serial,)


@cache
def filters() -> dict[str, Callable[..., Any]]:
    """All filters by name."""
    return {name: function for file in _FILES for name, function in file.FILTERS.items()}
