"""The tags that read data in templates: `load_*`, `import_*` and `profile`."""

from __future__ import annotations

import logging
import time
from typing import Any

from jinja2 import nodes
from jinja2.environment import TemplateModule
from jinja2.ext import Extension
from jinja2.parser import Parser

from saltern.plugin_api.jinja.reading import READERS, apart

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)
_NAMES = frozenset(f"{verb}_{kind}" for verb in ("load", "import") for kind in READERS) | {"profile"}


class SerializerTags(Extension):
    """`{% load_yaml as x %}…{% endload %}`, `{% import_yaml 'file' as x %}`, `{% profile as 'a name' %}…`."""

    tags = set(_NAMES)  # noqa: RUF012  (Jinja's own way of naming them)

    def parse(self, parser: Parser) -> nodes.Node | list[nodes.Node]:
        tag = parser.stream.current.value
        if tag == "profile":
            return self._parse_profile(parser)
        if tag.startswith("load_"):
            return self._parse_load(parser, tag.removeprefix("load_"))
        return self._parse_import(parser, tag.removeprefix("import_"))

    def _parse_profile(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        parser.stream.expect("name:as")
        label = parser.parse_expression()
        body = parser.parse_statements(("name:endprofile",), drop_needle=True)
        call = self.call_method("_profile", [label], lineno=line)
        return nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _parse_load(self, parser: Parser, kind: str) -> list[nodes.Node]:
        """The body's text goes into the target, and from there, read, back into it."""
        line = next(parser.stream).lineno
        parser.stream.expect("name:as")
        name = parser.parse_assign_target(name_only=True).name
        body = parser.parse_statements(("name:endload",), drop_needle=True)
        return [
            nodes.AssignBlock(nodes.Name(name, "store"), None, body).set_lineno(line),
            self._assign_read(kind, name, line),
        ]

    def _parse_import(self, parser: Parser, kind: str) -> list[nodes.Node]:
        first = parser.stream.current
        parser.stream.next_if(f"name:import_{kind}")
        module = nodes.Import()
        module.template = parser.parse_expression()
        parser.stream.expect("name:as")
        name = parser.parse_assign_target(name_only=True).name
        module.target = name
        parser.parse_import_context(module, True)
        return [module.set_lineno(first.lineno), self._assign_read(kind, name, first.lineno)]

    def _assign_read(self, kind: str, name: str, line: int) -> nodes.Node:
        read = self.call_method("_read", [nodes.Const(kind), nodes.Name(name, "load")], lineno=line)
        return nodes.Assign(nodes.Name(name, "store"), read).set_lineno(line)

    def _read(self, kind: str, value: Any) -> Any:
        file = value.__name__ if isinstance(value, TemplateModule) else ""
        return apart(READERS[kind](value, file or ""))

    def _profile(self, label: Any, caller: Callable[[], str]) -> str:
        started = time.perf_counter()
        try:
            return caller()
        finally:
            log.debug("%s took %.3f ms", label, (time.perf_counter() - started) * 1000)
