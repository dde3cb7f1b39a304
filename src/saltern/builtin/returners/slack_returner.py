"""Posts returns to a channel of Slack, by its API.

Options: `slack.channel`, `slack.api_key`, `slack.username`, `slack.as_user` (False), `slack.changes` (False; else what
states changed, and nothing when they changed nothing), `slack.only_show_failed` (False); `slack.url` is where the API
is.
"""

from __future__ import annotations

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.http_delivery import Service
from saltern.plugin_api.return_text import is_highstate, message_of, states_of, succeeded
from saltern.plugin_api.returner_options import require, returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__salt__: Functions
__opts__: Opts

__virtualname__ = "slack"

_DEFAULTS = {
    "channel": "",
    "api_key": "",
    "username": "",
    "as_user": False,
    "changes": False,
    "only_show_failed": False,
    "url": "https://slack.com/api/",
}


def __virtual__() -> bool:
    return True


def returner(ret: dict[str, Any]) -> None:
    """Post one return."""
    options = returner_options(__virtualname__, _DEFAULTS, ret, __salt__, __opts__)
    require("slack", options, ("channel", "api_key"))
    value = _chosen(ret["return"], options)
    if value is None or (options["only_show_failed"] and succeeded(ret)):
        return
    message = {"channel": f"#{str(options['channel']).lstrip('#')}", "text": f"```{message_of(ret, value)}```"}
    who = {"as_user": True} if options["as_user"] else {"username": options["username"]} if options["username"] else {}
    service = Service("Slack", headers={"Authorization": f"Bearer {options['api_key']}"})
    answer = service.send_json(f"{str(options['url']).rstrip('/')}/chat.postMessage", {**message, **who})
    if not (isinstance(answer, dict) and answer.get("ok")):
        reason = answer.get("error", "no reason") if isinstance(answer, dict) else answer
        raise CommandExecutionError(f"Slack does not take the message: {reason}")


def _chosen(value: Any, options: dict[str, Any]) -> Any:
    """What of a return is posted; None: nothing."""
    if not is_highstate(value):
        return value
    failed, changed = bool(options["only_show_failed"]), bool(options["changes"])
    return states_of(value, failed=failed, changed=changed) or (None if changed or failed else value)
