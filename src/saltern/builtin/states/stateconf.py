"""States of the renderer `stateconf`: they hold parameters of an SLS file, and do nothing."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__func_alias__ = {"set_": "set"}


def set_(name: str, **kwargs: Any) -> dict[str, Any]:
    """Hold parameters, which the SLS file reads as a variable of the state's name."""
    return _nothing(name)


def context(name: str, **kwargs: Any) -> dict[str, Any]:
    """As `set`."""
    return _nothing(name)


def _nothing(name: str) -> dict[str, Any]:
    return {"name": name, "result": True, "changes": {}, "comment": ""}
