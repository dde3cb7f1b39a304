"""Data as Python writes it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def output(data: Any, **_kwargs: Any) -> str:
    """The data in one line; a text as it is."""
    return str(data)
