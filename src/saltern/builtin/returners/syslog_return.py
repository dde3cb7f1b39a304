"""Writes returns to the system's log, as JSON."""

from __future__ import annotations

import syslog

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.job_loads import new_jid, to_json, without_secrets
from saltern.plugin_api.returner_options import returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__salt__: Functions
__opts__: Opts

__virtualname__ = "syslog"

_DEFAULTS = {"level": "LOG_INFO", "facility": "LOG_USER", "tag": "salt-minion", "options": []}


def __virtual__() -> bool:
    return True


def returner(ret: dict[str, Any]) -> None:
    """Log one return."""
    options = returner_options(__virtualname__, _DEFAULTS, ret, __salt__, __opts__)
    flags = sum(_constant(name) for name in options["options"])
    syslog.openlog(str(options["tag"]), flags, _constant(options["facility"]))
    try:
        syslog.syslog(_constant(options["level"]), to_json(without_secrets(ret)).replace("\0", "\\u0000"))
    finally:
        syslog.closelog()


def prep_jid(nocache: bool = False, passed_jid: str | None = None) -> str:
    """The jid of a new job."""
    return new_jid(passed_jid)


def _constant(name: str) -> int:
    value = getattr(syslog, str(name), None) if str(name).startswith("LOG_") else None
    if not isinstance(value, int):
        raise CommandExecutionError(f"The returner syslog does not know '{name}'; names are those of syslog(3).")
    return value
