"""Reading the small text files of `/proc`, `/sys` and `/etc`."""

from __future__ import annotations

import os


def read_text(path: str) -> str:
    """The content without white space around it; empty when there is no such file or it may not be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123  (pathlib costs more than the read)
            return file.read().strip(" \t\r\n\0")
    except OSError:
        return ""


def names_in(path: str) -> list[str]:
    """The sorted names in a directory; none when there is no such directory or it may not be read."""
    try:
        return sorted(os.listdir(path))
    except OSError:
        return []
