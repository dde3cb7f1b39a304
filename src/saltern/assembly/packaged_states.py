"""Runs of states that bring their files, pillar and grains along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saltern.files.backends.roots import RootsTree
from saltern.files.serve import file_verbs
from saltern.plugin_api.files import TreeFiles
from saltern.plugin_api.nested import merged
from saltern.plugin_api.state_package import StatePackage
from saltern.plugins.space import PluginSpace
from saltern.states.engine import Engine


class PackagedStates:
    """A `plugin_api.types.PackagedStates`: runs in a space beside that of the caller, which stays as it is."""

    def __init__(self, space: PluginSpace) -> None:
        self._space = space

    def run(self, package: StatePackage, *, test: bool) -> dict[str, Any]:
        with self._space.sibling() as space:
            _bring(space, package)
            return Engine(space).run(package.low, test=test)


def _bring(space: PluginSpace, package: StatePackage) -> None:
    """Give a space what a package has, before its first module is loaded."""
    scope = space.scope
    verbs = file_verbs(RootsTree(package.roots))
    scope.files = TreeFiles(lambda verb, args: verbs[verb](args))
    scope.pillar = merged(dict(scope.pillar), package.pillar)
    if package.grains is not None:
        scope.grains = package.grains
    scope.opts = {
        **scope.opts,
        "file_client": "local",
        "file_roots": _as_text(package.roots),
        "grains": scope.grains,
        "pillar": scope.pillar,
    }


def _as_text(roots: Mapping[str, Any]) -> dict[str, list[str]]:
    return {env: [str(place) for place in places] for env, places in roots.items()}
