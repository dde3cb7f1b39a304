"""Templates that other templates name: files of the tree, by a path from its root or from the naming template."""

from __future__ import annotations

import posixpath
from typing import Any

from jinja2 import BaseLoader, Environment, Template
from jinja2.exceptions import TemplateNotFound

from saltern.plugin_api.file_cache import TreePath, tree_path
from saltern.plugin_api.jinja.code import template_from
from saltern.plugin_api.tree_text import TreeText

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import MutableMapping


class TreeLoader(BaseLoader):
    """Loads from one environment of the file tree."""

    def __init__(self, texts: TreeText, saltenv: str) -> None:
        self._texts = texts
        self._saltenv = saltenv

    def load(self, environment: Environment, name: str, globals: MutableMapping[str, Any] | None = None) -> Template:  # noqa: A002
        path, saltenv = split_address(name, self._saltenv)
        source = self._texts.read(saltenv, path) if is_inside(path) else None
        if source is None:
            raise TemplateNotFound(name)
        return template_from(environment, source, path, {**(globals or {}), **place_variables(path)})

    def list_templates(self) -> list[str]:
        return []


def split_address(name: str, saltenv: str) -> TreePath:
    """The file that `path`, `salt://path` or `salt://path?saltenv=name` means."""
    return tree_path(name, saltenv) if name.startswith("salt://") else TreePath(name, saltenv)


def is_inside(path: str) -> bool:
    return not path.startswith("/") and ".." not in path.split("/")


def resolve(template: str, parent: str) -> str:
    """The path that a template means which begins with `./` or `../`, named in the template `parent`."""
    if not template.startswith(("./", "../")):
        return template
    return posixpath.normpath(posixpath.join(posixpath.dirname(parent), template))


def place_variables(path: str) -> dict[str, str]:
    """The variables by which a template knows where it is."""
    directory = posixpath.dirname(path)
    return {"tplfile": path, "tpldir": directory or ".", "tpldot": directory.replace("/", ".")}
