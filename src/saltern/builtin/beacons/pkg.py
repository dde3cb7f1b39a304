"""Tells when packages are installed, removed, or have a newer version.

::

    beacons:
      pkg:
        - pkgs:
            - zsh
            - apache2
        - refresh: True
"""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Context, Functions
from saltern.plugin_api.beacon_options import GOOD, Verdict, is_list, options_of

__salt__: Functions
__context__: Context


def validate(config: Any) -> Verdict:
    """Whether `pkgs` is a list."""
    if not (form := is_list(config, "pkg"))[0]:
        return form
    if not isinstance(options_of(config).get("pkgs"), list):
        return False, "Configuration for pkg beacon requires list of pkgs."
    return GOOD


def beacon(config: Any) -> list[dict[str, Any]]:
    """Each package whose status is another one than at the last look; with `refresh` the lists are fetched before."""
    options = options_of(config)
    refresh = bool(options.get("refresh"))
    found = []
    for name in options["pkgs"]:
        status, version = _status(name, refresh=refresh)
        refresh = False
        key = f"pkg {options.get('_beacon_name')} {name}"
        before = __context__.get(key, status)
        __context__[key] = status
        if status != before:
            found.append({"pkg": name, "version": version, "status": status})
    return found


def _status(name: str, *, refresh: bool) -> tuple[str, str | None]:
    """`not-installed`, `installed`, or `upgrade` where there is a newer version; the version that this is about."""
    installed = __salt__["pkg.version"](name)
    if not installed:
        return "not-installed", None
    newest = __salt__["pkg.latest_version"](name, refresh=refresh)
    return ("upgrade", newest) if newest else ("installed", installed)
