"""Cheetah templates."""

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
    return find_spec("Cheetah") is not None or (False, "The Python library CT3 is not there: install saltern[cheetah].")


def render(data: Any, saltenv: str = "base", sls: str | None = "", argline: str = "", **kws: Any) -> SourceText:
    """The output of a Cheetah template."""
    import warnings

    from saltern.plugin_api.template_variables import variables_of

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's own code
        from Cheetah.Parser import ParseError
        from Cheetah.Template import Template

        file, path = getattr(data, "file", ""), getattr(data, "path", "")
        names = {"salt": __salt__, "grains": __grains__, "opts": __opts__, "pillar": __pillar__}
        variables = variables_of(names, saltenv, sls, kws)
        try:
            text = str(Template(text_of(data), searchList=[variables]))
        except ParseError as error:
            raise RenderError(str(error), line=getattr(error, "lineno", 0) or 0) from error
    return SourceText(text, file=f"{file} (rendered)" if file else "", path=path)
