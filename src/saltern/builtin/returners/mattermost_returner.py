"""Posts returns to a channel of Mattermost, by an incoming webhook.

Options: `mattermost.hook`, `mattermost.api_url` (the server), `mattermost.channel`, `mattermost.username`.
"""

from __future__ import annotations

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.http_delivery import Service
from saltern.plugin_api.return_text import message_of
from saltern.plugin_api.returner_options import require, returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__salt__: Functions
__opts__: Opts

__virtualname__ = "mattermost"

_DEFAULTS = {"hook": "", "api_url": "", "channel": "", "username": ""}


def __virtual__() -> bool:
    return True


def returner(ret: dict[str, Any]) -> None:
    """Post one return."""
    _post(message_of(ret), ret)


def event_return(events: list[dict[str, Any]]) -> None:
    """Post events, each a tag with its data."""
    _post("\n".join(f"{event.get('tag')}: {event.get('data')}" for event in events), None)


def _post(text: str, ret: dict[str, Any] | None) -> None:
    options = returner_options(__virtualname__, _DEFAULTS, ret, __salt__, __opts__)
    require("mattermost", options, ("hook", "api_url"))
    more = {name: str(options[name]) for name in ("channel", "username") if options[name]}
    url = f"{str(options['api_url']).rstrip('/')}/hooks/{options['hook']}"
    Service("Mattermost").send_json(url, {"text": f"```\n{text}\n```", **more})
