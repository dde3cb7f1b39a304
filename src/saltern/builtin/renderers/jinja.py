"""Jinja templates."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Context, FileClient, Functions, Grains, Opts, Pillar
from saltern.plugin_api.jinja.template import JinjaRenderer
from saltern.plugin_api.jinja.variables import placed
from saltern.plugin_api.rendered import RenderedText, text_of

__opts__: Opts
__salt__: Functions
__grains__: Grains
__pillar__: Pillar
__context__: Context
__file_client__: FileClient | None
__proxy__: Any

_renderers: list[JinjaRenderer] = []


def render(
    data: Any,
    saltenv: str = "base",
    sls: str | None = "",
    argline: str = "",
    context: dict[str, Any] | None = None,
    tmplpath: str = "",
    **kws: Any,
) -> RenderedText:
    """The output of a Jinja template; `-s` in the first line of the file asks for nothing and is taken."""
    if argline.strip() not in ("", "-s"):
        raise ValueError(f"the jinja renderer takes no arguments, and was given {argline!r}")
    variables = {
        "salt": __salt__, "grains": __grains__, "opts": __opts__, "pillar": __pillar__, "saltenv": saltenv,
        "proxy": __proxy__, **kws, **(context or {}),
    }  # fmt: skip
    variables = placed(variables, sls, tmplpath)
    path, file = getattr(data, "path", ""), getattr(data, "file", "") or tmplpath
    return _renderer().render(text_of(data), variables, saltenv=saltenv, path=path, file=file, sls=True)


def _renderer() -> JinjaRenderer:
    """One for each plugin space, which this module belongs to."""
    if not _renderers:
        _renderers.append(JinjaRenderer(__opts__, __file_client__))
    return _renderers[0]
