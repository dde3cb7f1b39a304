"""States that only pretend: for trials, and for what has to be said or checked in the middle of others."""

from __future__ import annotations

import random

from saltern.plugin_api import Functions, Opts, Pillar, SaltInvocationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts
__salt__: Functions
__pillar__: Pillar
__low__: dict[str, Any]

_PRETENDED = {"testing": {"old": "Unchanged", "new": "Something pretended to change"}}


def nop(name: str, **kwargs: Any) -> dict[str, Any]:
    """Succeed without changes."""
    return succeed_without_changes(name)


def succeed_without_changes(name: str, **kwargs: Any) -> dict[str, Any]:
    """Succeed without changes; `comment` is what the result says."""
    return _result(name, {}, True, kwargs.get("comment", "Success!"))


def succeed_with_changes(name: str, **kwargs: Any) -> dict[str, Any]:
    """Succeed with changes; `comment` is what the result says."""
    if __opts__["test"]:
        return _result(name, _PRETENDED, None, "If we weren't testing, this would be successful with changes")
    return _result(name, _PRETENDED, True, kwargs.get("comment", "Success!"))


def fail_without_changes(name: str, **kwargs: Any) -> dict[str, Any]:
    """Fail without changes; `comment` is what the result says."""
    if __opts__["test"]:
        return _result(name, {}, False, "If we weren't testing, this would be a failure!")
    return _result(name, {}, False, kwargs.get("comment", "Failure!"))


def fail_with_changes(name: str, **kwargs: Any) -> dict[str, Any]:
    """Fail with changes; `comment` is what the result says."""
    if __opts__["test"]:
        return _result(name, _PRETENDED, None, "If we weren't testing, this would be failed with changes")
    return _result(name, _PRETENDED, False, kwargs.get("comment", "Failure!"))


def configurable_test_state(
    name: str,
    changes: Any = True,
    result: Any = True,
    comment: str = "",
    warnings: Any = None,
    allow_test_mode_failure: bool = False,
) -> dict[str, Any]:
    """Give the result that is asked for; `changes` and `result` may be True, False or `Random`."""
    made = _PRETENDED if _choice(changes, "changes") else {}
    outcome = _choice(result, "result")
    given = _result(name, made, outcome, comment)
    if warnings is not None:
        given["warnings"] = warnings if isinstance(warnings, list) else str(warnings).splitlines()
    if __opts__["test"]:
        given["comment"] = comment or "This is a test"
        if outcome or not allow_test_mode_failure:
            given["result"] = None if made else True
    return given


def show_notification(name: str, text: str | None = None, **kwargs: Any) -> dict[str, Any]:
    """Say something in the results."""
    if not text:
        raise SaltInvocationError("Missing required argument text.")
    return _result(name, {}, True, text)


def mod_watch(name: str, sfun: str | None = None, **kwargs: Any) -> dict[str, Any]:
    """What is done when something that is watched has changed: say what it was."""
    watched = (kwargs.get("__reqs__") or {}).get("watch", ())
    changed = [f"{module}: {one}" for item in watched for module, one in item.items()]
    return _result(name, {"Requisites with changes": changed}, True, "Watch statement fired.")


def check_pillar(
    name: str,
    present: Any = None,
    boolean: Any = None,
    integer: Any = None,
    string: Any = None,
    listing: Any = None,
    dictionary: Any = None,
    verbose: bool = False,
    **kwargs: Any,
) -> dict[str, Any]:
    """Fail unless keys are in the pillar and have values of the right kind; each option names one key or several."""
    kinds = (
        (boolean, bool), (integer, int), (string, str), (listing, list), (dictionary, dict),
    )  # fmt: skip
    problems = [f'Pillar key "{key}" is missing.' for key in _keys(present) if _at(key) is None]
    for keys, kind in kinds:
        problems += [text for key in _keys(keys) if (text := _wrong(key, kind, verbose=verbose))]
    return _result(name, {}, not problems, "".join(f"{problem}\n" for problem in problems))


def _keys(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def _at(key: str) -> Any:
    return __salt__["pillar.get"](key, None)


def _wrong(key: str, kind: type, *, verbose: bool) -> str:
    value = _at(key)
    if value is None:
        return f'Pillar key "{key}" is missing.'
    fits = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
    if fits:
        return ""
    shown = f" (value: {value!r})" if verbose else ""
    return f'Pillar key "{key}" is not {kind}{shown}.'


def _choice(value: Any, what: str) -> Any:
    if value == "Random":
        return random.choice([True, False])
    if value in (True, False):
        return value
    raise SaltInvocationError(
        f"You have specified the state option '{what}' with invalid arguments. It must be either True,"
        " False, or 'Random'"
    )


def _result(name: str, changes: Any, result: Any, comment: str) -> dict[str, Any]:
    return {"name": name, "changes": changes, "result": result, "comment": comment}
