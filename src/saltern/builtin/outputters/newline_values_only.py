"""Values alone, one a line, without the names of the minions."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def output(data: Any, **_kwargs: Any) -> str:
    """All values, those of lists and dicts too, each on lines of its own."""
    return "\n".join(_values(data))


def _values(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for value in data.values():
            yield from _values(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _values(value)
    else:
        yield str(data)
