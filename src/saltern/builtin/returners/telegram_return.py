"""Sends returns to a chat of Telegram.

Options: `telegram.chat_id`, `telegram.token`; `telegram.url` is where the API is.
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

__virtualname__ = "telegram"

_DEFAULTS = {"chat_id": "", "token": "", "url": "https://api.telegram.org"}
_LONGEST = 4096
"""Characters that a message of Telegram may have."""


def __virtual__() -> bool:
    return True


def returner(ret: dict[str, Any]) -> None:
    """Send one return."""
    options = returner_options(__virtualname__, _DEFAULTS, ret, __salt__, __opts__)
    require("telegram", options, ("chat_id", "token"))
    url = f"{str(options['url']).rstrip('/')}/bot{options['token']}/sendMessage"
    Service("Telegram").send_json(url, {"chat_id": options["chat_id"], "text": message_of(ret)[:_LONGEST]})
