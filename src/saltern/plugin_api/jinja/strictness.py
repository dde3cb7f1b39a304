"""Filters that must not take an undefined value for a value."""

from __future__ import annotations

import functools
from typing import Any

from jinja2 import StrictUndefined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def needs_value(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that gives the undefined value back, for Jinja to complain of where it is used."""

    @functools.wraps(function)
    def filtered(value: Any, *args: Any, **kwargs: Any) -> Any:
        return value if isinstance(value, StrictUndefined) else function(value, *args, **kwargs)

    return filtered
