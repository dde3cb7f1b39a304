"""Parsers of what dnf and yum print, and the options that both understand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from saltern.plugin_api.linux import rpm
from saltern.plugin_api.packages import words_of

_LOCK = re.compile(r"(?P<name>[\w+.-]+?)-(?:(?P<epoch>\d+):)?(?P<version>[^-\s]+)-(?P<release>[^-\s]+?)(?:\.\*)?")
_LOCK_OLD = re.compile(r"(?P<epoch>\d+):(?P<name>.+)-(?P<version>[^-\s]+)-(?P<release>[^-\s]+?)(?:\.\*)?")
_NOT_PASSED_ON = (
    *("name", "pkgs", "refresh", "fromrepo", "repo", "enablerepo", "disablerepo", "disableexcludes", "branch"),
    *("setopt", "version", "saltenv", "cache_valid_time", "split_arch", "diff_attr", "attr", "update_holds"),
)


class Row(NamedTuple):
    """One line of a list of packages; `repo` of an installed one begins with `@`."""

    name: str
    arch: str
    version: str
    repo: str

    @property
    def installed(self) -> bool:
        return self.repo.startswith("@") or self.repo == "installed"


def parse_list(text: str) -> list[Row]:
    """`dnf list …` and `dnf check-update`: packages only; what was wrapped (as yum does) is put together again."""
    joined: list[str] = []
    for line in text.splitlines():
        if line.startswith("Obsoleting"):
            break
        if line[:1] in (" ", "\t") and joined:
            joined[-1] += f" {line}"
        else:
            joined.append(line)
    found: list[Row] = []
    for line in joined:
        words = line.split()
        name, arch = rpm.split_arch(words[0]) if words else ("", "")
        if len(words) == 3 and arch:
            found.append(Row(name, arch, words[1].removeprefix("0:"), words[2]))
    return found


def parse_locks(text: str) -> dict[str, str]:
    """`dnf versionlock list` of all generations: name to version and release, with the epoch if it is not 0."""
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        word = line.strip()
        if word.startswith("Package name:"):
            name = word.partition(":")[2].strip()
        elif word.startswith("evr = ") and name:
            found[name] = word.removeprefix("evr = ").removeprefix("0:")
        else:
            match = _LOCK_OLD.fullmatch(word) or _LOCK.fullmatch(word)
            if match:
                epoch = f"{match['epoch']}:" if match["epoch"] not in (None, "0") else ""
                found[match["name"]] = f"{epoch}{match['version']}-{match['release']}"
    return found


def parse_groups(text: str) -> dict[str, Any]:
    """`dnf group list -v`: the names by what they are, languages with their details."""
    found: dict[str, Any] = {
        "installed": [],
        "available": [],
        "installed environments": [],
        "available environments": [],
        "available languages": {},
    }
    headings = {
        "installed groups:": "installed",
        "available groups:": "available",
        "installed environment groups:": "installed environments",
        "available environment groups:": "available environments",
        "available language groups:": "available languages",
    }
    section = ""
    for line in text.splitlines():
        heading = line.strip().lower()
        if heading in headings:
            section = headings[heading]
        elif section and line[:1] in (" ", "\t") and line.strip():
            name = re.sub(r"\s+\([^()]*\)$", "", line.strip())
            if section == "available languages":
                code = re.search(r"\[([^\]]*)\]", line)
                found[section][name] = {"name": name, "language": code[1] if code else ""}
            else:
                found[section].append(name)
        elif line.strip() and line[:1] not in (" ", "\t"):
            section = ""
    return found


def parse_group(text: str) -> dict[str, Any]:
    """`dnf group info NAME`: its packages, or the groups of an environment, by how much they belong to it."""
    found: dict[str, Any] = {"type": "package group", "group": "", "id": "", "description": ""}
    members: dict[str, list[str]] = {"mandatory": [], "default": [], "optional": [], "conditional": []}
    section = ""
    for line in text.splitlines():
        key, _, value = (part.strip() for part in line.partition(":"))
        low = key.lower()
        if low in ("group", "environment group"):
            found["type"] = "environment group" if low.startswith("environment") else "package group"
            found["group"] = value
        elif low in ("group-id", "environment-id"):
            found["id"] = value
        elif low == "description":
            found["description"] = value
        elif low.endswith((" packages", " groups")) and low.split()[0] in members:
            section = low.split()[0]
        elif section and line[:1] in (" ", "\t") and line.strip():
            members[section].append(line.strip().lstrip("+-=* "))
    return {**found, **{name: sorted(set(listed)) for name, listed in members.items()}}


def repo_options(arguments: Mapping[str, Any]) -> list[str]:
    """The options for `fromrepo`, `enablerepo`, `disablerepo`, `disableexcludes`, `branch` and `setopt`."""
    fromrepo = arguments.get("fromrepo") or arguments.get("repo")
    if fromrepo:
        options = ["--disablerepo=*", *(f"--enablerepo={one}" for one in words_of(fromrepo))]
    else:
        options = [f"--disablerepo={one}" for one in words_of(arguments.get("disablerepo"))]
        options += [f"--enablerepo={one}" for one in words_of(arguments.get("enablerepo"))]
    options += [f"--disableexcludes={one}" for one in words_of(arguments.get("disableexcludes"))]
    options += [f"--branch={one}" for one in words_of(arguments.get("branch"))]
    options += [f"--setopt={one}" for one in words_of(arguments.get("setopt"))]
    return options


def other_options(arguments: Mapping[str, Any]) -> list[str]:
    """All other arguments as options: `security=True` is `--security`, `exclude=x` is `--exclude=x`."""
    given = {
        name: value for name, value in arguments.items() if not name.startswith("__") and value not in (None, False)
    }
    return [
        f"--{name}" if value is True else f"--{name}={value}"
        for name, value in given.items()
        if name not in _NOT_PASSED_ON
    ]


def by_name(rows: Iterable[Row], machine_arch: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(rpm.qualified_name(row.name, row.arch, machine_arch), []).append(row)
    return found
