"""Genshi templates: XML by default, or text."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from saltern.errors import RenderError
from saltern.plugin_api import Functions, Grains, Opts, Pillar
from saltern.plugin_api.rendered import SourceText, text_of

__opts__: Opts
__salt__: Functions
__grains__: Grains
__pillar__: Pillar


def __virtual__() -> bool | tuple[bool, str]:
    return find_spec("genshi") is not None or (
        False,
        "The Python library Genshi is not there: install saltern[genshi].",
    )


def render(
    data: Any, saltenv: str = "base", sls: str | None = "", argline: str = "", method: str = "xml", **kws: Any
) -> SourceText:
    """The output of a Genshi template.

    method
        `xml`, `xhtml` or `html` for markup, `text` (also `newtext`) or `oldtext` for templates of text.
    """
    from genshi.template import MarkupTemplate, NewTextTemplate, OldTextTemplate, TemplateError

    from saltern.plugin_api.template_variables import variables_of

    file, path = getattr(data, "file", ""), getattr(data, "path", "")
    method = argline.strip() or str((kws.get("context") or {}).get("method") or method)
    kinds = {"text": NewTextTemplate, "newtext": NewTextTemplate, "oldtext": OldTextTemplate}
    names = {"salt": __salt__, "grains": __grains__, "opts": __opts__, "pillar": __pillar__}
    try:
        template = kinds.get(method, MarkupTemplate)(text_of(data), filename=file or None)
        text = template.generate(**variables_of(names, saltenv, sls, kws)).render(_written_as(method))
    except TemplateError as error:
        raise RenderError(str(error), line=max(getattr(error, "lineno", 0) or 0, 0)) from error
    return SourceText(text, file=f"{file} (rendered)" if file else "", path=path)


def _written_as(method: str) -> str:
    return "text" if method.endswith("text") else method
