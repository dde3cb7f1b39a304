"""What kind of system this is."""

from __future__ import annotations

import sys


def is_linux() -> bool:
    return sys.platform.startswith("linux")


def is_darwin() -> bool:
    return sys.platform.startswith("darwin")


def is_windows() -> bool:
    return sys.platform.startswith("win")


def is_freebsd() -> bool:
    return sys.platform.startswith("freebsd")


def is_netbsd() -> bool:
    return sys.platform.startswith("netbsd")


def is_openbsd() -> bool:
    return sys.platform.startswith("openbsd")


def is_sunos() -> bool:
    return sys.platform.startswith("sunos")


def is_aix() -> bool:
    return sys.platform.startswith("aix")


def is_smartos() -> bool:
    return False


def is_proxy() -> bool:
    """Whether this process speaks for a device that cannot run a minion. Never, so far."""
    return False


def is_fedora() -> bool:
    return _os_release_id() == "fedora"


def is_photonos() -> bool:
    return _os_release_id() == "photon"


def is_aarch64() -> bool:
    import platform

    return platform.machine() == "aarch64"


def _os_release_id() -> str:
    import platform

    try:
        return platform.freedesktop_os_release().get("ID", "")
    except OSError:
        return ""
