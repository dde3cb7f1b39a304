"""Reports returns to Sentry, those that failed as errors.

Options: `raven.dsn`, `raven.report_errors_only` (True: nothing of what went well), `raven.tags` (a list of grains that
become tags).
"""

from __future__ import annotations

import json
from hashlib import sha256
from urllib.parse import urlsplit

from saltern.plugin_api import CommandExecutionError, Functions, Grains, Opts
from saltern.plugin_api.http_delivery import Service
from saltern.plugin_api.job_loads import function_text, jid_nanoseconds, new_jid, to_json, without_secrets
from saltern.plugin_api.return_text import is_highstate, states_of, succeeded
from saltern.plugin_api.returner_options import returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__salt__: Functions
__opts__: Opts
__grains__: Grains

__virtualname__ = "sentry"

_DEFAULTS = {"dsn": "", "report_errors_only": True, "tags": []}


def __virtual__() -> bool:
    return True


def returner(ret: dict[str, Any]) -> None:
    """Report one return."""
    options = returner_options("raven", _DEFAULTS, ret, __salt__, __opts__)
    dsn = urlsplit(str(options["dsn"]))
    if not dsn.username or not dsn.hostname:
        raise CommandExecutionError("The returner sentry has no DSN: set raven.dsn.")
    if options["report_errors_only"] and succeeded(ret):
        return
    event = _event(ret, [str(name) for name in options["tags"]])
    head = {
        "event_id": event["event_id"],
        "dsn": f"{dsn.scheme}://{dsn.username}@{dsn.netloc.rpartition('@')[2]}{dsn.path}",
    }
    lines = [json.dumps(head), json.dumps({"type": "event"}), to_json(event)]
    path, _, project = dsn.path.rpartition("/")
    auth = f"Sentry sentry_version=7, sentry_client=saltern/1, sentry_key={dsn.username}"
    url = f"{dsn.scheme}://{dsn.netloc.rpartition('@')[2]}{path}/api/{project}/envelope/"
    service = Service("Sentry", headers={"X-Sentry-Auth": auth})
    service.send(url, "\n".join([*lines, ""]).encode(), "application/x-sentry-envelope")


def prep_jid(nocache: bool = False, passed_jid: str | None = None) -> str:
    """The jid of a new job."""
    return new_jid(passed_jid)


def _event(ret: dict[str, Any], tags: list[str]) -> dict[str, Any]:
    well, value = succeeded(ret), ret.get("return")
    shown = states_of(value, failed=True) if is_highstate(value) and not well else value
    return {
        # Made from job and minion: one that is sent again is the same event.
        "event_id": sha256(f"{ret['jid']}:{ret['id']}".encode()).hexdigest()[:32],
        "timestamp": jid_nanoseconds(str(ret["jid"])) / 1e9,
        "platform": "other",
        "level": "info" if well else "error",
        "logger": "saltern",
        "server_name": str(ret["id"]),
        "message": {"formatted": f"{function_text(ret)} {'succeeded' if well else 'failed'} on {ret['id']}"},
        "tags": {name: str(__grains__[name]) for name in tags if name in __grains__} | {"jid": str(ret["jid"])},
        "fingerprint": [function_text(ret), *(sorted(shown) if is_highstate(shown) else [])],
        "extra": {**without_secrets(ret), "return": shown},
    }
