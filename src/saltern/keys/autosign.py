"""Decisions without an operator: `auto_accept`, `autosign_file`, `autoreject_file`, stubs, grains and join tokens.

Behaviour KEY-05.
"""

from __future__ import annotations

import logging
import os
import re
import stat
import time
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from saltern.errors import ConfigError
from saltern.keys.ids import is_minion_id
from saltern.keys.join_token import parse
from saltern.keys.tokens import TokenStore

_log = logging.getLogger(__name__)


class Autosign(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of one master. Files are read when they are needed, so that a change takes effect at once.

    `stub_timeout` is in seconds. With `permissive` (`permissive_pki_access`) the group may write to the files.
    """

    auto_accept: bool = False
    autosign_file: Path | None = None
    autoreject_file: Path | None = None
    grains_dir: Path | None = None
    stub_dir: Path | None = None
    stub_timeout: float = 7200.0
    permissive: bool = False
    tokens: TokenStore | None = None
    now: Callable[[], float] = time.time

    def rejects(self, minion: str) -> bool:
        return self._is_listed(minion, self.autoreject_file)

    def accepts(self, minion: str, grains: Mapping[str, str], token: str) -> bool:
        return (
            self.auto_accept
            or self._is_listed(minion, self.autosign_file)
            or self._has_grain(grains)
            or self._use_stub(minion)
            or self._redeem(minion, token)
        )

    def sweep_stubs(self) -> int:
        """Remove the stubs whose time is over; how many."""
        if self.stub_dir is None or not self.stub_dir.is_dir():
            return 0
        over = [path for path in self.stub_dir.iterdir() if path.is_file() and not self._is_fresh(path)]
        for path in over:
            path.unlink(missing_ok=True)
        return len(over)

    def _is_listed(self, minion: str, path: Path | None) -> bool:
        return path is not None and any(_matches(minion, line) for line in self._lines(path))

    def _has_grain(self, grains: Mapping[str, str]) -> bool:
        if self.grains_dir is None or not grains or not self.grains_dir.is_dir():
            return False
        # The directory says which grains count; a name that a minion sends never becomes a path.
        named = (path for path in self.grains_dir.iterdir() if path.name in grains)
        return any(grains[path.name] in self._lines(path) for path in named)

    def _use_stub(self, minion: str) -> bool:
        if self.stub_dir is None or not is_minion_id(minion):
            return False
        stub = self.stub_dir / minion
        if not stub.is_file():
            return False
        fresh = self._is_fresh(stub)
        stub.unlink(missing_ok=True)
        return fresh

    def _is_fresh(self, stub: Path) -> bool:
        try:
            return self.now() - stub.stat().st_mtime < self.stub_timeout
        except FileNotFoundError:
            return False

    def _redeem(self, minion: str, token: str) -> bool:
        if self.tokens is None or not token:
            return False
        try:
            secret = parse(token).secret
        except ConfigError:
            return False
        return self.tokens.redeem(secret, minion, self.now())

    def _lines(self, path: Path) -> list[str]:
        try:
            with path.open(encoding="utf-8", errors="replace") as file:
                text = file.read() if self._is_ours(path, os.fstat(file.fileno()).st_mode) else ""
        except FileNotFoundError:
            return []
        except OSError as error:
            _log.warning("%s is left out of account: %s", path, error.strerror or error)
            return []
        entries = (line.strip() for line in text.splitlines())
        return [entry for entry in entries if entry and not entry.startswith("#")]

    def _is_ours(self, path: Path, mode: int) -> bool:
        others = stat.S_IWOTH if self.permissive else stat.S_IWOTH | stat.S_IWGRP
        if not mode & others:
            return True
        _log.warning(
            "%s is left out of account: others than its owner can write to it (mode %o)", path, stat.S_IMODE(mode)
        )
        return False


def _matches(minion: str, pattern: str) -> bool:
    if minion == pattern or fnmatchcase(minion, pattern):
        return True
    try:
        return re.fullmatch(pattern, minion) is not None
    except re.error:  # a glob that is no regular expression, such as `*.example`
        return False
