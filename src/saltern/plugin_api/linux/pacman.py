"""Parsers of what pacman prints."""

from __future__ import annotations

import re

LOCAL_DATABASE = "/var/lib/pacman/local"

_UPGRADE = re.compile(r"(\S+) (\S+) -> (\S+)")


def parse_pairs(text: str) -> dict[str, str]:
    """`pacman -Q`: name to version. Warnings are no packages."""
    rows = (line.split(" ") for line in text.splitlines() if not line.startswith(("warning:", "error:")))
    return {row[0]: row[1] for row in rows if len(row) == 2}


def parse_upgrades(text: str) -> dict[str, str]:
    """`pacman -Qu`: name to new version, without those that are ignored."""
    matches = (_UPGRADE.fullmatch(line.strip()) for line in text.splitlines())
    return {match[1]: match[3] for match in matches if match}


def parse_sync(text: str) -> list[tuple[str, str, str]]:
    """`pacman -Sl`: repository, name and version."""
    rows = (line.split(" ") for line in text.splitlines())
    return [(row[0], row[1], row[2]) for row in rows if len(row) >= 3 and row[0] != "warning:"]


def parse_refresh(text: str) -> dict[str, bool | None]:
    """`pacman -Sy`: database to True (fetched) or None (up to date)."""
    found: dict[str, bool | None] = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) > 1 and not line.startswith(("::", "error", "warning")):
            found[words[0]] = None if "up to date" in line else True
    return found


def parse_files(text: str) -> dict[str, list[str]]:
    """`pacman -Ql`: name to paths."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, _, path = line.partition(" ")
        if path.startswith("/"):
            found.setdefault(name, []).append(path)
    return found


def parse_groups(text: str) -> dict[str, list[str]]:
    """`pacman -Sgg` and `pacman -Qg`: group to names."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) == 2 and words[0] != "warning:":
            found.setdefault(words[0], []).append(words[1])
    return found


def errors(text: str) -> list[str]:
    """The lines that tell of errors."""
    return [line for line in text.splitlines() if line.startswith("error:")]
