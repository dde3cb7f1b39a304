"""What a state gives: the four keys of a result, and what a dry run may say in advance."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any


def result_of(name: str, result: bool | None, comment: str, changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A state's result. It is True or False; None says that a dry run would change something."""
    return {"name": name, "result": result, "changes": dict(changes or {}), "comment": comment}


def orchestration_of(host: str, results: Any) -> dict[str, Any]:
    """What an orchestration on a host answers: its results, or why there are none, and the exit status."""
    good = isinstance(results, dict) and all(one.get("result") is not False for one in results.values())
    return {"data": {host: results}, "outputter": "highstate", "retcode": 0 if good else 1}


def taken_error(context: MutableMapping[str, Any], key: str, form: str = "{}") -> str:
    """The reason that a module has left for its states among what plugins share, which is then gone; else nothing."""
    error = context.pop(key, None)
    return form.format(error) if error else ""
