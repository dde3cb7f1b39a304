"""Pushes numbers of returns to a push gateway of Prometheus.

For each minion and function: `salt_return_timestamp_seconds`, `salt_return_success`, `salt_return_retcode`, and for
runs of states `salt_states{result=...}` (succeeded, failed, would_change) and `salt_states_duration_seconds`.

Options: `prometheus.gateway` (a URL, or host and port), `prometheus.job` (salt), `prometheus.username`,
`prometheus.password`, `prometheus.verify_ssl` (True).
"""

from __future__ import annotations

from base64 import urlsafe_b64encode

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.http_delivery import Service
from saltern.plugin_api.job_loads import function_text, jid_nanoseconds, new_jid
from saltern.plugin_api.return_text import is_highstate, succeeded
from saltern.plugin_api.returner_options import require, returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__salt__: Functions
__opts__: Opts

__virtualname__ = "prometheus"

_DEFAULTS = {"gateway": "", "job": "salt", "username": "", "password": "", "verify_ssl": True}
_RESULTS = {True: "succeeded", False: "failed", None: "would_change"}


def __virtual__() -> bool:
    return True


def returner(ret: dict[str, Any]) -> None:
    """Push the numbers of one return; those of an earlier one are replaced."""
    options = returner_options(__virtualname__, _DEFAULTS, ret, __salt__, __opts__)
    require("prometheus", options, ("gateway",))
    labels = {"job": str(options["job"]), "minion": str(ret["id"]), "fun": function_text(ret)}
    # Encoded, since a name may hold what a path may not.
    place = "/".join(f"{name}@base64/{urlsafe_b64encode(value.encode()).decode()}" for name, value in labels.items())
    gateway = str(options["gateway"])
    url = f"{gateway if '://' in gateway else f'http://{gateway}'}".rstrip("/")
    service = Service(
        "The push gateway",
        login=(str(options["username"]), str(options["password"])),
        verify=bool(options["verify_ssl"]),
    )
    service.send(f"{url}/metrics/{place}", _metrics(ret).encode(), "text/plain; version=0.0.4", "PUT")


def prep_jid(nocache: bool = False, passed_jid: str | None = None) -> str:
    """The jid of a new job."""
    return new_jid(passed_jid)


def _metrics(ret: Mapping[str, Any]) -> str:
    retcode, value = ret.get("retcode"), ret.get("return")
    lines = [
        "# TYPE salt_return_timestamp_seconds gauge",
        f"salt_return_timestamp_seconds {jid_nanoseconds(str(ret['jid'])) / 1e9}",
        "# TYPE salt_return_success gauge",
        f"salt_return_success {int(succeeded(ret))}",
        "# TYPE salt_return_retcode gauge",
        f"salt_return_retcode {retcode if isinstance(retcode, int) else 0:d}",
    ]
    if is_highstate(value):
        lines.append("# TYPE salt_states gauge")
        results = [state["result"] for state in value.values()]
        lines += [f'salt_states{{result="{word}"}} {results.count(result)}' for result, word in _RESULTS.items()]
        seconds = sum(float(state.get("duration") or 0) for state in value.values()) / 1000
        lines += ["# TYPE salt_states_duration_seconds gauge", f"salt_states_duration_seconds {seconds}"]
    return "\n".join([*lines, ""])
