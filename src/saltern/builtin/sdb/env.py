"""Environment variables as a store."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__func_alias__ = {"set_": "set"}


def set_(key: str, value: Any, profile: Mapping[str, Any] | None = None) -> Any:
    """Set a variable for the rest of this job."""
    os.environ[key] = str(value)
    return get(key, profile)


def get(key: str, profile: Mapping[str, Any] | None = None) -> str | None:
    """The value of a variable."""
    return os.environ.get(key)


def delete(key: str, profile: Mapping[str, Any] | None = None) -> bool:
    """Unset a variable."""
    return os.environ.pop(key, None) is not None
