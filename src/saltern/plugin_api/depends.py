"""`@depends`: a function that is there only when what it needs is there (behaviour LDR-13)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    Function = TypeVar("Function", bound=Callable[..., Any])


class Dependencies:
    """What a function needs, and what takes its place when that is missing.

    A text names a global of the plugin's module (an import that may have failed) or a function of `__salt__`; a
    callable is asked; anything else is taken as true or false.
    """

    __slots__ = ("fallback", "needs")

    def __init__(self, needs: tuple[Any, ...], fallback: Callable[..., Any] | None) -> None:
        self.needs = needs
        self.fallback = fallback


def depends(*needs: Any, fallback_function: Callable[..., Any] | None = None) -> Callable[[Function], Function]:
    """Publish the function only if all `needs` are met; else publish `fallback_function` in its place, or nothing."""

    def remember(function: Function) -> Function:
        earlier = getattr(function, "__depends__", ())
        function.__depends__ = (*earlier, Dependencies(needs, fallback_function))  # type: ignore[attr-defined]
        return function

    return remember
