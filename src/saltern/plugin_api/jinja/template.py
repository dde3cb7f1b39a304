"""Rendering a text as a Jinja template."""

from __future__ import annotations

from types import GeneratorType
from typing import Any

from jinja2 import Template
from jinja2.runtime import Context

from saltern.plugin_api.jinja.code import template_from
from saltern.plugin_api.jinja.environment import SaltEnvironment, make_environment
from saltern.plugin_api.jinja.faults import fault_of
from saltern.plugin_api.jinja.loader import TreeLoader
from saltern.plugin_api.rendered import Origin, RenderedText
from saltern.plugin_api.tree_text import TreeText

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from saltern.plugin_api.types import FileClient, Opts


class JinjaRenderer:
    """Renders templates over a file tree; environments and the texts of the tree are kept from one to the next."""

    def __init__(self, opts: Opts, client: FileClient | None) -> None:
        self._opts = opts
        self._texts = TreeText(client)
        self._environments: dict[tuple[str, bool], SaltEnvironment] = {}

    def render(
        self,
        text: str,
        variables: Mapping[str, Any],
        *,
        saltenv: str = "base",
        path: str = "",
        file: str = "",
        sls: bool = False,
    ) -> RenderedText:
        """The output of a template; `RenderError` when it has none.

        `path` is where the template stands in the tree (empty: nowhere), from which `./` and `../` count; `file` what
        errors call it. `variables` are seen by the templates that this one imports or includes, too. `sls` chooses
        between the options for SLS files and those for other templates.
        """
        name = path or file or "<template>"

        def shown(template: str) -> str:
            return (file or name) if template == name else f"salt://{template}"

        def source_of(template: str) -> str | None:
            return text if template == name else self._texts.read(saltenv, template)

        environment = self._environment(saltenv, sls=sls).with_globals(variables)
        try:
            template = template_from(environment, text, name)
            pieces, origins = _run(template, template.new_context())
        except Exception as error:  # whatever the template, or a function that it called, raised
            raise fault_of(error, name, source_of, shown) from error
        if text.endswith("\n"):
            pieces.append("\n")
            origins.append(Origin(name, text.count("\n")))
        return RenderedText(pieces, origins, source_of, shown, file=file or name, path=path)

    def _environment(self, saltenv: str, *, sls: bool) -> SaltEnvironment:
        key = (saltenv, sls)
        found = self._environments.get(key)
        if found is None:
            loader = TreeLoader(self._texts, saltenv)
            found = self._environments[key] = make_environment(self._opts, loader, sls=sls)
        return found


def _run(template: Template, context: Context) -> tuple[list[str], list[Origin]]:
    """The pieces of a template's output and the lines of the template that made them."""
    pieces: list[str] = []
    lines: list[tuple[Any, int]] = []
    output: Any = template.root_render_func(context)
    for piece in output:
        pieces.append(piece)
        inner = output
        # A block of this template, or the template that it extends; what was rendered before is a plain list.
        while isinstance(inner.gi_yieldfrom, GeneratorType):
            inner = inner.gi_yieldfrom
        lines.append((inner.gi_frame.f_globals["__jinja_template__"], inner.gi_frame.f_lineno))
    return pieces, [Origin(made.name or "", made.get_corresponding_lineno(line)) for made, line in lines]
