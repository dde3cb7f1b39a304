"""Reading the texts of a file tree: each file once, by environment and path."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from saltern.plugin_api.types import FileClient


class TreeText:
    """The files of a tree as texts, remembered for as long as this lives."""

    def __init__(self, client: FileClient | None) -> None:
        self._client = client
        self._texts: dict[tuple[str, str], str | None] = {}

    def read(self, saltenv: str, path: str) -> str | None:
        """The text of a file (UTF-8), or None where there is no such file."""
        place = (saltenv, path)
        if place not in self._texts:
            content = None if self._client is None else read_file(self._client, saltenv, path)
            self._texts[place] = None if content is None else content.decode("utf-8", "replace")
        return self._texts[place]


def read_file(client: FileClient, saltenv: str, path: str) -> bytes | None:
    """The content of a file of the tree, or None where there is no such file."""
    content = bytearray()
    while piece := client.file_read(saltenv, path, len(content)):
        content += piece
    if not content and not client.file_hash(saltenv, [path]):
        return None
    return bytes(content)
