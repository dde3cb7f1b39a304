"""Events, from the master."""

from __future__ import annotations

from saltern.plugin_api import EventSender

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__event_sender__: EventSender


def send(tag: str, data: dict[str, Any] | None = None) -> bool:
    """Fire an event. True when it is in the master's log.

    CLI Example::

        saltern runner event.send my/custom/event '{foo: bar}'
    """
    return __event_sender__(tag, dict(data or {}))
