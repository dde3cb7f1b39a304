"""The master's file tree as a plugin sees it, over a function that asks the master."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from saltern.plugin_api.types import MasterRequest


class MasterFiles:
    """A `FileClient` whose answers come from the master's verbs `file_list`, `file_hash` and `file_read`."""

    def __init__(self, request: MasterRequest) -> None:
        self._request = request

    def file_list(self, saltenv: str, prefix: str = "") -> list[str]:
        return list(self._request("file_list", {"saltenv": saltenv, "prefix": prefix}))

    def file_hash(self, saltenv: str, paths: list[str]) -> dict[str, str]:
        return dict(self._request("file_hash", {"saltenv": saltenv, "paths": paths}))

    def file_read(self, saltenv: str, path: str, offset: int) -> bytes:
        # A file that vanished gives nothing, and so no longer has the digest that it had.
        return bytes(self._request("file_read", {"saltenv": saltenv, "path": path, "offset": offset}) or b"")
