"""Parsers of what dpkg and its companions print, and the questions that are put to them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

LIST_FORMAT = "${db:Status-Want} ${db:Status-Status} ${Package} ${Version} ${Architecture}\n"
STATUS_FILE = "/var/lib/dpkg/status"
INFO_DIRECTORY = "/var/lib/dpkg/info"

_FIELDS = {
    "package": "${Package}",
    "architecture": "${Architecture}",
    "maintainer": "${Maintainer}",
    "source": "${source:Package}",
    "version": "${Version}",
    "section": "${Section}",
    "homepage": "${Homepage}",
    "status": "${db:Status-Abbrev}",
    "description": "${Description}",
}
_FIELD_END = "\x1f"
_RECORD_END = "\x1e"
# dpkg itself writes no control characters into these fields.
INFO_FORMAT = _FIELD_END.join(_FIELDS.values()) + _RECORD_END


class Package(NamedTuple):
    """One package as dpkg knows it; `want` is its selection (`install`, `hold`, …), `status` what it is."""

    want: str
    status: str
    name: str
    version: str
    arch: str

    def name_on(self, machine_arch: str) -> str:
        """The name, with the architecture behind it when it is a foreign one."""
        return self.name if self.arch in (machine_arch, "all", "") else f"{self.name}:{self.arch}"


def parse_list(text: str) -> list[Package]:
    """What `dpkg-query` prints with `LIST_FORMAT`. A package without version (only selected) is left out."""
    rows = (line.split(" ") for line in text.splitlines())
    return [Package(*row) for row in rows if len(row) == 5 and row[3]]


def parse_info(text: str) -> dict[str, dict[str, str]]:
    """What `dpkg-query` prints with `INFO_FORMAT`, by name; fields without value are left out."""
    found: dict[str, dict[str, str]] = {}
    for record in text.split(_RECORD_END):
        values = record.split(_FIELD_END)
        if len(values) != len(_FIELDS):
            continue
        fields = {name: value.strip() for name, value in zip(_FIELDS, values, strict=True) if value.strip()}
        if "description" in fields:
            fields["description"] += "\n"
        found[fields["package"]] = fields
    return found


def parse_selections(text: str) -> dict[str, list[str]]:
    """What `dpkg --get-selections` prints: selection to names."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) == 2:
            found.setdefault(words[1], []).append(words[0])
    return found


def parse_owners(text: str) -> list[str]:
    """The packages in what `dpkg-query -S` prints; diversions are none."""
    found: list[str] = []
    for line in text.splitlines():
        names, colon, _ = line.rpartition(": ")
        if colon and not line.startswith("diversion by "):
            found += [name.strip() for name in names.split(",")]
    return found


def parse_control(text: str) -> list[dict[str, str]]:
    """The stanzas of a control file or of `apt-cache show`; of folded values the first line, of lists all."""
    stanzas: list[dict[str, str]] = [{}]
    name = ""
    for line in text.splitlines():
        if not line.strip():
            stanzas.append({})
        elif line[0] in " \t":
            if name and (not stanzas[-1][name] or stanzas[-1][name].endswith(",")):
                stanzas[-1][name] = f"{stanzas[-1][name]} {line.strip()}".strip()
        else:
            name, _, value = line.partition(":")
            stanzas[-1][name] = value.strip()
    return [stanza for stanza in stanzas if stanza]


def licences(copyright_text: str) -> str:
    """The licences that a package's copyright file in machine-readable form names, sorted."""
    lines = (line.partition(":") for line in copyright_text.splitlines())
    return ", ".join(sorted({value.strip() for name, _, value in lines if name == "License" and value.strip()}))


def deb_file_parts(file_name: str) -> tuple[str, str, str] | None:
    """Name, version and architecture in the name of a `.deb` file in apt's cache."""
    parts = file_name.removesuffix(".deb").replace("%3a", ":").split("_")
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 and file_name.endswith(".deb") else None


def base_names(packages: Iterable[str], machine_arch: str) -> list[str]:
    return [name.removesuffix(f":{machine_arch}").removesuffix(":all") for name in packages]
