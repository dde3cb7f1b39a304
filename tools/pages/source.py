"""Reads Python files for the reference without importing them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import msgspec

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "saltern"


class Field(msgspec.Struct, frozen=True):
    name: str
    type: str
    default: str
    doc: str


class Record(msgspec.Struct, frozen=True):
    """A class with annotated fields; `tag` is the keyword of that name."""

    name: str
    doc: str
    tag: str
    fields: list[Field]


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def records(path: Path) -> list[Record]:
    """The classes of a file that have a `tag`, in their order."""
    classes = [node for node in parsed(path).body if isinstance(node, ast.ClassDef)]
    found = [_record(node) for node in classes]
    return [record for record in found if record.tag]


def _record(node: ast.ClassDef) -> Record:
    tag = next((ast.unparse(word.value) for word in node.keywords if word.arg == "tag"), "")
    return Record(node.name, one_line(ast.get_docstring(node) or ""), tag.strip("'"), list(_fields(node)))


def _fields(node: ast.ClassDef) -> Iterator[Field]:
    following = [*node.body[1:], None]
    for statement, after in zip(node.body, following, strict=True):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            default = ast.unparse(statement.value) if statement.value else ""
            yield Field(statement.target.id, ast.unparse(statement.annotation), default, text_of(after))


def text_of(node: ast.stmt | None) -> str:
    """The string that stands alone after a field or a constant and describes it."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return one_line(node.value.value)
    return ""


def one_line(text: str) -> str:
    return " ".join(text.split())


def cell(text: str) -> str:
    """A text as the cell of a Markdown table."""
    return one_line(text).replace("|", "\\|")


def code(text: str) -> str:
    return f"`{cell(text)}`" if text else ""
