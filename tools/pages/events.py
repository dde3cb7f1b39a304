"""docs/reference/events.md, from the tags of the event log."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from pages.source import PACKAGE, cell, code, one_line, parsed, text_of

_TAGS = PACKAGE / "events" / "tags.py"
_INTRODUCTION = """
# Events

An event is a tag and data. `saltern events tail` shows them as they come; the master keeps them for
`event_keep_seconds`. Events of a minion's own making (`event.send`) carry the tag that the minion chose.

| tag | when, and with what data |
|---|---|
"""


def page() -> str:
    return _INTRODUCTION.lstrip() + "\n".join(f"| {code(tag)} | {cell(text)} |" for tag, text in tags()) + "\n"


def absent() -> list[str]:
    """The module of tags, where it is not there."""
    return [] if _TAGS.exists() else ["saltern.events.tags"]


def tags() -> Iterator[tuple[str, str]]:
    """The tags of `events/tags.py`: constants with the string after them, functions with their docstrings."""
    body = [] if absent() else parsed(_TAGS).body
    following = [*body[1:], None]
    for node, after in zip(body, following, strict=False):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value.value, text_of(after)
        elif isinstance(node, ast.FunctionDef) and (shape := _shape(node)):
            yield shape, one_line(ast.get_docstring(node) or "")


def _shape(node: ast.FunctionDef) -> str:
    """The tag that a function returns, its arguments in angle brackets."""
    for statement in node.body:
        if isinstance(statement, ast.Return) and isinstance(statement.value, ast.JoinedStr):
            return "".join(_part(value) for value in statement.value.values)
    return ""


def _part(value: ast.expr) -> str:
    if isinstance(value, ast.FormattedValue):
        return f"<{ast.unparse(value.value)}>"
    return str(value.value) if isinstance(value, ast.Constant) else ""
