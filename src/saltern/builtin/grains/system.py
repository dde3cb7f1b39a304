"""The kernel, the distribution and the init system."""

from __future__ import annotations

import os
import re
import sys
from typing import Any

from saltern.plugin_api.linux import os_release, proc
from saltern.plugin_api.linux.files import read_text

__grains_keys__ = {
    "kernel": ("kernel", "nodename", "kernelrelease", "kernelversion", "cpuarch"),
    "kernel_parameters": ("kernelparams",),
    "distribution": (
        "os",
        "os_family",
        "oscodename",
        "osfullname",
        "osrelease",
        "osrelease_info",
        "osmajorrelease",
        "osfinger",
        "osarch",
        "lsb_distrib_id",
        "lsb_distrib_codename",
        "lsb_distrib_release",
    ),
    "init": ("init",),
    "systemd": ("systemd",),
    "transactional": ("transactional",),
    "process_listing": ("ps",),
}

_SYSTEMCTL_SECONDS = 2.0
_RELEASE_FILES = {"debian": "/etc/debian_version", "centos": "/etc/centos-release"}
_DEBIAN_ARCHITECTURES = {
    "x86_64": "amd64",
    "aarch64": "arm64",
    "i386": "i386",
    "i586": "i386",
    "i686": "i386",
    "armv6l": "armel",
    "armv7l": "armhf",
    "armv8l": "armhf",
    "ppc64le": "ppc64el",
}
_INIT_PROGRAMS = {
    "systemd": "systemd",
    "upstart": "upstart",
    "openrc-init": "openrc",
    "runit": "runit",
    "runit-init": "runit",
    "supervisord": "supervisord",
    "dumb-init": "dumb-init",
    "tini": "tini",
    "docker-init": "tini",
}


def kernel() -> dict[str, str]:
    name = os.uname()
    return {
        "kernel": name.sysname,
        "nodename": name.nodename,
        "kernelrelease": name.release,
        "kernelversion": name.version,
        "cpuarch": name.machine,
    }


def kernel_parameters() -> dict[str, Any]:
    return {"kernelparams": proc.parse_cmdline(read_text("/proc/cmdline"))}


def distribution() -> dict[str, Any]:
    fields = os_release.parse(read_text("/etc/os-release") or read_text("/usr/lib/os-release"))
    release_file = _RELEASE_FILES.get(fields.get("ID", ""))
    found = os_release.describe(fields, read_text(release_file) if release_file else "")
    return {**found, "osarch": _architecture(found["os_family"])}


def init() -> dict[str, str]:
    """The init system: `systemd`, `openrc`, `sysvinit`, …; `unknown` for a program that is not known as one."""
    if os.path.isdir("/run/systemd/system"):
        return {"init": "systemd"}
    if os.path.exists("/run/openrc/softlevel"):
        return {"init": "openrc"}
    program = os.path.basename(read_text("/proc/1/cmdline").partition("\0")[0].partition(" ")[0])
    if program == "init":
        program = os.path.basename(os.path.realpath("/sbin/init"))
        return {"init": _INIT_PROGRAMS.get(program, "sysvinit")}
    return {"init": _INIT_PROGRAMS.get(program, "unknown")}


def systemd() -> dict[str, Any]:
    """Version and build features; only the program itself knows them."""
    from saltern.plugin_api import process  # only this grain runs a program

    try:
        done = process.run(["systemctl", "--version"], timeout=_SYSTEMCTL_SECONDS)
    except OSError:
        return {}
    first, _, rest = process.text_of(done.stdout, strip=True).partition("\n")
    version = re.search(r"\d+", first)
    return {"systemd": {"version": version[0], "features": rest}} if version else {}


def transactional() -> dict[str, bool]:
    """Whether the root file system is changed by transactions only (SUSE MicroOS and its like)."""
    return {"transactional": os.path.exists("/usr/sbin/transactional-update")}


def process_listing() -> dict[str, str]:
    """The command that lists processes."""
    return {"ps": "ps -efHww"}


def _architecture(family: str) -> str:
    """The architecture of the packages, which is that of the user space."""
    machine = os.uname().machine
    if machine == "x86_64" and sys.maxsize < 2**32:
        machine = "i686"
    return _DEBIAN_ARCHITECTURES.get(machine, machine) if family == "Debian" else machine
