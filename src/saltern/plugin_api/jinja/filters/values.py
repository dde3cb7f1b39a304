"""Any value: what kind it is, what it says about truth, its methods."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from jinja2 import Environment, pass_context, pass_environment
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

from saltern.plugin_api.jinja.strictness import needs_value


def to_bool(value: Any) -> bool:
    """True for yes, true and 1 in any case, numbers above zero, and lists and dictionaries with something in them."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value.lower() in ("yes", "true", "1")
    if isinstance(value, int):
        return value > 0
    return not isinstance(value, Hashable) and bool(value)


def exactly_n_true(values: Iterable[Any], amount: int = 1) -> bool:
    return sum(map(bool, values)) == amount


def is_hex(value: Any) -> bool:
    try:
        int(value, 16)
    except (TypeError, ValueError):
        return False
    return True


@needs_value
def is_iter(value: Any) -> bool:
    """Whether a value has items; a text has none."""
    return isinstance(value, Iterable) and not isinstance(value, str | bytes)


def sequence(value: Any) -> Any:
    """The value itself when it has items, else a list of it alone."""
    return value if isinstance(value, list | tuple | set | dict) else [value]


@pass_environment
def method_call(environment: Environment, value: Any, name: str, *args: Any, **kwargs: Any) -> Any:
    """What a method of the value gives; None when it has none of that name."""
    method = getattr(value, name, None)
    if method is None:
        return None
    if isinstance(environment, SandboxedEnvironment) and not environment.is_safe_attribute(value, name, method):
        raise SecurityError(f"access to attribute '{name}' of '{type(value).__name__}' object is unsafe.")
    return environment.call(_no_context, method, *args, **kwargs)  # type: ignore[attr-defined]


class _NoContext:
    """Calls a function as a template's context does."""

    @staticmethod
    def call(function: Any, *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)


_no_context = _NoContext()


@pass_context
def http_query(context: Context, url: str, method: str = "GET", **kwargs: Any) -> Any:
    """What a web server answers, as the function `http.query` gives it."""
    return context["salt"]["http.query"](url, method=method, **kwargs)


FILTERS = {
    "to_bool": to_bool,
    "exactly_n_true": exactly_n_true,
    "exactly_one_true": exactly_n_true,
    "is_hex": is_hex,
    "is_iter": is_iter,
    "is_list": lambda value: isinstance(value, list),
    "sequence": sequence,
    "skip": lambda value: "",  # noqa: ARG005  (what it is given is what it leaves out)
    "method_call": method_call,
    "http_query": http_query,
}
