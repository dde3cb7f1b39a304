"""The init scripts of System V: which there are, and which are started at boot."""

from __future__ import annotations

import os
import re
from pathlib import Path

DIRECTORIES = ("/etc/init.d", "/etc/rc.d/init.d")
_RUNLEVELS = ("S", "2", "3", "4", "5")
_START_LINK = re.compile(r"S\d\d(.+)")
_NO_SERVICES = ("README", "functions", "skeleton", "rc", "rcS", "halt", "killall", "single", "netconsole")


def names() -> list[str]:
    """The names of all init scripts, sorted."""
    found = (path for directory in DIRECTORIES for path in Path(directory).glob("*"))
    return sorted({path.name for path in found if _is_script(path)})


def script(name: str) -> str | None:
    """The path of an init script; None where there is none of that name."""
    if not name or "/" in name:
        return None
    paths = (Path(directory, name) for directory in DIRECTORIES)
    return next((str(path) for path in paths if _is_script(path)), None)


def started_at_boot() -> set[str]:
    """The names of the init scripts that a runlevel of a running system starts."""
    links = (
        path
        for level in _RUNLEVELS
        for base in ("/etc", "/etc/rc.d")
        for path in Path(f"{base}/rc{level}.d").glob("S*")
    )
    matches = (_START_LINK.fullmatch(link.name) for link in links)
    return {match[1] for match in matches if match}


def parse_chkconfig(text: str) -> dict[str, bool]:
    """`chkconfig --list`: service to whether it is started in the runlevels 3 or 5, or by xinetd."""
    found: dict[str, bool] = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) == 8 and words[1].startswith("0:"):
            found[words[0]] = "3:on" in words or "5:on" in words
        elif len(words) == 2 and words[1] in ("on", "off") and words[0].endswith(":"):
            found[words[0].rstrip(":")] = words[1] == "on"
    return found


def parse_runlevels(text: str) -> dict[str, list[str]]:
    """`rc-update -v show` of OpenRC: service to its runlevels."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, bar, levels = line.partition("|")
        if bar and name.strip():
            found[name.strip()] = levels.split()
    return found


def _is_script(path: Path) -> bool:
    return path.name not in _NO_SERVICES and "." not in path.name[:1] and path.is_file() and os.access(path, os.X_OK)
