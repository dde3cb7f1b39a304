"""Packages of kernels on Debian and Ubuntu: which are installed, which one runs, what is newer."""

from __future__ import annotations

import functools
import re
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Grains
from saltern.plugin_api.program import ask

__salt__: Functions
__grains__: Grains
__virtualname__ = "kernelpkg"

_RELEASE = re.compile(r"[\d.-]+-(.+)")
"""A release and its kind, for which there is a package that needs the newest kernel: 6.1.0-9-amd64, `amd64`."""


def __virtual__() -> str | tuple[bool, str]:
    if __grains__.get("os_family") == "Debian":
        return __virtualname__
    return False, "kernelpkg is for hosts with apt"


def active() -> str:
    """The release of the kernel that runs.

    CLI Example::

        saltern run '*' kernelpkg.active
    """
    return str(__grains__["kernelrelease"])


def list_installed() -> list[str]:
    """The releases of the kernels of this kind that are installed, the oldest first.

    CLI Example::

        saltern run '*' kernelpkg.list_installed
    """
    is_kernel = re.compile(rf"linux-image-([\d.-]+-{re.escape(_kind())})").fullmatch
    found = [match[1] for name in __salt__["pkg.list_pkgs"](versions_as_list=True) if (match := is_kernel(name))]
    return sorted(found, key=functools.cmp_to_key(_compared))


def latest_available() -> str:
    """The release of the newest kernel that can be installed, or is; the lists of packages are fetched anew.

    CLI Example::

        saltern run '*' kernelpkg.latest_available
    """
    __salt__["pkg.refresh_db"]()
    answer = ask(["apt-cache", "show", "--no-all-versions", f"linux-image-{_kind()}"])
    needs = [line.partition(":")[2] for line in answer.stdout.splitlines() if line.startswith("Depends:")]
    names = (part.split()[0] for line in needs for part in re.split(r"[,|]", line) if part.strip())
    kernels = [name.removeprefix("linux-image-") for name in names if re.match(r"linux-image-\d", name)]
    return kernels[0] if kernels else latest_installed()


def latest_installed() -> str:
    """The release of the newest kernel that is installed, which may not run yet; empty when none is.

    CLI Example::

        saltern run '*' kernelpkg.latest_installed
    """
    return next(reversed(list_installed()), "")


def needs_reboot() -> bool:
    """Whether a newer kernel is installed than the one that runs.

    CLI Example::

        saltern run '*' kernelpkg.needs_reboot
    """
    newest = latest_installed()
    return bool(newest) and _compared(active(), newest) < 0


def upgrade_available() -> bool:
    """Whether there is a newer kernel than the installed ones.

    CLI Example::

        saltern run '*' kernelpkg.upgrade_available
    """
    newest, installed = latest_available(), latest_installed()
    return bool(newest) and (not installed or _compared(newest, installed) > 0)


def upgrade(reboot: bool = False, at_time: int | str | None = None) -> dict[str, Any]:
    """Install the newest kernel; with `reboot` start the host anew, in `at_time` minutes, if that one does not run.

    CLI Example::

        saltern run '*' kernelpkg.upgrade
        saltern run '*' kernelpkg.upgrade reboot=True at_time=1
    """
    newest = latest_available()
    if not newest:
        raise CommandExecutionError(f"apt knows no package linux-image-{_kind()}, and no kernel is installed")
    upgrades = __salt__["pkg.install"](name=f"linux-image-{newest}")
    is_needed = needs_reboot()
    if reboot and is_needed:
        __salt__["system.reboot"](at_time)
    return {
        "upgrades": upgrades,
        "active": active(),
        "latest_installed": latest_installed(),
        "reboot_requested": reboot,
        "reboot_required": is_needed,
    }


def remove(release: str) -> dict[str, list[str]]:
    """Purge the package of a kernel that does not run; its name is in `removed`.

    CLI Example::

        saltern run '*' kernelpkg.remove 4.4.0-70-generic
    """
    if release not in list_installed():
        raise CommandExecutionError(f"Kernel release '{release}' is not installed")
    if release == active():
        raise CommandExecutionError("Active kernel cannot be removed")
    package = f"linux-image-{release}"
    __salt__["pkg.purge"](package)
    return {"removed": [package]}


def cleanup(keep_latest: bool = True) -> dict[str, list[str]]:
    """Purge the packages of all kernels but the one that runs and, unless `keep_latest` is False, the newest.

    CLI Example::

        saltern run '*' kernelpkg.cleanup
    """
    kept = {active(), latest_installed()} if keep_latest else {active()}
    gone = [release for release in list_installed() if release not in kept]
    return {"removed": [package for release in gone for package in remove(release)["removed"]]}


def _kind() -> str:
    match = _RELEASE.fullmatch(active())
    if match is None:
        raise CommandExecutionError(f"The running kernel {active()} is none of the distribution's")
    return match[1]


def _compared(one: str, other: str) -> int:
    return int(__salt__["pkg.version_cmp"](one, other) or 0)
