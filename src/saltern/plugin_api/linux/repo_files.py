"""The repository files of yum, dnf and zypper: INI files, changed without losing what else is in them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from saltern.plugin_api.whole_file import write_whole

_SECTION = re.compile(r"\[(.+)\]")


class RepoFile:
    """The lines of a file, those before any section under an empty name."""

    def __init__(self, text: str) -> None:
        self._sections: dict[str, list[str]] = {"": []}
        section = ""
        for line in text.splitlines():
            found = _SECTION.fullmatch(line.strip())
            if found:
                section = found[1]
                self._sections[section] = []
            else:
                self._sections[section].append(line)

    def __bool__(self) -> bool:
        """Whether there is a repository in it."""
        return len(self._sections) > 1

    def repos(self) -> dict[str, dict[str, Any]]:
        """The options of each repository, and its `comments` where it has some."""
        return {name: _options(lines) for name, lines in self._sections.items() if name}

    def change(self, repo: str, options: Mapping[str, Any], comments: Iterable[str] = ()) -> None:
        """Set options of a repository, which is added where it is missing; an option of None goes."""
        if repo not in self._sections and self:
            last = list(self._sections.values())[-1]
            last += [] if last and not last[-1] else [""]
        lines = self._sections.setdefault(repo, [])
        for name, value in options.items():
            _set(lines, name, None if value is None else _text(value))
        end = max((number for number, line in enumerate(lines, 1) if line), default=0)
        lines[end:end] = [f"# {comment}" for comment in comments if f"# {comment}" not in lines]

    def remove(self, repo: str) -> None:
        self._sections.pop(repo, None)

    def text(self) -> str:
        lines = list(self._sections[""])
        for name, own in self._sections.items():
            lines += [f"[{name}]", *own] if name else []
        return "\n".join(lines).strip("\n") + "\n"


def read_all(directories: Iterable[str]) -> dict[str, dict[str, dict[str, Any]]]:
    """File to repository to options, of all `.repo` files."""
    paths = [path for directory in directories for path in sorted(Path(directory).glob("*.repo"))]
    return {str(path): read(str(path)).repos() for path in paths}


def read(path: str) -> RepoFile:
    try:
        return RepoFile(Path(path).read_text(encoding="utf-8", errors="surrogateescape"))
    except FileNotFoundError:
        return RepoFile("")


def write(path: str, file: RepoFile) -> None:
    write_whole(path, os.fsencode(file.text()))


def _options(lines: Iterable[str]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    comments: list[str] = []
    last = ""
    for line in lines:
        name, equals, value = line.partition("=")
        if line.startswith(("#", ";")):
            comments.append(line[1:].strip())
        elif line[:1] in (" ", "\t") and last:
            options[last] += f"\n{line.strip()}"
        elif equals:
            last = name.strip()
            options[last] = value.strip()
    return {**options, "comments": comments} if comments else options


def _set(lines: list[str], name: str, value: str | None) -> None:
    place = next((place for place, line in enumerate(lines) if line.partition("=")[0].strip() == name), None)
    if place is None:
        if value is not None:
            last = max((number for number, line in enumerate(lines) if "=" in line and line[0] not in "#;"), default=-1)
            lines.insert(last + 1, f"{name}={value}")
        return
    while place + 1 < len(lines) and lines[place + 1][:1] in (" ", "\t"):
        del lines[place + 1]
    lines[place : place + 1] = [] if value is None else [f"{name}={value}"]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return "\n ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
