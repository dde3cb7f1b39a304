"""Sends returns and events to an HTTP event collector of Splunk.

Options: `splunk_http_forwarder.token`, `splunk_http_forwarder.indexer` (host, or host and port), `.sourcetype`,
`.index`, `.verify_ssl` (True); `.http_event_server` may be a whole URL.
"""

from __future__ import annotations

import json
import time

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.http_delivery import Service
from saltern.plugin_api.job_loads import new_jid, to_json, without_secrets
from saltern.plugin_api.returner_options import returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__salt__: Functions
__opts__: Opts

__virtualname__ = "splunk"

_PREFIX = "splunk_http_forwarder"
_DEFAULTS = {
    "token": "",
    "indexer": "",
    "http_event_server": "",
    "sourcetype": "_json",
    "index": "main",
    "verify_ssl": True,
}
_PORT = 8088


def __virtual__() -> bool:
    return True


def returner(ret: dict[str, Any]) -> None:
    """Send one return."""
    _send([without_secrets(ret)], str(ret.get("id", "")), ret)


def returner_many(rets: list[dict[str, Any]]) -> None:
    """Send several returns in one request."""
    _send([without_secrets(ret) for ret in rets], "", rets[0])


def event_return(events: list[dict[str, Any]]) -> None:
    """Send events in one request."""
    _send([{"tag": event.get("tag", ""), **event.get("data", {})} for event in events], str(__opts__.get("id", "")))


def prep_jid(nocache: bool = False, passed_jid: str | None = None) -> str:
    """The jid of a new job."""
    return new_jid(passed_jid)


def _send(values: list[dict[str, Any]], host: str, ret: dict[str, Any] | None = None) -> None:
    options = returner_options(_PREFIX, _DEFAULTS, ret, __salt__, __opts__)
    server = str(options["http_event_server"] or options["indexer"])
    if not server or not options["token"]:
        raise CommandExecutionError("The returner splunk needs splunk_http_forwarder.indexer and .token.")
    envelope = {"time": time.time(), "index": options["index"], "sourcetype": options["sourcetype"]}
    events = [
        to_json({**envelope, "host": host or str(value.get("id", "")), "event": json.loads(to_json(value))})
        for value in values
    ]
    url = server if "://" in server else f"https://{server if ':' in server else f'{server}:{_PORT}'}"
    service = Service(
        "Splunk", headers={"Authorization": f"Splunk {options['token']}"}, verify=bool(options["verify_ssl"])
    )
    service.send(f"{url.rstrip('/')}/services/collector/event", "".join(events).encode(), "application/json")
