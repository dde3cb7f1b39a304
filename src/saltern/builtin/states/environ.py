"""Environment variables of the minion's job as states."""

from __future__ import annotations

from saltern.plugin_api import Functions, Opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts
__salt__: Functions


def setenv(
    name: str,
    value: Any,
    false_unsets: bool = False,
    clear_all: bool = False,
    update_minion: bool = False,
    permanent: Any = False,
) -> dict[str, Any]:
    """Set one variable to a text, or several to the values of a mapping; None unsets, with `false_unsets` False too.

    `clear_all` unsets all others. What is set counts for the states that follow in this run.
    """
    import os

    if not isinstance(value, dict | str) and value is not False and value is not None:
        return _result(name, {}, False, "Environ value must be string, dict or False")
    wanted = dict(value) if isinstance(value, dict) else {name: value}
    if any(not isinstance(one, str) and one is not False and one is not None for one in wanted.values()):
        return _result(name, wanted, False, "Failed to set environ variables")
    before = dict(os.environ)
    changes: dict[str, Any] = {}
    for key, one in wanted.items():
        unset = one is None or (one is False and false_unsets)
        if unset and key in before:
            changes[key] = None
        elif not unset and before.get(key, "") != (one or ""):
            changes[key] = one or ""
    if clear_all:
        changes.update({key: None for key in before if key not in wanted})
    if not changes:
        verb = "are" if __opts__["test"] else "were"
        return _result(name, {}, True, f"Environ values {verb} already set with the correct values")
    if __opts__["test"]:
        return _result(name, changes, None, "Environ values will be changed")
    for key, one in changes.items():
        if one is None:
            os.environ.pop(key, None)
        else:
            os.environ[key] = one
    return _result(name, changes, True, "Environ values were set")


def _result(name: str, changes: dict[str, Any], result: bool | None, comment: str) -> dict[str, Any]:
    return {"name": name, "changes": changes, "result": result, "comment": comment}
