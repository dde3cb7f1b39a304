"""The repositories of git_pillar."""

from __future__ import annotations

import logging

from saltern.plugin_api import CommandExecutionError, Opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts

log = logging.getLogger(__name__)


def update(branch: str | None = None, repo: str | None = None) -> dict[str, bool | None]:
    """Fetch the remotes of git_pillar now: True for one with changes, None for one without, False for one that failed.

    branch, repo
        Only remotes of this branch, or whose URL or name holds this text.

    CLI Example::

        saltern runner git_pillar.update
        saltern runner git_pillar.update branch=dev
        saltern runner git_pillar.update repo=pillar.git
    """
    from saltern.plugin_api.git.pillar_remotes import remotes_of
    from saltern.plugin_api.git.urls import redacted

    entries = [one for pillar in __opts__.get("ext_pillar") or () for one in _git(pillar)]
    found: dict[str, bool | None] = {}
    for remote in remotes_of(entries, __opts__):
        name = f"{remote.branch} {redacted(remote.url)}".strip()
        if (branch and branch != remote.branch) or (repo and repo not in f"{remote.url} {remote.option('name')}"):
            continue
        try:
            found[name] = remote.mirror(str(__opts__.get("cachedir") or "")).fetch() or None
        except CommandExecutionError as error:
            log.error("%s", error)
            found[name] = False
    if not found:
        raise CommandExecutionError(
            "Specified git_pillar remote was not found" if branch or repo else "There is no git_pillar"
        )
    return found


def _git(pillar: Any) -> list[Any]:
    repos = pillar.get("git") if isinstance(pillar, dict) else None
    return repos if isinstance(repos, list) else []
