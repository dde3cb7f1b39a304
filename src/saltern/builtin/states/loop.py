"""States that wait until a function gives what is expected."""

from __future__ import annotations

import operator
import time
from typing import Any

from saltern.plugin_api import Functions, Opts

__opts__: Opts
__salt__: Functions


def until(
    name: str,
    m_args: list[Any] | None = None,
    m_kwargs: dict[str, Any] | None = None,
    condition: str | None = None,
    period: float = 1,
    timeout: float = 60,
) -> dict[str, Any]:
    """Call the execution function `name` every `period` seconds until `condition` holds, or `timeout` seconds are over.

    The condition is an expression of Python in which `m_ret` is what the function gave.
    """
    if name not in __salt__:
        return _result(name, False, f"Cannot find module {name}")
    if condition is None:
        return _result(name, False, "An exit condition must be specified")
    try:
        expression = compile(condition, "condition", "eval")
    except SyntaxError as error:
        return _result(name, False, f"The condition {condition} cannot be read: {error}")
    if __opts__["test"]:
        return _result(name, None, f"The execution module {name} will be run")

    def met() -> bool:
        # The condition comes from the same SLS file as the call itself.
        return bool(eval(expression, {"m_ret": __salt__[name](*(m_args or ()), **(m_kwargs or {}))}))

    try:
        if _tried(met, float(timeout), float(period))[0]:
            return _result(name, True, f"Condition {condition} was met")
    except Exception as error:  # what the function or the condition raises is its own
        return _result(
            name, False, f"Exception while waiting for condition {condition}: {type(error).__name__}: {error}"
        )
    return _result(name, False, f"Timed out while waiting for condition {condition}")


def until_no_eval(
    name: str,
    expected: Any,
    compare_operator: str = "eq",
    timeout: float = 60,
    period: float = 1,
    init_wait: float = 0,
    args: list[Any] | None = None,
    kwargs: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Call the execution function `name` every `period` seconds until it gives what is `expected`.

    `compare_operator` is a function of Python's module `operator`, or an execution function, that is given the result
    and what is expected. `init_wait` is how many seconds pass before the first call.
    """
    if name not in __salt__:
        return _result(name, False, f'Module.function "{name}" is unavailable.')
    compare = getattr(operator, compare_operator, None) or __salt__.get(compare_operator)
    if not callable(compare):
        return _result(name, False, f'Invalid operator "{compare_operator}" supplied.')
    if __opts__["test"]:
        return _result(name, None, f'Would have waited for "{name}" to produce "{expected}".')
    if init_wait:
        time.sleep(float(init_wait))

    def met() -> bool:
        return bool(compare(__salt__[name](*(args or ()), **(kwargs or {})), expected))

    try:
        good, attempts = _tried(met, float(timeout), float(period))
    except Exception as error:  # what the function raises is its own
        said = f"Exception occurred while calling {name}: {type(error).__name__}: {error}"
        return _result(name, False, said)
    if good:
        return _result(name, True, f"Call provided the expected results in {attempts} attempts")
    return _result(name, False, f"Call did not produce the expected result after {attempts} attempts")


def _tried(met: Any, timeout: float, period: float) -> tuple[bool, int]:
    """Whether it was met in time, and how often that was looked at."""
    ends = time.monotonic() + timeout
    attempts = 0
    while True:
        attempts += 1
        if met():
            return True, attempts
        if time.monotonic() + period >= ends:
            return False, attempts
        time.sleep(period)


def _result(name: str, result: bool | None, comment: str) -> dict[str, Any]:
    return {"name": name, "changes": {}, "result": result, "comment": comment}
