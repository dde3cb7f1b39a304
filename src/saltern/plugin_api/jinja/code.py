"""Compiling templates: once for each text in a process, with the line of every piece of output."""

from __future__ import annotations

from types import CodeType
from typing import Any

from jinja2 import Environment, Template, nodes
from jinja2.compiler import CodeGenerator, Frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import MutableMapping

_MOST = 2000
_codes: dict[tuple[Any, ...], CodeType] = {}
"""Byte code by the environment's options, the template's name and its text."""


def template_from(
    environment: Environment, source: str, name: str, variables: MutableMapping[str, Any] | None = None
) -> Template:
    """A template of a text that is known by `name`."""
    key = (getattr(environment, "options_key", ()), name, source)
    code = _codes.get(key)
    if code is None:
        code = environment.compile(source, name, name)
        if len(_codes) >= _MOST:
            _codes.clear()
        _codes[key] = code
    return environment.template_class.from_code(environment, code, environment.make_globals(variables))


class _Text(str):
    """A constant piece of output that knows its line."""

    __slots__ = ("line",)
    line: int


class LineCodeGenerator(CodeGenerator):
    """Notes the line of literal text too, where Jinja notes only that of expressions and statements."""

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: Any) -> str:
        text = _Text(super()._output_child_to_const(node, frame, finalize))
        text.line = node.lineno
        return text

    def _output_const_repr(self, group: Any) -> str:
        pieces = list(group)
        line = next((piece.line for piece in pieces if isinstance(piece, _Text)), None)
        if line is not None:
            # Flushed by the generator with the next line of code that it writes, which is that of this text.
            self._write_debug_info = line
            self._last_line = line
        return super()._output_const_repr([str(piece) for piece in pieces])
