"""Posts returns to a channel of Slack, by an incoming webhook.

Options: `slack_webhook.webhook` (what follows `services/` in its URL, or the whole URL), `slack_webhook.success_title`
(`{id} | Succeeded`), `slack_webhook.failure_title` (`{id} | Failed`), `slack_webhook.author_icon`,
`slack_webhook.show_tasks` (False: the states that failed are listed, and those that changed something).
"""

from __future__ import annotations

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.http_delivery import Service
from saltern.plugin_api.indented import tree
from saltern.plugin_api.job_loads import function_text
from saltern.plugin_api.return_text import is_highstate, states_of, succeeded
from saltern.plugin_api.returner_options import require, returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__salt__: Functions
__opts__: Opts

__virtualname__ = "slack_webhook"

_DEFAULTS = {
    "webhook": "",
    "success_title": "{id} | Succeeded",
    "failure_title": "{id} | Failed",
    "author_icon": "",
    "show_tasks": False,
}
_GOOD, _BAD, _CHANGED = "#2eb886", "#d10c0c", "#d8a50d"
_LONGEST = 2_500


def __virtual__() -> bool:
    return True


def returner(ret: dict[str, Any]) -> None:
    """Post one return."""
    options = returner_options(__virtualname__, _DEFAULTS, ret, __salt__, __opts__)
    require("slack_webhook", options, ("webhook",))
    well = succeeded(ret)
    first = {
        "color": _GOOD if well else _BAD,
        "title": str(options["success_title" if well else "failure_title"]).format(id=ret["id"]),
        "author_name": ret["id"],
        **({"author_icon": options["author_icon"]} if options["author_icon"] else {}),
        "text": f"{function_text(ret)} {ret.get('fun_args') or ''}".strip(),
        "fields": [{"title": "jid", "value": ret["jid"], "short": True}],
    }
    url = str(options["webhook"])
    address = url if "://" in url else f"https://hooks.slack.com/services/{url}"
    Service("Slack").send_json(address, {"attachments": [first, *_details(ret, options)]})


def _details(ret: dict[str, Any], options: dict[str, Any]) -> list[dict[str, Any]]:
    value = ret["return"]
    if not is_highstate(value):
        return [{"color": _GOOD if succeeded(ret) else _BAD, "text": f"```{tree(value)[:_LONGEST]}```"}]
    shown = [("failed", _BAD, states_of(value, failed=True))]
    if options["show_tasks"]:
        shown.append(("changed", _CHANGED, states_of(value, changed=True)))
    return [
        {"color": color, "title": f"{len(states)} states {word}", "text": f"```{tree(states)[:_LONGEST]}```"}
        for word, color, states in shown
        if states
    ]
