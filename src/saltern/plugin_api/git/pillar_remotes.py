"""The remotes of git_pillar: `BRANCH URL` or `URL`, with options (behaviour PIL-09)."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.git.mirror import REFSPECS, Login, Mirror
from saltern.plugin_api.git.urls import redacted
from saltern.plugin_api.mirror_folder import folder_name

log = logging.getLogger(__name__)

DYNAMIC = "__env__"
"""In the place of a branch: the branch that is called as the environment."""
_LOGIN = ("user", "password", "privkey", "insecure_auth", "ssl_verify", "proxy")


class PillarRemote(NamedTuple):
    """One remote: `options` are its own over those for all, `git_pillar_*`."""

    branch: str
    url: str
    options: Mapping[str, Any]

    def option(self, name: str, default: Any = "") -> Any:
        value = self.options.get(name)
        return default if value is None else value

    def mirror(self, cachedir: str) -> Mirror:
        refspecs = tuple(self.option("refspecs", REFSPECS))
        login = Login(**{name: self.options[name] for name in _LOGIN if self.options.get(name) is not None})
        folder = Path(cachedir) / "git_pillar" / folder_name(self.url, str(self.option("name")), *refspecs)
        return Mirror(folder, self.url, login, refspecs, int(self.option("depth", 0)))

    def environment(self, pillarenv: str) -> str:
        """The environment that the remote's files belong to; `pillarenv` is the one that is asked for, if any."""
        base = str(self.option("base", "master"))
        if self.option("env"):
            return str(self.option("env"))
        if self.branch == DYNAMIC:
            return pillarenv or "base"
        return "base" if self.branch in ("", base) else self.branch

    def ref(self, pillarenv: str) -> str:
        """The branch, tag or commit to read."""
        base = str(self.option("base", "master"))
        if self.option("all_saltenvs"):
            return str(self.option("all_saltenvs"))
        if self.branch == DYNAMIC:
            return pillarenv if pillarenv and pillarenv != "base" else base
        return self.branch or str(self.option("branch") or base)


def remotes_of(entries: Sequence[Any], opts: Mapping[str, Any]) -> Iterator[PillarRemote]:
    """The remotes of an entry of `ext_pillar`. `CommandExecutionError` for what is none."""
    shared = {key.removeprefix("git_pillar_"): value for key, value in opts.items() if key.startswith("git_pillar_")}
    for entry in entries:
        pairs = [(entry, None)] if isinstance(entry, str) else list(entry.items()) if isinstance(entry, Mapping) else []
        if not pairs:
            raise CommandExecutionError(
                f"git: {entry!r} is no remote: write BRANCH URL, or that with a list of options"
            )
        for words, own in pairs:
            branch, _, url = str(words).strip().rpartition(" ")
            yield PillarRemote(branch.strip(), url, {**shared, **_merged(own)})


def _merged(own: Any) -> dict[str, Any]:
    """Options as a mapping, or as Salt's list of mappings with one key."""
    if isinstance(own, Mapping):
        return dict(own)
    return {key: value for one in own or () if isinstance(one, Mapping) for key, value in one.items()}


def refresh(mirror: Mirror, seconds: float) -> None:
    """Fetch a mirror that was not fetched for so long. What was fetched before counts where the remote is away."""
    if mirror.kept.fetched_at and time.time() < mirror.kept.fetched_at + seconds:
        return
    try:
        mirror.fetch()
    except CommandExecutionError as error:
        if not mirror.kept.fetched_at:
            raise
        log.warning("git_pillar goes on with what was fetched before: %s", error)


def directory(remote: PillarRemote, mirror: Mirror, pillarenv: str) -> Path | None:
    """The files of a remote as a directory; None for an environment that a remote of all of them does not have."""
    ref = remote.ref(pillarenv)
    commit = mirror.commit(ref)
    fallback = str(remote.option("fallback"))
    if commit is None and fallback:
        commit = mirror.commit(fallback)
    if commit is None:
        if remote.branch == DYNAMIC:
            return None
        raise CommandExecutionError(f"git: {redacted(remote.url)} has no branch, tag or commit {ref}")
    mountpoint = str(remote.option("mountpoint")).removeprefix("salt://").strip("/")
    return mirror.export(commit, str(remote.option("root")).strip("/"), mountpoint)
