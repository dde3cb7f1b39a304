"""Parsers of what rpm prints, and the questions that are put to it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

DATABASE = tuple(
    f"{directory}/{name}"
    for directory in ("/usr/lib/sysimage/rpm", "/var/lib/rpm")
    for name in ("rpmdb.sqlite", "rpmdb.sqlite-wal", "Packages.db", "Packages")
)
"""The files of which one changes when packages change."""

_END = "\x1f"
_RECORD = "\x1e"
LIST_FORMAT = "%{NAME} %|EPOCH?{%{EPOCH}}:{0}| %{VERSION} %{RELEASE} %{ARCH} %{INSTALLTIME}\n"

_TAGS = {
    "name": "%{NAME}",
    "epoch": "%|EPOCH?{%{EPOCH}}|",
    "version": "%{VERSION}",
    "release": "%{RELEASE}",
    "arch": "%{ARCH}",
    "vendor": "%|VENDOR?{%{VENDOR}}|",
    "build_date_time_t": "%{BUILDTIME}",
    "install_date_time_t": "%{INSTALLTIME}",
    "build_host": "%{BUILDHOST}",
    "group": "%{GROUP}",
    "source": "%{SOURCERPM}",
    "size": "%{SIZE}",
    "license": "%{LICENSE}",
    "signature": "%|DSAHEADER?{%{DSAHEADER:pgpsig}}:{%|RSAHEADER?{%{RSAHEADER:pgpsig}}:{(none)}|}|",
    "packager": "%|PACKAGER?{%{PACKAGER}}|",
    "url": "%|URL?{%{URL}}|",
    "summary": "%{SUMMARY}",
    "description": "%{DESCRIPTION}",
}
INFO_FORMAT = _END.join(_TAGS.values()) + _RECORD

_ARCHES_32 = ("i386", "i486", "i586", "i686", "athlon", "geode")
_ARCHES = (
    *_ARCHES_32,
    *("x86_64", "amd64", "noarch", "aarch64", "armv7hl", "armv6hl", "ppc", "ppc64", "ppc64le", "s390", "s390x"),
    *("riscv64", "src", "ia64", "loongarch64"),
)
_TESTS = {
    "S": ("size", "size"),
    "M": ("mode", "mode"),
    "5": ("md5sum", "checksum"),
    "D": ("device", "device"),
    "L": ("readlink", "symlink"),
    "U": ("user", "owner"),
    "G": ("group", "group"),
    "T": ("mtime", "time"),
    "P": ("capabilities", "capabilities"),
}
_TYPES = {"c": "config", "d": "doc", "g": "ghost", "l": "license", "r": "readme", "a": "artifact"}
_VERIFIED = re.compile(r"(missing|[SM5DLUGTP?.]{8,9})\s+(?:([cdglra])\s+)?(/.*?)(?: \([^)]*\))?")


class Package(NamedTuple):
    """One installed package; `epoch` is `0` where there is none."""

    name: str
    epoch: str
    version: str
    release: str
    arch: str
    installed: int

    def name_on(self, machine_arch: str) -> str:
        """The name, with the architecture behind it when it is a foreign one."""
        return qualified_name(self.name, self.arch, machine_arch)

    @property
    def evr(self) -> str:
        front = "" if self.epoch == "0" else f"{self.epoch}:"
        return f"{front}{self.version}-{self.release}"

    def described(self) -> dict[str, Any]:
        """The attributes that `pkg.list_pkgs attr=` can name; `version` is without release there."""
        return {
            "epoch": None if self.epoch == "0" else self.epoch,
            "version": self.version,
            "release": self.release,
            "arch": self.arch,
            "install_date": _date(self.installed),
            "install_date_time_t": self.installed,
        }


class Mismatch(NamedTuple):
    """A file that is not as its package had it: the letters of the tests that failed; `missing` has none."""

    path: str
    missing: bool
    letters: str
    kind: str

    def verified(self) -> dict[str, Any]:
        found: dict[str, Any] = {"missing": True} if self.missing else {"mismatch": self._words(0)}
        return {**found, "type": _TYPES[self.kind]} if self.kind else found

    def modified(self) -> list[str]:
        return [*self._words(1), *([_TYPES[self.kind]] if self.kind else [])]

    def _words(self, place: int) -> list[str]:
        return [_TESTS[letter][place] for letter in self.letters if letter in _TESTS]


def parse_list(text: str) -> list[Package]:
    """What `rpm --query` prints with `LIST_FORMAT`; keys are packages too, with the architecture `(none)`."""
    rows = (line.split(" ") for line in text.splitlines())
    return [
        Package(row[0], row[1], row[2], row[3], row[4], int(row[5]))
        for row in rows
        if len(row) == 6 and row[5].isdigit()
    ]


def parse_info(text: str) -> list[dict[str, Any]]:
    """What `rpm --query` prints with `INFO_FORMAT`, with dates beside the seconds; the newest of a name first."""
    found: list[dict[str, Any]] = []
    for record in text.split(_RECORD):
        values = record.lstrip("\n").split(_END)
        if len(values) != len(_TAGS):
            continue
        fields: dict[str, Any] = {name: value for name, value in zip(_TAGS, values, strict=True) if value}
        for moment in ("build_date", "install_date"):
            seconds = fields.get(f"{moment}_time_t", "")
            if seconds.isdigit():
                fields[f"{moment}_time_t"] = int(seconds)
                fields[moment] = _date(int(seconds))
        found.append(fields)
    return found


def parse_verification(text: str) -> list[Mismatch]:
    """What `rpm --verify` prints."""
    matches = (_VERIFIED.fullmatch(line) for line in text.splitlines())
    return [
        Mismatch(match[3], match[1] == "missing", "" if match[1] == "missing" else match[1], match[2] or "")
        for match in matches
        if match
    ]


def split_arch(name: str) -> tuple[str, str]:
    """Name and architecture of `name.arch`; the architecture is empty where the end is none that is known."""
    base, dot, arch = name.rpartition(".")
    return (base, arch) if dot and arch in _ARCHES else (name, "")


def qualified_name(name: str, arch: str, machine_arch: str) -> str:
    native = arch in (machine_arch, "noarch", "(none)", "") or {arch, machine_arch} <= set(_ARCHES_32)
    return name if native else f"{name}.{arch}"


def normal_name(name: str, machine_arch: str) -> str:
    """The name without the architecture, if that is the machine's own."""
    base, arch = split_arch(name)
    return qualified_name(base, arch, machine_arch) if arch else name


def with_edition(fields: dict[str, Any]) -> dict[str, Any]:
    edition = f"{fields.get('epoch', '0')}:{fields['version']}-{fields['release']}"
    return {**fields, "edition": edition}


def only(fields: dict[str, Any], wanted: Iterable[str]) -> dict[str, Any]:
    """The fields that are wanted; `source_rpm` is another word for `source`, `*_iso` for a date."""
    names = {"source" if name == "source_rpm" else name.removesuffix("_iso") for name in wanted}
    return {name: value for name, value in fields.items() if name in names}


def _date(seconds: int) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
