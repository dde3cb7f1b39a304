"""`__jid_event__`: events of one call of a runner, shown by the command while it runs (behaviour RUN-01)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class JidEvent:
    """Fires events below the tag of one call, `salt/run/<jid>/...`."""

    def __init__(self, fire: Callable[[str, dict[str, Any]], object], show: Callable[[str], object]) -> None:
        self._fire = fire
        self._show = show

    def fire_event(self, data: dict[str, Any], tag: str) -> None:
        """Fire an event whose tag ends with `tag`, such as `progress`; the command that called prints it."""
        self._fire(tag, data)

    def show(self, text: str) -> None:
        """Have the command that called print a text; no event is fired."""
        self._show(text)
