"""Differences between texts and between files, as messages show them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Any

from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.filesystem.contents import looks_like_text

HIDDEN = "<show_changes=False>"
"""What stands for a difference that is not to be shown."""


def unified(before: Sequence[str], after: Sequence[str], names: Sequence[str] = ("", "")) -> str:
    """A unified difference of lines that keep their line ends."""
    return "".join(difflib.unified_diff(before, after, names[0], names[1]))


def of_texts(before: str, after: str) -> str:
    return unified(before.splitlines(keepends=True), after.splitlines(keepends=True))


class Ignored:
    """What does not count as a difference: the order of lines, white space in them, comments."""

    def __init__(self, *, ordering: bool = False, whitespace: bool = False, comments: Any = None) -> None:
        self.ordering = ordering
        self.whitespace = whitespace
        self.comments = tuple([comments] if isinstance(comments, str) else comments or ())

    def __bool__(self) -> bool:
        return bool(self.ordering or self.whitespace or self.comments)

    def counts(self, before: bytes, after: bytes) -> bool:
        """Whether two contents differ in what does count."""
        return self._reduced(before) != self._reduced(after)

    def _reduced(self, data: bytes) -> list[str]:
        lines = data.decode("utf-8", "replace").splitlines()
        if self.comments:
            marks = tuple(map(str, self.comments))
            lines = [line for line in lines if not line.lstrip().startswith(marks)]
        if self.whitespace:
            lines = [re.sub(r"\s+", " ", line).strip() for line in lines]
            lines = [line for line in lines if line]
        return sorted(lines) if self.ordering else lines


def of_contents(before: bytes, after: bytes, names: Sequence[str] = ("", "")) -> str:
    """The difference of two contents; of binary ones only that there is one."""
    texts = looks_like_text(before[:512]), looks_like_text(after[:512])
    if all(texts):
        return unified(_lines(before), _lines(after), names)
    if not any(texts):
        return "Replace binary file" if before != after else ""
    return "Replace text file with binary file" if texts[0] else "Replace binary file with text file"


def read_whole(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise CommandExecutionError(f"Failed to read {path}: {error.strerror}") from error


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8", "replace").splitlines(keepends=True)
