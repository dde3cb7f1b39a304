"""Where a minion's pillar comes from: this machine's pillar roots, or the master."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from saltern.files.backends.roots import RootsTree
from saltern.files.serve import file_verbs
from saltern.model.target import MinionData, Target
from saltern.pillar.compile import PillarCompiler
from saltern.plugin_api.files import TreeFiles
from saltern.plugin_api.types import MasterRequest
from saltern.plugins.index import PluginIndex
from saltern.plugins.scope import Scope
from saltern.plugins.space import PluginSpace
from saltern.render.rendering import Rendering
from saltern.targeting.compile import compile_target


class LocalPillar:
    """A `plugin_api.types.PillarSource` over `pillar_roots`, for the minion whose grains and options a space has."""

    def __init__(self, space: PluginSpace) -> None:
        self._space = space

    def compile(
        self,
        *,
        override: Mapping[str, Any] | None = None,
        pillarenv: str | None = None,
        saltenv: str | None = None,
        external: Sequence[Mapping[str, Any]] | None = None,
    ) -> dict[str, Any]:
        scope = self._space.scope
        return compile_pillar(
            self._space.index,
            scope.opts,
            scope.grains,
            override,
            pillarenv=pillarenv,
            saltenv=saltenv,
            external=external,
        )


class MasterPillar:
    """A `plugin_api.types.PillarSource` that asks the master, who knows this minion by its certificate."""

    def __init__(self, request: MasterRequest) -> None:
        self._request = request

    def compile(
        self,
        *,
        override: Mapping[str, Any] | None = None,
        pillarenv: str | None = None,
        saltenv: str | None = None,
        external: Sequence[Mapping[str, Any]] | None = None,
    ) -> dict[str, Any]:
        asked = {
            "override": dict(override or {}),
            "pillarenv": pillarenv,
            "saltenv": saltenv,
            "external": None if external is None else [dict(one) for one in external],
        }
        return dict(self._request("pillar", asked))


def compile_pillar(
    index: PluginIndex,
    opts: Mapping[str, Any],
    grains: Mapping[str, Any],
    override: Mapping[str, Any] | None = None,
    *,
    pillarenv: str | None = None,
    saltenv: str | None = None,
    external: Sequence[Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """The pillar of the minion that `opts` and `grains` describe, with the plugins of an index."""
    changed = {**opts, "file_client": "local"}
    if external is not None:
        changed |= {"ext_pillar": list(external), "pillar_roots": {}}
    roots = changed.get("pillar_roots") or {}
    tree = RootsTree({env: [Path(str(one)) for one in paths] for env, paths in roots.items()})
    verbs = file_verbs(tree)
    files = TreeFiles(lambda verb, args: verbs[verb](args))
    scope = Scope(changed, grains=grains, files=files, services={"__rendering__": Rendering})
    with PluginSpace(index, scope) as inner:
        compiler = PillarCompiler(inner, _envs(changed, tree.envs(), pillarenv, saltenv), _matcher(inner, opts, grains))
        return compiler.compile(override)


def _envs(opts: Mapping[str, Any], known: list[str], pillarenv: str | None, saltenv: str | None) -> list[str]:
    chosen = pillarenv or opts.get("pillarenv")
    if not chosen and opts.get("pillarenv_from_saltenv"):
        chosen = saltenv or opts.get("saltenv")
    if chosen:
        return [str(chosen)]
    order = [env for env in opts.get("env_order") or () if env in known]
    return [*order, *(env for env in known if env not in order)]


def _matcher(space: PluginSpace, opts: Mapping[str, Any], grains: Mapping[str, Any]) -> Any:
    def is_meant(expression: str, kind: str) -> bool:
        minion = MinionData(id=str(opts.get("id", "")), grains=dict(grains), pillar=dict(space.scope.pillar))
        return compile_target(Target(expr=expression, kind=kind), opts.get("nodegroups") or {})(minion)

    return is_meant
