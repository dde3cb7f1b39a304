"""docs/reference/functions.md, from the docstrings of the shipped modules and runners."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from pages.source import PACKAGE, parsed

KINDS = (
    ("modules", "Execution modules", "Functions that run on minions: `saltern run TARGET module.function`."),
    ("runners", "Runners", "Functions that run on the master: `saltern runner module.function`."),
    ("wheel", "Wheels", "Functions that manage the master: `saltern wheel module.function`."),
)


def page() -> str:
    parts = ["# Functions\n"]
    for folder, title, sentence in KINDS:
        paths = sorted((PACKAGE / "builtin" / folder).glob("*.py"))
        sections = [_section(path) for path in paths if not path.name.startswith("_")]
        parts += [f"## {title}\n\n{sentence}\n", *filter(None, sections)] if any(sections) else []
    return "\n".join(parts)


def names() -> list[str]:
    """All shipped functions as they are called, `test.ping`."""
    paths = [path for folder, _, _ in KINDS for path in (PACKAGE / "builtin" / folder).glob("[!_]*.py")]
    return [
        f"{_module_name(path, tree)}.{name}"
        for path in paths
        for tree in [parsed(path)]
        for public, node in _public(tree)
        for name in (public, *_other_names(tree, node))
    ]


def _section(path: Path) -> str:
    tree = parsed(path)
    module = _module_name(path, tree)
    entries = [_entry(module, name, node, _other_names(tree, node)) for name, node in _public(tree)]
    if not entries:
        return ""
    return "\n".join([f"### {module}\n", ast.get_docstring(tree) or "", "", *entries])


def _entry(module: str, name: str, node: ast.FunctionDef, others: list[str]) -> str:
    doc = (ast.get_docstring(node) or "").split("\n\n")[0]
    also = f"  \n  Also {', '.join(f'`{module}.{other}`' for other in others)}." if others else ""
    return f"- `{module}.{name}({_arguments(node.args)})`  \n  {' '.join(doc.split())}{also}\n"


def _arguments(arguments: ast.arguments) -> str:
    """The arguments without their types."""
    for one in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        one.annotation = None
    for rest in (arguments.vararg, arguments.kwarg):
        if rest is not None:
            rest.annotation = None
    return ast.unparse(arguments)


def _public(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The functions that the loader would publish, by their public names (behaviour LDR-04)."""
    aliases = _constant(tree, "__func_alias__") or {}
    only = _constant(tree, "__load__")
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and (not only or node.name in only):
            yield aliases.get(node.name, node.name), node


def _other_names(tree: ast.Module, function: ast.FunctionDef) -> list[str]:
    """The names that a module gives to one of its functions besides."""
    return [
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id == function.name
        for target in node.targets
        if isinstance(target, ast.Name) and not target.id.startswith("_")
    ]


def _module_name(path: Path, tree: ast.Module) -> str:
    return str(_constant(tree, "__virtualname__") or path.stem)


def _constant(tree: ast.Module, name: str) -> object | None:
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        if value is not None and any(isinstance(one, ast.Name) and one.id == name for one in targets):
            return ast.literal_eval(value)
    return None
