"""The file tree as a plugin sees it, over a function that answers the verbs of `files/serve.py`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from saltern.plugin_api.types import MasterRequest


class TreeFiles:
    """A `FileClient`: `request` asks the master, or in masterless mode this host's own tree."""

    def __init__(self, request: MasterRequest) -> None:
        self._request = request

    def file_envs(self) -> list[str]:
        return list(self._request("file_envs", {}))

    def file_list(self, saltenv: str, prefix: str = "") -> list[str]:
        return list(self._request("file_list", {"saltenv": saltenv, "prefix": prefix}))

    def file_dirs(self, saltenv: str, prefix: str = "") -> list[str]:
        return list(self._request("file_dirs", {"saltenv": saltenv, "prefix": prefix}))

    def file_empty_dirs(self, saltenv: str, prefix: str = "") -> list[str]:
        return list(self._request("file_empty_dirs", {"saltenv": saltenv, "prefix": prefix}))

    def file_symlinks(self, saltenv: str, prefix: str = "") -> dict[str, str]:
        return dict(self._request("file_symlinks", {"saltenv": saltenv, "prefix": prefix}))

    def file_stat(self, saltenv: str, path: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self._request("file_stat", {"saltenv": saltenv, "path": path})
        return found

    def file_hash(self, saltenv: str, paths: list[str], algorithm: str = "sha256") -> dict[str, str]:
        return dict(self._request("file_hash", {"saltenv": saltenv, "paths": paths, "algorithm": algorithm}))

    def file_read(self, saltenv: str, path: str, offset: int) -> bytes:
        # A file that vanished gives nothing, and so no longer has the digest that it had.
        return bytes(self._request("file_read", {"saltenv": saltenv, "path": path, "offset": offset}) or b"")
