"""Reading the texts of a file tree: each file once, by environment and path."""

from __future__ import annotations

import logging

TYPE_CHECKING = False
if TYPE_CHECKING:
    from saltern.plugin_api.types import FileClient

log = logging.getLogger(__name__)


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
            self._texts[place] = None if content is None else decoded(content, f"salt://{place[1]}")
        return self._texts[place]


def read_file(client: FileClient, saltenv: str, path: str) -> bytes | None:
    """The content of a file of the tree, or None where there is no such file."""
    content = bytearray()
    while piece := client.file_read(saltenv, path, len(content)):
        content += piece
    if not content and not client.file_hash(saltenv, [path]):
        return None
    return bytes(content)


def decoded(content: bytes, file: str) -> str:
    """The text of a file; where it is not UTF-8, marks stand in place of bytes, and the log says at which line."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        log.error("%s:%d: the file is not UTF-8 there. Hint: save it in the encoding UTF-8", file, line)
        return content.decode("utf-8", "replace")
