"""Prints nothing."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def output(_data: Any, **_kwargs: Any) -> str:
    """Nothing, whatever the data."""
    return ""
