"""What a template knows beside its own variables, whatever language it is written in (behaviour RND-05)."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api.jinja.variables import placed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_OF_RENDERING = ("renderers", "tmplpath", "context")
"""Arguments of renderers that are no variables of templates."""


def variables_of(
    injected: Mapping[str, Any], saltenv: str, sls: str | None, given: Mapping[str, Any]
) -> dict[str, Any]:
    """The variables of one rendering: what is `injected` (`salt`, ...), what it was `given`, and its place."""
    more = {name: value for name, value in given.items() if name not in _OF_RENDERING}
    variables = {**injected, "saltenv": saltenv, **more, **(given.get("context") or {})}
    return placed(variables, sls, str(given.get("tmplpath") or ""))
