"""`@depends`: a function that is there only when what it needs is there (behaviour LDR-13)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    Function = TypeVar("Function", bound=Callable[..., Any])

_NOT_FOUND = 127


class CommandNeed:
    """A command that must end with an exit status: with this one, or with None with any but 0."""

    __slots__ = ("_command", "_retcode")

    def __init__(self, command: str, retcode: int | None) -> None:
        self._command = command
        self._retcode = retcode

    def is_met(self) -> bool:
        import shlex
        import subprocess

        try:
            ended = subprocess.run(shlex.split(self._command), capture_output=True, check=False).returncode
        except OSError:
            ended = _NOT_FOUND
        return ended != 0 if self._retcode is None else ended == self._retcode


class Dependencies:
    """What a function needs, and what takes its place when that is missing.

    A text names a global of the plugin's module (an import that may have failed) or a function of `__salt__`; a
    callable is asked; a `CommandNeed` is run; anything else is taken as true or false.
    """

    __slots__ = ("fallback", "needs")

    def __init__(self, needs: tuple[Any, ...], fallback: Callable[..., Any] | None) -> None:
        self.needs = needs
        self.fallback = fallback


def depends(
    *needs: Any,
    fallback_function: Callable[..., Any] | None = None,
    retcode: int | None = None,
    nonzero_retcode: bool = False,
) -> Callable[[Function], Function]:
    """Publish the function only if all `needs` are met; else publish `fallback_function` in its place, or nothing.

    With `retcode` or `nonzero_retcode` the needs are commands, which must end with this exit status or with any but 0.
    """
    if retcode is not None or nonzero_retcode:
        needs = tuple(CommandNeed(command, retcode) for command in needs)

    def remember(function: Function) -> Function:
        earlier = getattr(function, "__depends__", ())
        function.__depends__ = (*earlier, Dependencies(needs, fallback_function))  # type: ignore[attr-defined]
        return function

    return remember
