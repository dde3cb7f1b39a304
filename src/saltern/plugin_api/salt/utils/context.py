"""Values that hold for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def func_globals_inject(func: Callable[..., Any], **overrides: Any) -> Iterator[None]:
    """Let a function see other globals (`__opts__={…}`) within the block."""
    scope: dict[str, Any] = func.__globals__
    before = {name: scope[name] for name in overrides if name in scope}
    scope.update(overrides)
    try:
        yield
    finally:
        for name in overrides:
            if name in before:
                scope[name] = before[name]
            else:
                scope.pop(name, None)
