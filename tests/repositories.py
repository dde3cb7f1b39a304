"""Throw-away git repositories."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from servers import program

_AUTHOR = {
    "GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@example.com", "GIT_COMMITTER_NAME": "t",
    "GIT_COMMITTER_EMAIL": "t@example.com", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
}  # fmt: skip


class Repository:
    """A repository with a working tree, cloned by its path or served over HTTP."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir(parents=True)
        self.git("init", "-q", "-b", "unborn")

    @property
    def url(self) -> str:
        return f"file://{self.place}"

    def git(self, *words: str) -> str:
        done = subprocess.run(
            [program("git"), "-C", str(self.place), *words],
            env={**os.environ, **_AUTHOR},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def commit(self, branch: str, files: Mapping[str, bytes | str], links: Mapping[str, str] | None = None) -> str:
        """Let a branch hold these files and no others; the commit."""
        self.git("checkout", "-q", "--orphan", "unborn")
        self.git("rm", "-rfq", "--ignore-unmatch", ".")
        for path, content in files.items():
            place = self.place / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content.encode() if isinstance(content, str) else content)
        for path, target in (links or {}).items():
            (self.place / path).parent.mkdir(parents=True, exist_ok=True)
            (self.place / path).symlink_to(target)
        self.git("add", "-A", "-f")
        self.git("commit", "-q", "--allow-empty", "-m", "files")
        self.git("checkout", "-q", "--detach")
        self.git("branch", "-q", "-D", "unborn")
        self.git("branch", "-q", "-f", branch, "HEAD")
        return self.git("rev-parse", "HEAD")
