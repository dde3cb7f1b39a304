"""Which environments a mirror has, and what each is made of."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from typing import NamedTuple

from saltern.files.git.remotes import EnvOptions, Remote
from saltern.plugin_api.git.mirror import Mirror


class Served(NamedTuple):
    """An environment of a remote: a commit, the directory in it that is served, and where that appears."""

    commit: str
    root: str
    mountpoint: str


class RemoteEnvironments:
    """The environments of one remote, by its mirror as it is now."""

    def __init__(self, remote: Remote, mirror: Mirror) -> None:
        self._remote = remote
        self.mirror = mirror

    def names(self) -> list[str]:
        """The environments that have a name: commit ids are environments, too, and are not listed."""
        remote = self._remote
        names = {name for name, options in remote.saltenv.items() if self._commit(options.ref or name) is not None}
        if not remote.disable_saltenv_mapping:
            if "branch" in remote.ref_types:
                names |= set(self.mirror.branches())
            if "tag" in remote.ref_types:
                names |= set(self.mirror.tags())
            names.discard(remote.base)
        if self._commit(remote.base) is not None:
            names.add("base")
        return sorted(name for name in names if self._is_exposed(name))

    def served(self, saltenv: str) -> Served | None:
        """What an environment is made of; None where this remote has no such environment."""
        remote = self._remote
        options = remote.saltenv.get(saltenv, EnvOptions())
        commit = self._commit_of(saltenv, options) if self._is_exposed(saltenv) else None
        if commit is None and remote.fallback and saltenv:
            commit = self._commit(remote.fallback)
        if commit is None:
            return None
        root = remote.root if options.root is None else options.root
        mountpoint = remote.mountpoint if options.mountpoint is None else options.mountpoint
        return Served(commit, root.strip("/"), mountpoint.removeprefix("salt://").strip("/"))

    def _commit_of(self, saltenv: str, options: EnvOptions) -> str | None:
        remote = self._remote
        if remote.all_saltenvs:
            return self._commit(remote.all_saltenvs)
        if options.ref:
            return self._commit(options.ref)
        if saltenv == "base":
            return self._commit(remote.base)
        if remote.disable_saltenv_mapping or saltenv == remote.base:
            return None
        return self._commit(saltenv)

    def _commit(self, ref: str) -> str | None:
        kinds = self._remote.ref_types
        if "branch" in kinds and ref in self.mirror.branches():
            return self.mirror.branches()[ref]
        if "tag" in kinds and ref in self.mirror.tags():
            return self.mirror.tags()[ref]
        is_named = ref in self.mirror.branches() or ref in self.mirror.tags()
        return self.mirror.commit(ref) if "sha" in kinds and not is_named else None

    def _is_exposed(self, saltenv: str) -> bool:
        wanted, unwanted = self._remote.saltenv_whitelist, self._remote.saltenv_blacklist
        return (not wanted or _fits(saltenv, wanted)) and not _fits(saltenv, unwanted)


def _fits(name: str, patterns: Sequence[str]) -> bool:
    """Whether a name is one of these, or fits one as a glob or as a whole regular expression."""
    return any(name == one or fnmatch.fnmatchcase(name, one) or _is_regex_of(one, name) for one in patterns)


def _is_regex_of(pattern: str, name: str) -> bool:
    try:
        return re.fullmatch(pattern, name) is not None
    except re.error:
        return False
