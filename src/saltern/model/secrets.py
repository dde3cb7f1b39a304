"""Values that are nobody's to see: they go where they are needed and are shown nowhere."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

MASK = "**********"

_NAMES = re.compile(
    r"pass(wd|word|phrase)?$|^pwd$|secret|token|api_?key|access_?key|private_?key|webhook|credential", re.IGNORECASE
)
_IN_URL = re.compile(r"(?<=://)([^/@\s:]*):[^/@\s]+@")


def masked(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options with a mask in the place of what their names or a URL's login call a secret."""
    return {name: _masked_value(str(name), value) for name, value in options.items()}


def holds_secret(options: Mapping[str, Any]) -> bool:
    """Whether something is masked."""
    return MASK in repr(options)


def _masked_value(name: str, value: Any) -> Any:
    if _NAMES.search(name) and value not in (None, ""):
        return MASK
    if isinstance(value, dict):
        return masked(value)
    return _IN_URL.sub(rf"\1:{MASK}@", value) if isinstance(value, str) else value
