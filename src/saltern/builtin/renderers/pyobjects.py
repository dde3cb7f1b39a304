"""Python files that write states as objects: `Pkg.installed("nginx")`, requisites by `with`, `Map` for choices."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import FileClient, Functions, Grains, Opts, Pillar
from saltern.plugin_api.rendered import text_of
from saltern.plugin_api.types import PluginTable

__opts__: Opts
__salt__: Functions
__grains__: Grains
__pillar__: Pillar
__states__: PluginTable
__file_client__: FileClient | None


def render(data: Any, saltenv: str = "base", sls: str = "", argline: str = "", **kws: Any) -> dict[str, Any]:
    """The states that a file writes.

    It sees a name for each kind of state (`Pkg`, `SshAuth`, ...), `include`, `extend`, `Map`, the functions `pillar`,
    `grains`, `mine` and `config`, `salt`, and the injected `__salt__`, `__grains__`, `__pillar__`, `__opts__`,
    `__sls__`; and it can import names from files of the tree: `from salt://lib.sls import ports`.
    """
    from saltern.plugin_api.pyobjects.files import ObjectFiles
    from saltern.plugin_api.tree_text import TreeText

    texts = TreeText(__file_client__)
    files = ObjectFiles(__states__, _names(sls), lambda url: texts.read(saltenv, url.removeprefix("salt://")))
    return files.run(text_of(data), getattr(data, "file", "") or "<pyobjects>")


def _names(sls: str) -> dict[str, Any]:
    from saltern.plugin_api.pyobjects.maps import map_class

    salt = __salt__
    return {
        "salt": salt,
        "pillar": salt["pillar.get"],
        "grains": salt["grains.get"],
        "config": salt["config.get"],
        "mine": lambda *args, **kwargs: salt["mine.get"](*args, **kwargs),
        "Map": map_class(salt["grains.get"], salt["pillar.get"]),
        "__salt__": salt,
        "__grains__": __grains__,
        "__pillar__": __pillar__,
        "__opts__": __opts__,
        "__sls__": sls,
    }
