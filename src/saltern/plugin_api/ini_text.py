"""INI files as text that keeps its comments: options before any section, then sections."""

from __future__ import annotations

import re
from typing import Any

_SECTION = re.compile(r"\s*\[(.+)\]\s*$")
_COMMENT = re.compile(r"\s*[#;]")


class Section:
    """Lines in their order: options as `[name, value]`, all else (comments, lines without a separator) as text."""

    def __init__(self) -> None:
        self.lines: list[list[str] | str] = []

    def options(self) -> dict[str, str]:
        return {line[0]: line[1] for line in self.lines if isinstance(line, list)}

    def set(self, name: str, value: str) -> str | None:
        """Set an option, behind all others where it is new; what it was before."""
        for line in self.lines:
            if isinstance(line, list) and line[0] == name:
                before, line[1] = line[1], value
                return before
        self.lines.append([name, value])
        return None

    def remove(self, name: str) -> str | None:
        """Take an option away; what it was, or None."""
        for line in self.lines:
            if isinstance(line, list) and line[0] == name:
                self.lines.remove(line)
                return line[1]
        return None

    def text(self, between: str) -> str:
        return "".join(
            f"{line}\n" if isinstance(line, str) else f"{line[0]}{between}{line[1]}\n" for line in self.lines
        )


class IniFile:
    """`root` holds the options before the first section; `sections` the others by name, in their order."""

    def __init__(self, text: str, separator: str = "=") -> None:
        self.separator = separator
        self.root = Section()
        self.sections: dict[str, Section] = {}
        option = re.compile(
            rf"([^\s{re.escape(separator)}#;\[][^{re.escape(separator)}]*?)\s*{re.escape(separator)}\s?(.*)$"
        )
        here, last = self.root, None
        for line in text.splitlines():
            header, found = _SECTION.match(line), option.match(line)
            if not line.strip():
                last = None
            elif line[0].isspace() and last is not None and not header:
                # An indented line belongs to the value of the option before it.
                last[1] += f"\n{line}"
            elif header:
                here, last = self.sections.setdefault(header[1], Section()), None
            elif found and not _COMMENT.match(line):
                last = [found[1], found[2].lstrip()]
                here.lines.append(last)
            else:
                here.lines.append(line)
                last = None

    def as_dict(self) -> dict[str, Any]:
        return {**self.root.options(), **{name: section.options() for name, section in self.sections.items()}}

    def text(self, *, no_spaces: bool = False) -> str:
        """The text of the file, an empty line between sections."""
        between = self.separator if no_spaces else f" {self.separator} "
        parts = [self.root.text(between)] if self.root.lines else []
        parts += [f"[{name}]\n{section.text(between)}" for name, section in self.sections.items()]
        return "\n".join(parts)
