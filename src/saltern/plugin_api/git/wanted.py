"""The revision that a checkout should be at, as the remote repository knows it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from saltern.plugin_api.git.report import Refused

Kind = str
"""`head`, `branch`, `tag` or `commit`."""


class Wanted(NamedTuple):
    """`commit` is None for a remote without any commit; `upstream` the branch to track, None for no branch."""

    kind: Kind
    rev: str
    commit: str | None
    remote: str

    @property
    def upstream(self) -> str | None:
        return f"{self.remote}/{self.rev}" if self.kind == "branch" else None

    @property
    def short(self) -> str:
        return (self.commit or "")[:7]

    @property
    def start(self) -> str:
        """What git is told to begin a branch at."""
        return self.upstream or self.commit or self.rev

    @property
    def named(self) -> str:
        """How sentences call it."""
        names = {"head": "remote HEAD", "branch": self.upstream, "tag": self.rev}
        return f"{names[self.kind]} ({self.short})" if self.kind in names else self.short


def resolve(rev: str, refs: Mapping[str, str], remote: str) -> Wanted:
    """Find a branch, a tag, or a commit id, in this order. Raises `Refused`."""
    if rev == "HEAD":
        return Wanted("head", rev, refs.get("HEAD"), remote)
    if found := refs.get(f"refs/heads/{rev}"):
        return Wanted("branch", rev, found, remote)
    # Of an annotated tag the remote lists the commit too.
    if found := refs.get(f"refs/tags/{rev}^{{}}") or refs.get(f"refs/tags/{rev}"):
        return Wanted("tag", rev, found, remote)
    if re.fullmatch(r"[0-9a-fA-F]{4,40}", rev):
        return Wanted("commit", rev, rev.lower(), remote)
    raise Refused(f"No revision matching '{rev}' exists in the remote repository")
