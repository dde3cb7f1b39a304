"""What a state function gives back, checked and brought into the shape of a result (behaviour STA-03)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Result = dict[str, Any]

NOWHERE = "__nowhere__"
"""Marks, within a run, a result that is given out without `__id__`, `__sls__` and times."""
ATTEMPTS = "__attempts__"
"""Holds, within a run, how often a state was called: as in Salt, each attempt takes a number."""
WITHIN = "sub_state_run"
"""Holds the results of states that a state ran itself, each with the `low` that names it."""
_HIDDEN = "*" * 10
_FAULT = "An exception occurred in this state:"


def checked(returned: Any, chunk: Mapping[str, Any]) -> Result:
    """The result of a state function; what is no result becomes one that says so."""
    name = chunk["name"]
    if not isinstance(returned, dict):
        return failed(name, f"{_FAULT} Malformed state return. Data must be a dictionary type.")
    wrong = _wrong_parts(returned)
    if wrong:
        return failed(name, wrong)
    verdict = returned["result"]
    result = {**returned, "result": verdict if verdict is None else bool(verdict)}
    if isinstance(result["comment"], list):
        result["comment"] = "\n".join(str(line) for line in result["comment"])
    warnings = result.get("warnings")
    if warnings is not None and not isinstance(warnings, list):
        result["warnings"] = [str(warnings)]
    return result


def _wrong_parts(returned: Mapping[str, Any]) -> str:
    missing = sorted({"name", "result", "changes", "comment"} - set(returned))
    if missing:
        return "The following keys were not present in the state return: " + ",".join(missing)
    if not isinstance(returned["changes"], Mapping):
        return "'Changes' should be a dictionary."
    return ""


def failed(name: Any, comment: str) -> Result:
    return {"name": name, "result": False, "changes": {}, "comment": comment}


def not_found(name: Any, comment: str) -> Result:
    """The result of a state whose function is not there: as in Salt it tells neither its place nor its time."""
    return {**failed(name, comment), NOWHERE: True}


def not_run(name: Any, comment: str, *, result: bool = True) -> Result:
    """The result of a state that did not have to run, or could not."""
    return {"name": name, "result": result, "changes": {}, "comment": comment, "__state_ran__": False}


def hidden(result: Result) -> Result:
    """The result with its values masked: `no_log`."""
    masked = {**result, "comment": _masked(result["comment"]), "changes": _masked(result["changes"])}
    if WITHIN in result:
        masked[WITHIN] = [hidden(one) for one in result[WITHIN]]
    return masked


def _masked(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _masked(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_masked(one) for one in value]
    return _HIDDEN if isinstance(value, str) and value else value


def changed(result: Mapping[str, Any]) -> bool:
    """Whether a state changed something, or in test mode would."""
    return bool(result.get("changes")) and not result.get("skip_req")
