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


def returner_many(rets: list[dict[str, Any]]) -> None:
    """Store several returns with each; one that cannot take several gets them one by one."""
    _tell_each("returner_many", rets)


def store_many(loads: list[dict[str, Any]], rets: list[dict[str, Any]]) -> None:
    """Store loads and returns with each; one that cannot take them together gets the loads first."""
    _tell_each("store_many", loads, rets)


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


def clean_some_old_jobs() -> bool:
    """Let each drop some of what is too old; true when one of them has more to drop."""
    return any(_tell_each("clean_some_old_jobs"))


def _names() -> list[str]:
    names = __opts__.get("multi_returner") or []
    if not names:
        raise CommandExecutionError("multi_returner: the configuration lists no returners under multi_returner.")
    return list(names)


def _tell_each(function: str, *args: Any) -> list[Any]:
    """Call a function of each returner that has it; one that fails keeps no other from it, and is raised at the end."""
    answers, failed = [], []
    for name in _names():
        try:
            answers.append(_call_of(name, function)(*args))
        except Exception as error:
            log.exception("multi_returner: %s.%s failed", name, function)
            failed.append(f"{name}: {error}")
    if failed:
        raise CommandExecutionError(f"multi_returner: {function} failed for {'; '.join(failed)}")
    return answers


def _call_of(name: str, function: str) -> Callable[..., Any]:
    try:
        found: Callable[..., Any] = __ret__[f"{name}.{function}"]
    except KeyError as missing:
        if function == "clean_old_jobs":
            return lambda: None
        if function == "clean_some_old_jobs":
            return _dropping_all(_call_of(name, "clean_old_jobs"))
        if function == "returner_many":
            one = _call_of(name, "returner")
            return lambda rets: [one(ret) for ret in rets]
        if function == "store_many":
            return lambda loads, rets: _store_apart(name, loads, rets)
        raise CommandExecutionError(str(missing)) from missing
    return found


def _dropping_all(clean: Callable[..., Any]) -> Callable[..., bool]:
    def drop() -> bool:
        clean()
        return False

    return drop


def _store_apart(name: str, loads: list[dict[str, Any]], rets: list[dict[str, Any]]) -> None:
    for one in loads:
        _call_of(name, "prep_jid")(nocache=False, passed_jid=one["jid"])
        _call_of(name, "save_load")(one["jid"], one["load"], one["minions"])
    if rets:
        _call_of(name, "returner_many")(rets)


def _merged(function: str, *args: Any) -> dict[str, Any]:
    """What all returners know; of two that know the same the first is believed."""
    found: dict[str, Any] = {}
    for name in reversed(_names()):
        found.update(__ret__[f"{name}.{function}"](*args))
    return found
