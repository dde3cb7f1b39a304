"""`file.line`: put, ensure, replace or delete one line of a text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from saltern.plugin_api.errors import CommandExecutionError

MODES = ("insert", "ensure", "delete", "replace")


class LineEdit(NamedTuple):
    """What is to be done: `before` and `after` say where, `match` to which line, each by a regular expression."""

    mode: str
    content: str | None = None
    match: str | None = None
    location: str | None = None
    before: str | None = None
    after: str | None = None
    indent: bool = True


def checked_mode(mode: Any, content: Any) -> str:
    """The mode in lower case. Raises `CommandExecutionError` for one that is missing or unknown, or lacks content."""
    if mode is None:
        raise CommandExecutionError("Mode was not defined. How to process the file?")
    name = str(mode).lower()
    if name not in MODES:
        raise CommandExecutionError(f'Unknown mode: "{mode}"')
    if name != "delete" and content is None:
        raise CommandExecutionError('Content can only be empty if mode is "delete"')
    return name


def edited(lines: Sequence[str], edit: LineEdit) -> list[str]:
    """The lines (which keep their ends) after an edit."""
    found = _Found(lines, edit)
    if not lines and edit.mode in ("delete", "replace"):
        return []
    return {"insert": _insert, "ensure": _ensure, "replace": _replace, "delete": _delete}[edit.mode](found, edit)


class _Found:
    """The lines, and which of them the expressions of an edit find; None where an expression has nothing to search."""

    def __init__(self, lines: Sequence[str], edit: LineEdit) -> None:
        self.lines = list(lines)
        by_content = edit.before is None and edit.after is None and not edit.match
        self.match = self._search(edit.content if by_content else edit.match)
        self.before = self._search(edit.before)
        self.after = self._search(edit.after)

    def _search(self, regex: Any) -> list[int]:
        if not regex:
            return []
        try:
            pattern = re.compile(regex, re.DOTALL)
        except (re.error, TypeError) as error:
            raise CommandExecutionError(f"{error}: '{regex}'") from error
        return [place for place, line in enumerate(self.lines) if pattern.search(line) or regex in line]


def _only(places: list[int], label: str) -> int:
    if len(places) > 1:
        raise CommandExecutionError(f'Found more than expected occurrences in "{label}" expression')
    return places[0]


def _delete(found: _Found, _: LineEdit) -> list[str]:
    return [line for place, line in enumerate(found.lines) if place not in set(found.match)]


def _replace(found: _Found, edit: LineEdit) -> list[str]:
    if found.match:
        place = found.match[0]
        found.lines[place] = _like(found.lines[place], edit)
    return found.lines


def _insert(found: _Found, edit: LineEdit) -> list[str]:
    lines = found.lines
    if edit.location:
        return _at_location(lines, edit)
    if not lines or (edit.before is None and edit.after is None):
        raise CommandExecutionError('On insert either "location" or "before/after" conditions are required.')
    if found.before:
        place = _only(found.before, "before")
        if found.after:
            _only(found.after, "after")
        new = _like(lines[place], edit)
        if place == 0 or not _same(lines[place - 1], new):
            lines.insert(place, new)
    elif found.after:
        _insert_after(lines, _only(found.after, "after"), edit)
    else:
        raise CommandExecutionError("Neither before or after was found in file")
    return lines


def _insert_after(lines: list[str], place: int, edit: LineEdit) -> None:
    new = _like(lines[place], edit)
    if place + 1 < len(lines) and _same(lines[place + 1], new):
        return
    if not _end_of(lines[place]):
        lines[place] += "\n"
    lines.insert(place + 1, new)


def _at_location(lines: list[str], edit: LineEdit) -> list[str]:
    content = edit.content or ""
    if edit.location == "start":
        return [content.rstrip() + ((_end_of(lines[0]) if lines else "") or "\n"), *lines]
    if edit.location == "end":
        return [*lines[:-1], *_ended(lines[-1:]), _last_word(lines, edit)]
    return lines


def _ended(last: list[str]) -> list[str]:
    """The last line as lines: as in Salt, one that is ended already is followed by an empty one."""
    return [part for line in last for part in ([line, _end_of(line)] if _end_of(line) else [line + "\n"])]


def _last_word(lines: list[str], edit: LineEdit) -> str:
    content = edit.content or ""
    if not edit.indent or not lines:
        return content
    return ("" if _end_of(lines[-1]) else _indent_of(lines[-1])) + content.lstrip()


def _ensure(found: _Found, edit: LineEdit) -> list[str]:
    lines = found.lines
    after = _only(found.after, "after") if found.after else None
    before = _only(found.before, "before") if found.before else None
    if after is not None and before is not None:
        _ensure_between(lines, after, before, edit)
    elif before is not None:
        if before == 0 or not _same(lines[before - 1], edit.content or ""):
            lines.insert(before, _like(lines[max(before - 1, 0)], edit))
    elif after is not None:
        if after + 1 == len(lines) or not _same(lines[after + 1], edit.content or ""):
            new = _like(lines[after], edit)
            if not _end_of(lines[after]):
                lines[after] += "\n"
            lines.insert(after + 1, new)
    else:
        raise CommandExecutionError(
            "Wrong conditions? Unable to ensure line without knowing where to put it before and/or after."
        )
    return lines


def _ensure_between(lines: list[str], after: int, before: int, edit: LineEdit) -> None:
    between = before - after - 1
    if between not in (0, 1):
        raise CommandExecutionError('Found more than one line between boundaries "before" and "after".')
    lines[after + 1 : before] = [_like(lines[after], edit)]


def _like(model: str, edit: LineEdit) -> str:
    """The content with the indentation and the end of another line."""
    content = edit.content or ""
    indented = _indent_of(model) + content.lstrip() if edit.indent else content
    return indented.rstrip() + (_end_of(model) or "\n")


def _indent_of(line: str) -> str:
    return line[: len(line) - len(line.lstrip("\t "))]


def _end_of(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]


def _same(line: str, other: str) -> bool:
    return line.rstrip("\r\n") == other.rstrip("\r\n")
