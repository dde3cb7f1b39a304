"""From an `os-release` file (freedesktop.org, os-release(5)) to the names by which Salt calls a distribution.

Names, families and fingers are Salt's, so that a tree written for Salt finds the same `os_family` here.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

_OS_OF_ID = {
    "almalinux": "AlmaLinux",
    "alpine": "Alpine",
    "amzn": "Amazon",
    "arch": "Arch",
    "centos": "CentOS",
    "cloudlinux": "CloudLinux",
    "debian": "Debian",
    "devuan": "Devuan",
    "fedora": "Fedora",
    "gentoo": "Gentoo",
    "kali": "Kali",
    "linuxmint": "Mint",
    "manjaro": "Manjaro",
    "nixos": "NixOS",
    "ol": "OEL",
    "opensuse": "SUSE",
    "opensuse-leap": "SUSE",
    "opensuse-tumbleweed": "SUSE",
    "photon": "VMware Photon OS",
    "pop": "Pop",
    "raspbian": "Raspbian",
    "rhel": "RedHat",
    "rocky": "Rocky",
    "sled": "SUSE",
    "sles": "SUSE",
    "sles_sap": "SUSE",
    "ubuntu": "Ubuntu",
    "virtuozzo": "Virtuozzo",
    "void": "Void",
}

_FAMILIES = {
    "Alpine": ("Alpine",),
    "Arch": ("Arch", "Manjaro"),
    "Debian": ("Debian", "Devuan", "Kali", "Mint", "Pop", "Raspbian", "Ubuntu"),
    "RedHat": (
        "AlmaLinux",
        "Amazon",
        "CentOS",
        "CentOS Stream",
        "CloudLinux",
        "Fedora",
        "OEL",
        "RedHat",
        "Rocky",
        "VMware Photon OS",
        "Virtuozzo",
    ),
    "Suse": ("SUSE",),
}
_FAMILY_OF_OS = {os: family for family, members in _FAMILIES.items() for os in members}

_FINGER_BY_OS = {"Debian", "Raspbian"}
_FINGER_BY_RELEASE = {"NixOS", "Pop", "Ubuntu"}


def parse(text: str) -> dict[str, str]:
    """The assignments of the file; quotes are taken off as a shell would."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            found[name] = _unquote(value)
    return found


def describe(fields: Mapping[str, str], release_text: str = "") -> dict[str, Any]:
    """The `os*` and `lsb_distrib_*` grains.

    `release_text` is the content of the distribution's own file (`/etc/debian_version`, `/etc/centos-release`): it
    knows the release where `os-release` does not.
    """
    name = fields.get("NAME", "Linux").strip()
    os = _os_name(fields.get("ID", ""), name)
    full_name = "Leap" if name == "openSUSE Leap" else name
    release = _release(fields, os, release_text)
    return {
        "os": os,
        "os_family": _FAMILY_OF_OS.get(os, os),
        "oscodename": _codename(fields, from_version=("almalinux", "rhel", "rocky")),
        "osfullname": full_name,
        "osrelease": release,
        **_lsb(fields, name),
        **_release_parts(os, full_name, release),
    }


def _unquote(value: str) -> str:
    try:
        return "".join(shlex.split(value))
    except ValueError:
        return value.strip("\"'")


def _os_name(id_: str, name: str) -> str:
    if name == "CentOS Stream":
        return name
    return _OS_OF_ID.get(id_) or name.replace(" Linux", "")


def _release(fields: Mapping[str, str], os: str, release_text: str) -> str:
    release = fields.get("VERSION_ID", "")
    if os == "CentOS" and (precise := re.search(r"\d+(\.\d+)+", release_text)):
        return precise[0]
    return release or (release_text.strip() if os == "Debian" else "") or "n/a"


def _release_parts(os: str, full_name: str, release: str) -> dict[str, Any]:
    parts = [int(part) if part.isdigit() else part for part in release.split(".")]
    major = {"osmajorrelease": parts[0]} if isinstance(parts[0], int) else {}
    finger_name = os if os in _FINGER_BY_OS else full_name
    finger_release = release if os in _FINGER_BY_RELEASE else parts[0]
    return {"osrelease_info": parts, **major, "osfinger": f"{finger_name}-{finger_release}"}


def _lsb(fields: Mapping[str, str], name: str) -> dict[str, str]:
    found = {"lsb_distrib_id": name, "lsb_distrib_codename": _codename(fields, from_version=("almalinux", "rocky"))}
    if "VERSION_ID" in fields:
        found["lsb_distrib_release"] = fields["VERSION_ID"]
    return found


def _codename(fields: Mapping[str, str], *, from_version: tuple[str, ...]) -> str:
    """The code name; some distributions have it in brackets in `VERSION` only, and the rest have none of their own."""
    if "VERSION_CODENAME" in fields:
        return fields["VERSION_CODENAME"]
    in_brackets = re.search(r"\((.+)\)", fields.get("VERSION", ""))
    if in_brackets and fields.get("ID") in from_version:
        return in_brackets[1]
    return fields.get("PRETTY_NAME", "")
