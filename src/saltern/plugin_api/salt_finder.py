"""The importer of Salt's names: `salt.x` is the module `x` of `plugin_api.salt`, under a second name."""

from __future__ import annotations

import importlib
import importlib.util
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

_OURS = "saltern.plugin_api.salt"


class SaltFinder(MetaPathFinder):
    """Finds the modules of Salt that stand in that package."""

    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != "salt" and not fullname.startswith("salt."):
            return None
        ours = _OURS + fullname.removeprefix("salt")
        return ModuleSpec(fullname, _Alias(ours)) if importlib.util.find_spec(ours) is not None else None


class _Alias(Loader):
    """Gives a module of ours under a second name."""

    def __init__(self, ours: str) -> None:
        self._ours = ours

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(self._ours)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """It ran when it was imported under its own name, which its specification goes on to tell."""
        module.__spec__ = self._spec
