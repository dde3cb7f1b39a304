"""`file.blockreplace`: the lines between two markers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from saltern.plugin_api.errors import CommandExecutionError, SaltInvocationError

_ONE_PLACE = (
    "Only one of append_if_not_found, prepend_if_not_found, insert_before_match, and insert_after_match is permitted"
)


class Block(NamedTuple):
    """A block: its markers, its content, and where it goes in a text that does not have it.

    `newline` says whether the content's last line is ended before the end marker; None: if it is not ended already.
    """

    start: str
    end: str
    content: str
    newline: bool | None = False
    at_end: bool = False
    at_start: bool = False
    before: str | None = None
    after: str | None = None

    def checked(self) -> Block:
        """The block itself; raises `SaltInvocationError` where it is to go to several places."""
        if sum(map(bool, (self.at_end, self.at_start, self.before, self.after))) > 1:
            raise SaltInvocationError(_ONE_PLACE)
        return self

    def lines(self, eol: str, end_line: str | None = None) -> list[str]:
        """The content and the end marker as lines; `end_line` is the text of the end marker's own line."""
        body = self.content.split("\n")
        newline = not self.content.endswith("\n") if self.newline is None else self.newline
        closing = (self.end if end_line is None else end_line).rstrip("\r\n") + eol
        lines = [line.rstrip("\r") + eol for line in body[:-1]]
        return [*lines, body[-1] + eol, closing] if newline else [*lines, body[-1] + closing]


def replaced(lines: Sequence[str], block: Block) -> list[str]:
    """The lines with each such block's content replaced, or with the block put in where there is none."""
    result: list[str] = []
    inside = found = False
    eol = "\n"
    for line in lines:
        if block.start in line:
            inside, found = True, True
            eol = line[len(line.rstrip("\r\n")) :] or "\n"
            result.append(line)
        elif inside and block.end in line:
            inside = False
            result += block.lines(eol, line[line.index(block.end) :])
        elif not inside:
            result.append(line)
    if inside:
        raise CommandExecutionError("Unterminated marked block. End of file reached before marker_end.")
    return result if found else _put_in(list(lines), block)


def _put_in(lines: list[str], block: Block) -> list[str]:
    eol = (lines[0][len(lines[0].rstrip("\r\n")) :] if lines else "") or "\n"
    new = [block.start + eol, *block.lines(eol)]
    place = _place(lines, block)
    if place is None:
        raise CommandExecutionError("Cannot edit marked block. Markers were not found in file.")
    if place and not lines[place - 1].endswith("\n"):
        lines[place - 1] += eol
    return [*lines[:place], *new, *lines[place:]]


def _place(lines: list[str], block: Block) -> int | None:
    """Before which line the block goes; None: nowhere."""
    if block.at_start:
        return 0
    if block.at_end:
        return len(lines)
    expression = block.before or block.after
    if expression:
        for number, line in enumerate(lines):
            if re.search(expression, line):
                return number if block.before else number + 1
    return None
