"""Sends each return as JSON to a web service of one's own.

Options: `webhook.url`, `webhook.method` (POST), `webhook.headers` (a map), `webhook.username` and `webhook.password`,
`webhook.verify_ssl` (True), `webhook.timeout` (seconds, 20). Events go there too, as a list.
"""

from __future__ import annotations

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.http_delivery import SECONDS, Service
from saltern.plugin_api.job_loads import new_jid, to_json, without_secrets
from saltern.plugin_api.returner_options import require, returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__salt__: Functions
__opts__: Opts

__virtualname__ = "webhook"

_DEFAULTS = {
    "url": "",
    "method": "POST",
    "headers": {},
    "username": "",
    "password": "",
    "verify_ssl": True,
    "timeout": SECONDS,
}


def __virtual__() -> bool:
    return True


def returner(ret: dict[str, Any]) -> None:
    """Send one return."""
    _send(without_secrets(ret), ret)


def event_return(events: list[dict[str, Any]]) -> None:
    """Send events, each a tag with its data."""
    _send([{"tag": event.get("tag", ""), "data": event.get("data", {})} for event in events], None)


def prep_jid(nocache: bool = False, passed_jid: str | None = None) -> str:
    """The jid of a new job."""
    return new_jid(passed_jid)


def _send(value: Any, ret: dict[str, Any] | None) -> None:
    options = returner_options(__virtualname__, _DEFAULTS, ret, __salt__, __opts__)
    require("webhook", options, ("url",))
    service = Service(
        "The web service of the returner webhook",
        login=(str(options["username"]), str(options["password"])),
        headers={str(name): str(text) for name, text in options["headers"].items()},
        verify=bool(options["verify_ssl"]),
        seconds=float(options["timeout"]),
    )
    service.send(str(options["url"]), to_json(value).encode(), "application/json", str(options["method"]).upper())
