"""Versions of Python under pyenv are installed, or are not; and pyenv itself is."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def installed(name: str, default: bool = False, user: str | None = None) -> dict[str, Any]:
    """A version is installed, and with `default` the one that is used where nothing else is said.

    pyenv is fetched where it is missing.
    """
    version = name.removeprefix("python-")
    try:
        there = __salt__["pyenv.is_installed"](user)
        has = there and version in __salt__["pyenv.versions"](user)
        changes: dict[str, Any] = {} if has else {version: "Installed"}
        now = __salt__["pyenv.default"](runas=user) if there else ""
        if default and now != version:
            changes["default"] = {"old": now, "new": version}
        if not changes:
            return result_of(name, True, "Requested python exists.")
        if __opts__["test"]:
            told = "would be the default" if has else "is set to be installed"
            return result_of(name, None, f"python {version} {told}", changes)
        reason = "" if has else _install(version, user, there=there)
        if reason:
            return result_of(name, False, reason)
        if "default" in changes:
            __salt__["pyenv.default"](version, runas=user)
    except CommandExecutionError as error:
        return result_of(name, False, str(error))
    return result_of(name, True, "Requested python exists." if has else "Successfully installed python", changes)


def _install(version: str, user: str | None, *, there: bool) -> str:
    """Install a version; what went wrong."""
    if not there and not __salt__["pyenv.install"](user):
        return "pyenv failed to install"
    return "Could not install python." if __salt__["pyenv.install_python"](version, runas=user) is False else ""


def absent(name: str, user: str | None = None) -> dict[str, Any]:
    """A version is not installed. Where it was the default, the system's is it then."""
    version = name.removeprefix("python-")
    try:
        if not __salt__["pyenv.is_installed"](user) or version not in __salt__["pyenv.versions"](user):
            return result_of(name, True, f"python {version} is already absent")
        changes = {version: "Uninstalled"}
        if __opts__["test"]:
            return result_of(name, None, f"python {version} is set to be uninstalled", changes)
        if __salt__["pyenv.default"](runas=user) == version:
            __salt__["pyenv.default"]("system", runas=user)
        if not __salt__["pyenv.uninstall_python"](version, runas=user):
            return result_of(name, False, "Failed to uninstall python")
    except CommandExecutionError as error:
        return result_of(name, False, str(error))
    return result_of(name, True, "Successfully removed python", changes)


def install_pyenv(name: str, user: str | None = None) -> dict[str, Any]:
    """pyenv is there, for all users or for one. `name` has no meaning."""
    if __salt__["pyenv.is_installed"](user):
        return result_of(name, True, "pyenv is already installed")
    if __opts__["test"]:
        return result_of(name, None, "pyenv is set to be installed", {name: "Installed"})
    if not __salt__["pyenv.install"](user):
        return result_of(name, False, "pyenv failed to install")
    return result_of(name, True, "Successfully installed pyenv", {name: "Installed"})
