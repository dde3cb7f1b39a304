"""Templates that Mako templates name: files of the tree, by `salt://path`, by a path from its root, or by `./path`."""

from __future__ import annotations

import posixpath
from typing import Any

from mako.exceptions import TopLevelLookupException
from mako.lookup import TemplateCollection
from mako.template import Template

from saltern.plugin_api.jinja.loader import is_inside
from saltern.plugin_api.tree_text import TreeText


class TreeLookup(TemplateCollection):  # type: ignore[misc]
    """Looks in one environment; a template is compiled once for each rendering."""

    def __init__(self, texts: TreeText, saltenv: str) -> None:
        self._texts = texts
        self._saltenv = saltenv
        self._templates: dict[str, Template] = {}

    def adjust_uri(self, uri: str, relativeto: str) -> str:
        path = uri.removeprefix("salt://")
        if path.startswith(("./", "../")):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(relativeto), path))
        return path

    def get_template(self, uri: str, relativeto: str | None = None) -> Any:
        path = self.adjust_uri(uri, relativeto or "")
        if path not in self._templates:
            text = self._texts.read(self._saltenv, path) if is_inside(path) else None
            if text is None:
                raise TopLevelLookupException(f"there is no file {path} in the environment {self._saltenv}")
            self._templates[path] = self.template(text, path)
        return self._templates[path]

    def template(self, text: str, path: str) -> Any:
        """A template of a text that stands at `path`."""
        return Template(text, lookup=self, uri=path or "template", strict_undefined=True)  # noqa: S702 - no HTML for browsers
