"""A file tree in memory, and rendering over it with the shipped renderers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saltern.assembly.services import SERVICES
from saltern.files.backends.memory import MemoryTree
from saltern.files.serve import file_verbs
from saltern.plugin_api.files import TreeFiles
from saltern.plugin_api.types import Rendering
from saltern.plugins.index import PluginIndex
from saltern.plugins.scope import Scope
from saltern.plugins.search import SearchPath
from saltern.plugins.space import PluginSpace

GRAINS = {"id": "m1", "os": "Debian", "os_family": "Debian", "kernel": "Linux"}


class Site:
    """Files, and what a minion sees of them: `files` is text by path, in `base` or, as `dev:path`, in another one."""

    def __init__(
        self,
        files: Mapping[str, str] | None = None,
        *,
        opts: Mapping[str, Any] | None = None,
        pillar: Mapping[str, Any] | None = None,
    ) -> None:
        envs: dict[str, dict[str, bytes]] = {"base": {}}
        for name, text in (files or {}).items():
            saltenv, _, path = name.rpartition(":")
            envs.setdefault(saltenv or "base", {})[path] = text.encode()
        verbs = file_verbs(MemoryTree(envs))
        settings = {"id": "m1", "renderer": "jinja|yaml", "cachedir": "/var/cache/saltern", **(opts or {})}
        scope = Scope(
            settings,
            grains=GRAINS,
            pillar=pillar or {},
            services=SERVICES,
            files=TreeFiles(lambda verb, args: verbs[verb](args)),
        )
        self.space = PluginSpace(PluginIndex(SearchPath.of_opts(settings), ""), scope)

    @property
    def rendering(self) -> Rendering:
        service: Rendering = self.space.service("__rendering__")
        return service

    def __enter__(self) -> Site:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.space.close()
