"""Alpine's database of installed packages, and parsers of what apk prints."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

DATABASE = "/lib/apk/db/installed"

_UPGRADABLE = re.compile(r"(\S+)-(\d[^-\s]*-r\d+) \S+ .*\[upgradable from: .*\]")
_FIELDS = {
    "V": "version",
    "A": "arch",
    "S": "packaged_size",
    "I": "size",
    "T": "summary",
    "U": "url",
    "L": "license",
    "o": "source",
    "m": "packager",
}


@dataclass
class Package:
    """One installed package: its fields by `pkg.info_installed`'s names, and the paths of its files."""

    name: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)


def parse_installed(text: str) -> dict[str, Package]:
    """`/lib/apk/db/installed`: name to package."""
    found: dict[str, Package] = {}
    for block in text.split("\n\n"):
        package = Package()
        directory = ""
        for line in block.splitlines():
            key, _, value = line.partition(":")
            if key == "P":
                package.name = value
            elif key in _FIELDS:
                package.fields[_FIELDS[key]] = value
            elif key == "F":
                directory = value
            elif key == "R":
                package.files.append(f"/{directory}/{value}" if directory else f"/{value}")
        if package.name:
            found[package.name] = package
    return found


def parse_policy(text: str) -> dict[str, list[str]]:
    """`apk policy NAME…`: name to the versions that a repository has, in apk's order (the newest last)."""
    found: dict[str, list[str]] = {}
    name = version = ""
    for line in text.splitlines():
        word = line.strip()
        if line.endswith(" policy:"):
            name = line.removesuffix(" policy:")
            found[name] = []
        elif line.startswith("    "):
            # What is only installed cannot be had; a pin stands in front of the place (`@edge https://…`).
            if word != DATABASE.lstrip("/") and version and version not in found[name]:
                found[name].append(version)
        elif line.startswith("  ") and name:
            version = word.removesuffix(":")
    return found


def parse_upgradable(text: str) -> dict[str, str]:
    """`apk list --upgradable`: name to new version."""
    matches = (_UPGRADABLE.fullmatch(line.strip()) for line in text.splitlines())
    return {match[1]: match[2] for match in matches if match}


def parse_update(text: str) -> dict[str, bool]:
    """`apk update`: repository to whether its index could be fetched."""
    found: dict[str, bool] = {}
    for line in text.splitlines():
        url = re.search(r"\w+://\S+?(?=[\]:]?(?:\s|$))", line)
        if url:
            place = re.sub(r"/[^/]+/APKINDEX\.tar\.gz$", "", url[0].rstrip("]:"))
            found[place] = found.get(place, True) and not line.startswith(("ERROR", "WARNING"))
    return found
