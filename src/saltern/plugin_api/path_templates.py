"""Paths that are templates: `template=jinja` of functions that copy and pack files."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from saltern.plugin_api.types import Functions


def rendered(
    paths: Sequence[str],
    template: str | None,
    salt: Functions,
    saltenv: str = "base",
    variables: Mapping[str, Any] | None = None,
) -> list[str]:
    """The paths, each rendered by the renderer `template`; without one as they are."""
    if not template:
        return list(paths)
    given = {key: value for key, value in (variables or {}).items() if not key.startswith("__")}
    render = salt["slsutil.renderer"]
    return [
        str(render(string=path, default_renderer=template, saltenv=saltenv, **given)).rstrip("\n") for path in paths
    ]
