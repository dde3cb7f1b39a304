"""Runs a function of a space as a job's call: its value, its retcode, and its faults as a return (JOB-12 to JOB-15)."""

from __future__ import annotations

from types import GeneratorType

from saltern.plugins import executors
from saltern.plugins.faults import Fault, fault_of
from saltern.plugins.signature import takes_any_keyword, unknown_keywords
from saltern.plugins.table import FunctionMissingError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from saltern.plugins.space import PluginSpace

_PUBLIC = ("fun", "jid", "pid", "arg", "tgt", "tgt_type", "ret", "user", "schedule", "metadata")


class Invocation:
    """How a call ended. `retcode` and `success` are dictionaries or lists for a compound call, as `value` is.

    `out` is the outputter that the function declares, empty when it declares none. `faults` says what went wrong: one
    for a single call that failed, one for each failed function of a compound call.
    """

    __slots__ = ("faults", "out", "retcode", "success", "value")

    def __init__(self, value: Any, retcode: Any, success: Any, out: str = "", faults: Sequence[Fault] = ()) -> None:
        self.value = value
        self.retcode = retcode
        self.success = success
        self.out = out
        self.faults = tuple(faults)


def invoke(
    space: PluginSpace,
    fun: str,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    *,
    publication: Mapping[str, Any] | None = None,
    on_item: Callable[[Any], None] | None = None,
) -> Invocation:
    """Call one execution function; whatever it raises becomes an `Invocation` that says so.

    A dictionary among `args` that is flagged `__kwarg__` holds keyword arguments. `publication` is the job as it was
    published: a function with `**kwargs` is given its public fields as `__pub_<field>`. When the function is a
    generator, `on_item` is told each item as it comes, and the value is the items merged.
    """
    job = publication or {}
    space.scope.context.pop("retcode", None)
    try:
        function = space.table("modules")[fun]
    except FunctionMissingError as missing:
        return _unavailable(space, fun, missing)
    try:
        given, keywords = _arguments(function, args, kwargs or {}, job)
        value = executors.execute(space, executors.names_of(space, job), job, function, given, keywords)
        if isinstance(value, GeneratorType):
            value = _merged(value, on_item)
    except (Exception, SystemExit) as error:  # a plugin's fault is its own: boundary of the call
        fault = fault_of(fun, error, function.__doc__)
        return Invocation(fault.as_return(), 1, False, "nested", (fault,))
    retcode = _retcode(space.scope.context.get("retcode", 0), value)
    return Invocation(value, retcode, retcode == 0, space.table("modules").outputter(fun))


def invoke_compound(
    space: PluginSpace,
    funs: Sequence[str],
    args: Sequence[Sequence[Any]],
    *,
    ordered: bool = False,
    publication: Mapping[str, Any] | None = None,
    on_item: Callable[[Any], None] | None = None,
) -> Invocation:
    """Call several functions in turn, each with its list of arguments; a list that is missing is empty.

    Value, retcode and success are keyed by function, of a function that is called twice the last; with `ordered`
    (`multifunc_ordered: True`) they are lists in the order of the calls.
    """
    done = [
        invoke(space, fun, args[place] if place < len(args) else (), publication=publication, on_item=on_item)
        for place, fun in enumerate(funs)
    ]
    faults = [fault for one in done for fault in one.faults]
    columns = ([one.value for one in done], [one.retcode for one in done], [one.success for one in done])
    if not ordered:
        value, retcode, success = (dict(zip(funs, column, strict=True)) for column in columns)
        return Invocation(value, retcode, success, faults=faults)
    return Invocation(*columns, faults=faults)


def _unavailable(space: PluginSpace, fun: str, missing: FunctionMissingError) -> Invocation:
    """A function that does not exist: the reason, and the docstrings of those whose names begin like it."""
    fault = Fault("unavailable", fun, missing.reason)
    alike = {
        key: function.__doc__
        for key, function in space.table("modules").functions_of(fun.partition(".")[0]).items()
        if key.startswith(fun)
    }
    value = {**alike, fun: fault.as_return()} if alike else fault.as_return()
    return Invocation(value, 1, False, "nested", (fault,))


def _arguments(
    function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], job: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Positional and keyword arguments of a call; `SaltInvocationError` for keywords that the function cannot take."""
    positional = [one for one in args if not _holds_keywords(one)]
    keywords = {key: value for one in args if _holds_keywords(one) for key, value in one.items() if key != "__kwarg__"}
    keywords.update(kwargs)
    if takes_any_keyword(function):
        keywords.update({f"__pub_{field}": job[field] for field in _PUBLIC if field in job})
        return positional, keywords
    unknown = unknown_keywords(function, keywords)
    if unknown:
        from saltern.plugin_api.errors import SaltInvocationError

        pairs = ", ".join(f"{key}={keywords[key]}" for key in unknown)
        raise SaltInvocationError(f"The following keyword arguments are not valid: {pairs}")
    return positional, keywords


def _holds_keywords(argument: Any) -> bool:
    return isinstance(argument, dict) and argument.get("__kwarg__") is True


def _merged(items: GeneratorType[Any, Any, Any], on_item: Callable[[Any], None] | None) -> Any:
    """Dictionaries merged into one, anything else as a list; no items at all are an empty dictionary."""
    collected = []
    for item in items:
        if on_item is not None:
            on_item(item)
        collected.append(item)
    if not all(isinstance(item, dict) for item in collected):
        return collected
    merged: dict[Any, Any] = {}
    for item in collected:
        merged.update(item)
    return merged


def _retcode(said: Any, value: Any) -> int:
    """What the function said if it is not 0; else 1 for a dictionary whose `result` or `success` is falsy."""
    if said:
        return said if isinstance(said, int) else 1
    return 0 if not isinstance(value, dict) or (value.get("result", True) and value.get("success", True)) else 1
