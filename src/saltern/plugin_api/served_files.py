"""`__file_server__`: the master's file server as runners see it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Protocol
else:
    Protocol = object


class FileServerControl(Protocol):
    """`backend` names back ends (`roots`, `gitfs`, ...), a list or joined by commas; `-name`: not that; None: all."""

    def envs(self, backend: str | Sequence[str] | None = None) -> dict[str, list[str]]:
        """The environments of each back end."""

    def listed(self, what: str, saltenv: str, backend: str | Sequence[str] | None = None) -> Any:
        """What an environment has: its `files`, `dirs`, `empty_dirs`, or `symlinks` (path to what it says)."""

    def update(self, backend: str | Sequence[str] | None = None) -> list[str]:
        """Fetch what is new; the back ends that changed."""

    def clear(self, backend: str | Sequence[str] | None = None) -> list[str]:
        """Remove what back ends keep of remote sources; the back ends that kept something."""

    def lock(self, backend: str | Sequence[str] | None = None, remote: str = "") -> dict[str, list[str]]:
        """Keep sources from being fetched; those that were not locked before, by back end."""

    def unlock(self, backend: str | Sequence[str] | None = None, remote: str = "") -> dict[str, list[str]]:
        """Let sources be fetched again; those that were locked, by back end."""
