"""Where a mirrored tree comes from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec


class Listed(msgspec.Struct, frozen=True, array_like=True):
    """What is said of a file. `content` names what it holds, one name for each content; `modified` as of stat(2)."""

    content: str
    modified: float = 0.0


class Listing(NamedTuple):
    """All files by environment and path. `mark` is another text whenever the list is another one, if there is such."""

    files: Mapping[str, Mapping[str, Listed]]
    mark: str = ""


class Source(Protocol):
    """A tree elsewhere. The calls use the network; `CommandExecutionError` or `MinionError` says what went wrong."""

    @property
    def address(self) -> str:
        """What it is called in logs: it holds no secret."""

    @property
    def identity(self) -> tuple[str, ...]:
        """What distinguishes it from other sources of its kind."""

    @property
    def interval(self) -> float:
        """Seconds between looks whether anything has changed."""

    def listed(self, mark: str, work: Path) -> Listing | None:
        """What is there; None when it is as it was when it had this mark. `work` is a directory for files."""

    def fetch(self, saltenv: str, path: str, listed: Listed, place: Path) -> bool:
        """Write the content of a file to a place, whole or not at all; False when it is no longer there."""
