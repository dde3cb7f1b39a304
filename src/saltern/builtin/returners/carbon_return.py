"""Sends the numbers of returns to Carbon, the receiver of Graphite, by its plaintext protocol.

Every number in a return is a metric, named by the pattern and the keys that lead to it. The time is that of the job.

Options: `carbon.host` (localhost), `carbon.port` (2003), `carbon.metric_base_pattern`
(`[module].[function].[minion_id]`), `carbon.skip_on_error` (True: what is no number is left out; else it is an error).
"""

from __future__ import annotations

import re
import socket

from saltern.plugin_api import CommandExecutionError, Functions, Opts, ReturnRefusedError
from saltern.plugin_api.job_loads import function_text, jid_nanoseconds, new_jid
from saltern.plugin_api.returner_options import returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__salt__: Functions
__opts__: Opts

__virtualname__ = "carbon"

_DEFAULTS = {
    "host": "localhost",
    "port": 2003,
    "metric_base_pattern": "[module].[function].[minion_id]",
    "skip_on_error": True,
}
_SECONDS = 10.0


def __virtual__() -> bool:
    return True


def returner(ret: dict[str, Any]) -> None:
    """Send the numbers of one return."""
    options = returner_options(__virtualname__, _DEFAULTS, ret, __salt__, __opts__)
    module, _, function = function_text(ret).partition(".")
    names = {"module": module, "function": function, "minion_id": ret["id"], "jid": ret["jid"]}
    base = str(options["metric_base_pattern"])
    for name, text in names.items():
        base = base.replace(f"[{name}]", _part(str(text)))
    moment = jid_nanoseconds(str(ret["jid"])) // 1_000_000_000
    lines = [f"{name} {number} {moment}\n" for name, number in _numbers(base, ret["return"], options)]
    if lines:
        _send("".join(lines).encode(), str(options["host"]), int(options["port"]))


def prep_jid(nocache: bool = False, passed_jid: str | None = None) -> str:
    """The jid of a new job."""
    return new_jid(passed_jid)


def _numbers(name: str, value: Any, options: dict[str, Any]) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _numbers(f"{name}.{_part(str(key))}", each, options)
        return
    try:
        yield name, float(value)
    except (TypeError, ValueError):
        if not options["skip_on_error"]:
            raise ReturnRefusedError(f"Carbon takes numbers only, and {name} is {type(value).__name__}.") from None


def _part(text: str) -> str:
    """A text as one part of a metric's name."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", text)


def _send(data: bytes, host: str, port: int) -> None:
    try:
        with socket.create_connection((host, port), _SECONDS) as stream:
            stream.sendall(data)
    except OSError as error:
        raise CommandExecutionError(f"The returner carbon cannot reach {host}:{port}: {error}") from error
