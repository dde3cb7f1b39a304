"""Execution functions as states."""

from __future__ import annotations

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.errors import DeliberateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__opts__: Opts
__salt__: Functions

_OWN = ("args", "kwargs", "name", "returner", "func", "func_args", "fire_event", "onlyif", "unless")


def run(name: Any = None, **kwargs: Any) -> dict[str, Any]:
    """Run execution functions, each with a list of its arguments; or one named by `name` (Salt's old form).

    The values that they give are the changes. A function that gives False, a retcode that is not 0, or a result that
    says so, has failed.
    """
    calls = {key: value for key, value in kwargs.items() if "." in key}
    if calls or ("name" not in kwargs and not isinstance(name, str)):
        return _new(calls)
    return _old(name, kwargs)


def wait(name: Any = None, **kwargs: Any) -> dict[str, Any]:
    """Run execution functions only when something that is watched has changed."""
    return {"name": name, "changes": {}, "result": True, "comment": ""}


watch = wait


def mod_watch(name: Any = None, **kwargs: Any) -> dict[str, Any]:
    """What is done when something that is watched has changed: run the functions."""
    kwargs.pop("sfun", None)
    kwargs.pop("__reqs__", None)
    return run(name, **kwargs)


# --- several functions ----------------------------------------------------------------------------------------------


def _new(calls: Mapping[str, Any]) -> dict[str, Any]:
    names = list(calls)
    result: dict[str, Any] = {"name": names, "changes": {}, "comment": "", "result": None}
    if not names:
        return {**result, "result": False, "comment": "No function provided."}
    missing = [name for name in names if name not in __salt__]
    if missing:
        plural = "s" if len(missing) > 1 else ""
        return {**result, "result": False, "comment": f"Unavailable function{plural}: {', '.join(missing)}."}
    if __opts__["test"]:
        plural = "s" if len(names) > 1 else ""
        return {**result, "comment": f"Function{plural} {', '.join(names)} to be executed."}
    return _called(calls, result)


def _called(calls: Mapping[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    good, bad = [], []
    for name, words in calls.items():
        args, keywords, returner = _arguments(words)
        try:
            value = __salt__[name](*args, **keywords)
        except (DeliberateError, TypeError) as error:
            bad.append(f"'{name}' failed: {error}")
            continue
        if returner:
            __salt__["ret.get_fun"]
        if _is_good(value):
            good.append(f"{name}: {value if isinstance(value, str | int | float | bool) else 'Success'}")
            result["changes"][name] = value
        else:
            bad.append(f"'{name}': {value}")
    return {**result, "comment": ", ".join([*good, *bad]), "result": not bad}


def _arguments(words: Any) -> tuple[list[Any], dict[str, Any], Any]:
    """Positional arguments and keywords of a call: a list of values and one-key mappings."""
    args: list[Any] = []
    keywords: dict[str, Any] = {}
    for word in words if isinstance(words, list) else [] if words is None else [words]:
        if isinstance(word, dict):
            keywords.update(word)
        else:
            args.append(word)
    args = [*args, *_listed(keywords.pop("args", ()))]
    keywords.update(keywords.pop("kwargs", None) or {})
    if "text" in keywords and not args and len(keywords) == 1:
        return [keywords["text"]], {}, None
    return args, keywords, keywords.pop("returner", None)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _is_good(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, dict):
        inner = value.get("changes", value)
        verdict = inner.get("result", inner.get("retcode", True)) if isinstance(inner, dict) else True
        return (
            verdict == 0 and not isinstance(verdict, bool)
            if isinstance(verdict, int) and not isinstance(verdict, bool)
            else bool(verdict)
        )
    return True


# --- one function named by `name` -----------------------------------------------------------------------------------


def _old(name: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {"name": name, "changes": {}, "comment": "", "result": None}
    if name not in __salt__:
        return {**result, "result": False, "comment": f"Module function {name} is not available"}
    if __opts__["test"]:
        return {**result, "comment": f"Module function {name} is set to execute"}
    given = {
        key.removeprefix("m_"): value for key, value in kwargs.items() if key not in _OWN and not key.startswith("__")
    }
    given.update(kwargs.get("kwargs") or {})
    try:
        value = __salt__[name](*_listed(kwargs.get("args") or []), **given)
    except Exception as error:
        return {**result, "result": False, "comment": f"Module function {name} threw an exception. Exception: {error}"}
    good = _is_good(value) if isinstance(value, dict) else value is not False
    return {
        **result, "changes": {"ret": value}, "result": good, "comment": f"Module function {name} executed",
    }  # fmt: skip
