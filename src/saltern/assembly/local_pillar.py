"""A minion's pillar, compiled from this machine's pillar roots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from saltern.assembly.own_target import OwnTarget
from saltern.files.backends.roots import RootsTree
from saltern.files.serve import file_verbs
from saltern.pillar.compile import PillarCompiler
from saltern.pillar.options import options_of
from saltern.plugin_api.files import TreeFiles
from saltern.plugin_api.nested import merged
from saltern.plugins.index import PluginIndex
from saltern.plugins.scope import Scope
from saltern.plugins.space import PluginSpace
from saltern.render.rendering import Rendering


class LocalPillar:
    """A `plugin_api.types.PillarSource` over `pillar_roots`, for the minion whose grains and options a space has."""

    def __init__(self, space: PluginSpace) -> None:
        self._space = space

    def current(self) -> dict[str, Any]:
        return self._compiled({})

    def refresh(self) -> dict[str, Any]:
        found = self._compiled({})
        self._space.set_pillar(found)
        return found

    def for_states(self, override: Mapping[str, Any] | None = None, pillarenv: str | None = None) -> dict[str, Any]:
        if override or pillarenv:
            return self.compile(override=override, pillarenv=pillarenv)
        return dict(self._space.scope.pillar)

    def compile(
        self,
        *,
        override: Mapping[str, Any] | None = None,
        pillarenv: str | None = None,
        saltenv: str | None = None,
        external: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        known = self._space.scope.pillar
        found = self._compiled(known, override, pillarenv=pillarenv, saltenv=saltenv, external=external)
        # As with Salt, another environment's pillar is laid over the one that there is.
        return merged(known, found) if pillarenv or saltenv or external else found

    def of_roots(self, roots: Mapping[str, Sequence[str]], pillarenv: str | None = None) -> dict[str, Any]:
        return compile_pillar(
            self._space.index,
            {**self._space.scope.opts, "ext_pillar": [], "pillar_roots": roots},
            self._space.scope.grains,
            known=self._space.scope.pillar,
            pillarenv=pillarenv,
        )

    def _compiled(self, known: Mapping[str, Any], override: Any = None, **asked: Any) -> dict[str, Any]:
        scope = self._space.scope
        return compile_pillar(self._space.index, scope.opts, scope.grains, override, known=known, **asked)


def compile_pillar(
    index: PluginIndex,
    opts: Mapping[str, Any],
    grains: Mapping[str, Any],
    override: Mapping[str, Any] | None = None,
    *,
    known: Mapping[str, Any] | None = None,
    pillarenv: str | None = None,
    saltenv: str | None = None,
    external: Mapping[str, Any] | None = None,
    top: bool = False,
) -> dict[str, Any]:
    """The pillar of the minion that `opts` and `grains` describe, with the plugins of an index.

    `known` is what templates and targets see as its pillar. `external` replaces roots and external pillars. With `top`
    only the top files are read, and given as one.
    """
    options = options_of(opts, pillarenv=pillarenv, saltenv=saltenv)
    changed = {**opts, "file_client": "local", "pillarenv": options.pillarenv or None, "grains": grains}
    if external is not None:
        changed |= {"ext_pillar": [external], "pillar_roots": {}}
        options = options_of(changed)
    roots = changed.get("pillar_roots") or {}
    tree = RootsTree({env: [Path(str(one)) for one in paths] for env, paths in roots.items()})
    envs = [env for env in roots if env != "__env__"]
    with PluginSpace(index, _scope(changed, grains, known or {}, tree)) as space:
        compiler = PillarCompiler(space, tree, envs, options, Rendering(space), OwnTarget(space).matches)
        return compiler.top() if top else compiler.compile(override)


def _scope(opts: dict[str, Any], grains: Mapping[str, Any], known: Mapping[str, Any], tree: RootsTree) -> Scope:
    verbs = file_verbs(tree)
    services = {"__rendering__": Rendering, "__target_matcher__": OwnTarget, "__pillar_compiler__": _Within}
    files = TreeFiles(lambda verb, args: verbs[verb](args))
    return Scope({**opts, "pillar": known}, grains=grains, pillar=known, files=files, services=services)


class _Within(LocalPillar):
    """The pillar as those see it who take part in compiling it: what there is, and other roots."""

    def current(self) -> dict[str, Any]:
        return dict(self._space.scope.pillar)

    def refresh(self) -> dict[str, Any]:
        return dict(self._space.scope.pillar)

    def compile(self, **_asked: Any) -> dict[str, Any]:
        return dict(self._space.scope.pillar)
