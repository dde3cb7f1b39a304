"""Where the plugins of a kind are looked for, in the order in which they win (behaviour LDR-02)."""

# ruff: noqa: PTH100, PTH118, PTH120  (pathlib costs several ms to import)

from __future__ import annotations

import os.path

from saltern.plugins.entry_points import loader_directories

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from saltern.plugins.kinds import PluginKind

BUILTIN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "builtin")
"""The directory of the shipped plugins."""

_UTILS = os.path.join(os.path.dirname(BUILTIN), "plugin_api", "salt", "utils")
"""What plugins have as `__utils__` and, under Salt's names, by `import`."""

_OPTIONS = {
    "modules": "module_dirs",
    "states": "states_dirs",
    "grains": "grains_dirs",
    "renderers": "render_dirs",
    "returners": "returner_dirs",
    "runners": "runner_dirs",
    "outputters": "outputter_dirs",
    "utils": "utils_dirs",
    "matchers": "matcher_dirs",
}


class SearchPath:
    """The directories of each kind: given, synchronised, configured, installed and built-in ones."""

    def __init__(
        self,
        *,
        module_dirs: Sequence[str] = (),
        extension_modules: str = "",
        configured: Mapping[str, Sequence[str]] | None = None,
        installed: bool = True,
        builtin: str = BUILTIN,
    ) -> None:
        self._module_dirs = tuple(str(path) for path in module_dirs)
        self._extension_modules = str(extension_modules)
        self._configured = {kind: tuple(map(str, paths)) for kind, paths in (configured or {}).items()}
        self._installed = installed
        self._builtin = builtin

    @classmethod
    def of_opts(cls, opts: Mapping[str, Any]) -> SearchPath:
        """The search path that Salt's options describe: `module_dirs`, `extension_modules`, `returner_dirs`, …"""
        return cls(
            module_dirs=opts.get("module_dirs") or (),
            extension_modules=opts.get("extension_modules") or "",
            configured={kind: opts[option] for kind, option in _OPTIONS.items() if opts.get(option)},
        )

    def directories(self, kind: PluginKind) -> list[str]:
        """The directories of a kind, the strongest first, whether they exist or not."""
        join = os.path.join
        folder = kind.salt_folder
        found = [join(path, name) for path in self._module_dirs for name in (folder, f"_{folder}")]
        if self._extension_modules:
            found.append(join(self._extension_modules, folder))
        found += self._configured.get(kind.name, ())
        if self._installed:
            found += loader_directories(folder)
        found.append(join(self._builtin, kind.folder))
        if kind.name == "utils":
            found.append(_UTILS)
        return list(dict.fromkeys(found))
