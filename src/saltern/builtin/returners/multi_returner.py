"""Hands everything to several returners, which the option `multi_returner` lists; what is read is merged (RET-08)."""

from __future__ import annotations

import logging

from saltern.plugin_api import CommandExecutionError, Functions, Opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__ret__: Functions
__opts__: Opts

log = logging.getLogger(__name__)


def prep_jid(nocache: bool = False, passed_jid: str | None = None) -> Any:
    """The jid that the first returner gives."""
    return __ret__[f"{_names()[0]}.prep_jid"](nocache=nocache, passed_jid=passed_jid)


def returner(load: dict[str, Any]) -> None:
    """Store one return with each."""
    _tell_each("returner", load)


def save_load(jid: str, clear_load: dict[str, Any], minions: list[str] | None = None) -> None:
    """Store the load of a job with each."""
    _tell_each("save_load", jid, clear_load)


def save_minions(jid: str, minions: list[str], syndic_id: str | None = None) -> None:
    """Store the minions of a job with each."""
    _tell_each("save_minions", jid, minions, syndic_id)


def get_load(jid: str) -> dict[str, Any]:
    """The load of a job."""
    return _merged("get_load", jid)


def get_jid(jid: str) -> dict[str, Any]:
    """The returns of a job by minion."""
    return _merged("get_jid", jid)


def get_jids() -> dict[str, Any]:
    """All jobs, as `jobs.list_jobs` shows them."""
    return _merged("get_jids")


def clean_old_jobs() -> None:
    """Let each drop what is too old."""
    _tell_each("clean_old_jobs")


def _names() -> list[str]:
    names = __opts__.get("multi_returner") or []
    if not names:
        raise CommandExecutionError("multi_returner: the configuration lists no returners under multi_returner.")
    return list(names)


def _tell_each(function: str, *args: Any) -> None:
    """Call a function of each returner that has it; one that fails keeps no other from it, and is raised at the end."""
    failed = []
    for name in _names():
        try:
            call: Callable[..., Any] = __ret__[f"{name}.{function}"]
        except KeyError as missing:
            if function == "clean_old_jobs":
                continue
            raise CommandExecutionError(f"multi_returner: {missing}") from missing
        try:
            call(*args)
        except Exception as error:
            log.exception("multi_returner: %s.%s failed", name, function)
            failed.append(f"{name}: {error}")
    if failed:
        raise CommandExecutionError(f"multi_returner: {function} failed for {'; '.join(failed)}")


def _merged(function: str, *args: Any) -> dict[str, Any]:
    """What all returners know; of two that know the same the first is believed."""
    found: dict[str, Any] = {}
    for name in reversed(_names()):
        found.update(__ret__[f"{name}.{function}"](*args))
    return found
