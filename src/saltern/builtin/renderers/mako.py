"""Mako templates."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from saltern.errors import RenderError
from saltern.plugin_api import FileClient, Functions, Grains, Opts, Pillar
from saltern.plugin_api.rendered import SourceText, text_of

__opts__: Opts
__salt__: Functions
__grains__: Grains
__pillar__: Pillar
__file_client__: FileClient | None


def __virtual__() -> bool | tuple[bool, str]:
    return find_spec("mako") is not None or (False, "The Python library Mako is not there: install saltern[mako].")


def render(data: Any, saltenv: str = "base", sls: str | None = "", argline: str = "", **kws: Any) -> SourceText:
    """The output of a Mako template. `<%include>`, `<%inherit>` and `<%namespace>` take files of the tree."""
    from mako.exceptions import MakoException, RichTraceback

    from saltern.plugin_api.mako.lookup import TreeLookup
    from saltern.plugin_api.template_variables import variables_of
    from saltern.plugin_api.tree_text import TreeText

    file, path = getattr(data, "file", ""), getattr(data, "path", "")
    names = {"salt": __salt__, "grains": __grains__, "opts": __opts__, "pillar": __pillar__}
    variables = variables_of(names, saltenv, sls, kws)
    source = text_of(data)
    try:
        text = TreeLookup(TreeText(__file_client__), saltenv).template(source, path).render(**variables)
    except Exception as error:  # whatever a template, or a function that it called, raised
        if isinstance(error, MakoException):
            told, line = str(error), getattr(error, "lineno", 0)
        else:
            told, line = f"{type(error).__name__}: {error}", 0
        line = line or _line_of_trace(RichTraceback(error, error.__traceback__), path) or _line_of_name(error, source)
        raise RenderError(told, line=line) from error
    return SourceText(text, file=f"{file} (rendered)" if file else "", path=path)


def _line_of_trace(traced: Any, path: str) -> int:
    """The line of this template that the error came through; 0 when none is known."""
    lines = [record[5] for record in traced.records if record[5] and record[4] == (path or "template")]
    return int(lines[-1]) if lines else 0


def _line_of_name(error: Exception, source: str) -> int:
    """The first line with a name that is not defined: Mako looks all names up before it begins."""
    import re

    name = re.match(r"'(\w+)' is not defined", str(error)) if isinstance(error, NameError) else None
    found = re.search(rf"\b{name[1]}\b", source) if name is not None else None
    return source.count("\n", 0, found.start()) + 1 if found is not None else 0
