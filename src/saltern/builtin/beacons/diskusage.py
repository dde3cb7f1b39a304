"""Tells when a file system is fuller than it should be.

::

    beacons:
      diskusage:
        - /: 63%
        - '^/(?!home).*$': 90%

A name is a mount point, a glob, or with `^` before it and `$` behind it a regular expression.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from saltern.plugin_api.beacon_options import GOOD, Verdict, is_list, options_of, percent

_NOT_MOUNTS = ("interval", "disable_during_state_run", "enabled", "beacon_module", "run_once", "_beacon_name")


def validate(config: Any) -> Verdict:
    """Whether each mount point has a percentage."""
    if not (form := is_list(config, "diskusage"))[0]:
        return form
    try:
        for _, wanted in _wanted(config):
            percent(wanted)
    except ValueError as error:
        return False, f"Configuration for diskusage beacon: {error}"
    return GOOD


def beacon(config: Any) -> list[dict[str, Any]]:
    """The usage in percent of each mount point that is above its bound."""
    import psutil

    mounts = [part.mountpoint for part in psutil.disk_partitions(all=True)]
    found = []
    for name, bound in _wanted(config):
        for mount in [one for one in mounts if _is_meant(name, one)]:
            try:
                used = psutil.disk_usage(mount).percent
            except OSError:
                continue  # it went meanwhile, or is not ours to look at
            if used >= percent(bound):
                found.append({"diskusage": used, "mount": mount})
    return found


def _wanted(config: Any) -> Iterator[tuple[str, Any]]:
    for name, bound in options_of(config).items():
        if name not in _NOT_MOUNTS:
            yield str(name), bound


def _is_meant(name: str, mount: str) -> bool:
    if name.startswith("^"):
        return re.match(name, mount) is not None
    return mount == name or fnmatchcase(mount, name)
