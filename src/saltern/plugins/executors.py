"""Executors: plugins that stand between a call and its function, such as one that waits first (behaviour LDR-10)."""

from __future__ import annotations

from saltern.plugin_api.errors import SaltInvocationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from saltern.plugins.space import PluginSpace

_DIRECT = "direct_call"


def names_of(space: PluginSpace, publication: Mapping[str, Any]) -> list[str]:
    """The executors of a call: the job's own, or the configured ones, or the direct one alone."""
    names = publication.get("module_executors") or space.scope.opts.get("module_executors") or [_DIRECT]
    return [names] if isinstance(names, str) else list(names)


def execute(
    space: PluginSpace,
    names: Sequence[str],
    publication: Mapping[str, Any],
    function: Callable[..., Any],
    args: Sequence[Any],
    kwargs: dict[str, Any],
) -> Any:
    """The answer of the first executor that has one; `direct_call` calls the function."""
    for name in names:
        if name == _DIRECT:
            return function(*args, **kwargs)
        run = space.table("executors").get(f"{name}.execute")
        if run is None:
            raise SaltInvocationError(f"Executor '{name}' is not available")
        answer = run(space.scope.opts, dict(publication), function, list(args), kwargs)
        if answer is not None:
            return answer
    return None
