"""Directories of plugins for tests, and spaces over them."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from saltern.plugins.index import PluginIndex
from saltern.plugins.scope import Scope
from saltern.plugins.search import SearchPath
from saltern.plugins.space import PluginSpace


class PluginTree:
    """A directory laid out as `extension_modules` is; `write("modules/web.py", source)` adds a plugin."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, source: str) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(source))
        return target

    def search(self, **options: Any) -> SearchPath:
        return SearchPath(**{"extension_modules": str(self.root), "installed": False, **options})

    def index(self, cache: str = "", **options: Any) -> PluginIndex:
        return PluginIndex(self.search(**options), cache)

    def space(self, opts: dict[str, Any] | None = None, **scope: Any) -> PluginSpace:
        return PluginSpace(self.index(), Scope({"id": "m1", **(opts or {})}, **scope))
