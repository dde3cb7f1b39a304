"""Fail on purpose: to try how errors of wheel functions are told."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def error(name: str | None = None, message: str = "") -> dict[str, Any]:
    """Raise an exception of Python by its name; without a name nothing happens, and an empty dictionary is given.

    CLI Example::

        saltern wheel error.error
        saltern wheel error.error name=ValueError message='no such value'
    """
    if name is None:
        return {}
    import builtins

    kind = getattr(builtins, name, None)
    if not isinstance(kind, type) or not issubclass(kind, Exception):
        kind = Exception
    raise kind(message)
