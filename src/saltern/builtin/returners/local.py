"""Prints returns: for trials, to see what a returner is given."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def returner(ret: dict[str, Any]) -> None:
    """Print one return."""
    print(ret)  # noqa: T201  (printing is what this returner is for)


def event_return(event: list[dict[str, Any]]) -> None:
    """Print events."""
    print(event)  # noqa: T201
