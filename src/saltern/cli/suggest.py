"""Which function was meant by a name that does not exist."""

from __future__ import annotations

import re
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_UNAVAILABLE = re.compile(r"'([\w.]+)' is not available\.")


def hint_at_function(value: Any, kind: str = "modules") -> bool:
    """Where a return says that a function is not available, say on standard error which one is near.

    Whether something was said.
    """
    found = _UNAVAILABLE.match(value) if isinstance(value, str) else None
    near = near_function(found[1], kind) if found else ""
    if near:
        sys.stderr.write(f"saltern: Did you mean {near}?\n")
    return bool(near)


def near_function(name: str, kind: str = "modules") -> str:
    """The likeliest function of a kind that is meant by a name; empty when nothing is near."""
    from saltern.cli.function_names import FunctionNames

    return FunctionNames(kind).like(name)
