"""Pillar files from git repositories: each remote is a pillar root of an environment."""

from __future__ import annotations

from saltern.plugin_api import Opts, PillarSource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__opts__: Opts
__pillar_compiler__: PillarSource

__virtualname__ = "git"


def __virtual__() -> str:
    return __virtualname__


def ext_pillar(minion_id: str, pillar: dict[str, Any], *repos: Any) -> dict[str, Any]:
    """The pillars of all remotes, merged in their order.

    A remote is `BRANCH URL`, `URL` (of the branch `git_pillar_base`) or `__env__ URL` (of the branch that is called as
    the pillar's environment), alone or with options: `env`, `root`, `mountpoint`, `all_saltenvs`, `fallback`, `name`,
    `base`, `user`, `password`, `privkey`, `insecure_auth`, `ssl_verify`, `refspecs`, `update_interval`. With
    `git_pillar_includes`, which is the default, the files of a remote may include those of others of its environment.
    """
    from saltern.plugin_api.merging import merge

    strategy = str(__opts__.get("pillar_source_merging_strategy") or "smart")
    renderer = str(__opts__.get("renderer") or "yaml")
    merge_lists = bool(__opts__.get("pillar_merge_lists", False))
    wanted = str(__opts__.get("pillarenv") or "")
    roots = list(_roots(repos, wanted))
    found: dict[str, Any] = {}
    for folder, environment in roots:
        if wanted and environment != wanted:
            continue
        others = [other for other, env in roots if env == environment and other != folder]
        included = others if __opts__.get("git_pillar_includes", True) else []
        compiled = __pillar_compiler__.of_roots({environment: [folder, *included]}, wanted or None)
        found = merge(found, compiled, strategy, renderer=renderer, merge_lists=merge_lists)
    return found


def _roots(repos: Any, pillarenv: str) -> Iterator[tuple[str, str]]:
    """The directories of all remotes, each with its environment; remotes are fetched when their interval is over."""
    from saltern.plugin_api.git.pillar_remotes import directory, refresh, remotes_of

    for remote in remotes_of(repos, __opts__):
        mirror = remote.mirror(str(__opts__.get("cachedir") or ""))
        refresh(mirror, float(remote.option("update_interval", 60)))
        folder = directory(remote, mirror, pillarenv)
        if folder is not None:
            yield str(folder), remote.environment(pillarenv)
