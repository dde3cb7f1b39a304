"""Data as lines of `minion: text`, good for grep."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def output(data: Any, **_kwargs: Any) -> str:
    """Each line of a minion's value with the minion's name in front."""
    if not isinstance(data, dict):
        return str(data)
    return "\n".join(f"{name}: {line}" for name, value in data.items() for line in str(value).splitlines())
