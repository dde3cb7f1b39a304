"""A return as a message for people."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api.indented import tree
from saltern.plugin_api.job_loads import function_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeGuard

_LONGEST = 30_000


def message_of(ret: Mapping[str, Any], value: Any = None) -> str:
    """The lines of a message; `value` in the place of the return, cut where it is very long."""
    shown = tree(ret.get("return") if value is None else value)
    cut = f"{shown[:_LONGEST]}\n… ({len(shown)} characters)" if len(shown) > _LONGEST else shown
    return (
        f"id: {ret.get('id')}\nfunction: {function_text(ret)}\nfunction args: {ret.get('fun_args')}\n"
        f"jid: {ret.get('jid')}\nreturn: {cut}\n"
    )


def is_highstate(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a return is one of states: each with its result."""
    return (
        isinstance(value, dict)
        and bool(value)
        and all(isinstance(each, dict) and "result" in each and "__run_num__" in each for each in value.values())
    )


def succeeded(ret: Mapping[str, Any]) -> bool:
    """Whether the function did what it should, and each of its states too."""
    value = ret.get("return")
    if is_highstate(value):
        return all(state["result"] is not False for state in value.values())
    return bool(ret.get("success", True)) and not ret.get("retcode")


def states_of(value: Mapping[str, Any], *, failed: bool = False, changed: bool = False) -> dict[str, Any]:
    """The states of a return: all, or those that failed or changed something."""
    return {
        key: state
        for key, state in value.items()
        if not (failed or changed) or (failed and state["result"] is False) or (changed and bool(state.get("changes")))
    }
