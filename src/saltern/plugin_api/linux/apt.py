"""Parsers of what apt-get and apt-cache print."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from saltern.plugin_api.packages import Changes

_UPDATE_LINE = re.compile(r"(Hit|Get|Ign|Err):\d+ (.+?)(?: \[[^\]]*\])?")
_UPDATE_RESULTS = {"Hit": None, "Get": True, "Ign": False, "Err": False}
_SIMULATED = re.compile(r"(Inst|Remv|Conf|Purg) (\S+)(?: \[([^\]]*)\])?(?: \((\S+))?")


class Policy(NamedTuple):
    """What apt would do with a package. `versions` are all that it knows, the newest first."""

    installed: str
    candidate: str
    versions: list[str]


def parse_update(text: str) -> dict[str, bool | None]:
    """`apt-get update`: source to True (fetched), None (nothing new) or False (failed, or left out)."""
    found: dict[str, bool | None] = {}
    for line in text.splitlines():
        match = _UPDATE_LINE.fullmatch(line.strip())
        if match:
            found[match[2]] = _UPDATE_RESULTS[match[1]]
    return found


def failed_sources(text: str) -> list[str]:
    """The sources of the `Err:` lines of `apt-get update`."""
    matches = (_UPDATE_LINE.fullmatch(line.strip()) for line in text.splitlines())
    return [match[2] for match in matches if match and match[1] == "Err"]


def parse_policy(text: str) -> dict[str, Policy]:
    """`apt-cache policy NAME…`; a package that apt does not know is not in it."""
    found: dict[str, Policy] = {}
    name = ""
    for line in text.splitlines():
        word = line.strip()
        if line[:1] not in (" ", "") and line.endswith(":"):
            name = line[:-1]
            found[name] = Policy("", "", [])
        elif word.startswith("Installed:") and name:
            found[name] = found[name]._replace(installed=_version(word))
        elif word.startswith("Candidate:") and name:
            found[name] = found[name]._replace(candidate=_version(word))
        elif name and line.startswith(("     ", " *** ")) and line[5:6] != " ":
            found[name].versions.append(line[5:].split()[0])
    return found


def parse_dump(text: str) -> dict[str, list[str]]:
    """`apt-cache dump`: every package that has versions."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("Package: "):
            name = line[9:]
        elif line.startswith(" Version: ") and name:
            found.setdefault(name, []).append(line[10:])
    return found


def parse_simulation(text: str) -> dict[str, dict[str, str]]:
    """`apt-get --just-print …`: what would be installed and removed, `{"Inst": {name: version}, "Remv": {…}}`."""
    found: dict[str, dict[str, str]] = {"Inst": {}, "Remv": {}, "Conf": {}, "Purg": {}}
    for line in text.splitlines():
        match = _SIMULATED.match(line)
        if match:
            found[match[1]][match[2]] = match[4] or match[3] or ""
    return found


def changes_of(foreseen: Iterable[dict[str, dict[str, str]]], now: Mapping[str, str]) -> Changes:
    """What simulated commands would change of the packages that are there `now`."""
    found: Changes = {}
    for one in foreseen:
        for name, version in one["Inst"].items():
            found[name] = {"old": now.get(name, ""), "new": version}
        for name in (*one["Remv"], *one["Purg"]):
            if name in now:
                found[name] = {"old": now[name], "new": ""}
    return found


def _version(word: str) -> str:
    value = word.partition(":")[2].strip()
    return "" if value == "(none)" else value
