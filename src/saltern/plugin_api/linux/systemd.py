"""What plugins need to know of systemd: whether it runs, and how a command leaves the minion's scope."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

UNIT_TYPES = ("service", "socket", "device", "mount", "automount", "swap", "target", "path", "timer", "slice", "scope")


def booted() -> bool:
    """Whether systemd is the init system that runs now (sd_booted(3))."""
    return Path("/run/systemd/system").is_dir()


def is_offline() -> bool:
    """Whether systemd is there and does not run, as in an image that is being built: units can be enabled only."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return not booted() and any(Path(folder, "systemctl").is_file() for folder in folders)


def serves() -> bool:
    """Whether services are systemd's, be it that it runs or not."""
    return booted() or is_offline()


def scoped(argv: Sequence[str], wanted: bool) -> list[str]:
    """The command in a scope of its own, where systemd runs and that is wanted.

    A package manager that restarts the minion's service must not be ended together with it.
    """
    return ["systemd-run", "--scope", "--quiet", *argv] if wanted and booted() else list(argv)


def unit_name(name: str) -> str:
    """The full name of a unit; one without a type is a service."""
    return name if name.endswith(tuple(f".{kind}" for kind in UNIT_TYPES)) else f"{name}.service"


def short_name(unit: str) -> str:
    """The name by which a unit is called: a service's without its type."""
    return unit.removesuffix(".service")


def parse_unit_files(text: str) -> dict[str, str]:
    """`systemctl list-unit-files --no-legend`: unit to state (`enabled`, `static`, …)."""
    rows = (line.split() for line in text.splitlines())
    return {row[0]: row[1] for row in rows if len(row) > 1 and unit_name(row[0]) == row[0]}


def parse_units(text: str) -> dict[str, tuple[str, str]]:
    """`systemctl list-units --plain --no-legend`: unit to active and sub state."""
    rows = (line.lstrip("●* ").split() for line in text.splitlines())
    return {row[0]: (row[2], row[3]) for row in rows if len(row) > 3}


def parse_properties(text: str) -> dict[str, Any]:
    """`systemctl show`: property to value; that of a structure (`ExecStart={ path=… ; … }`) as a dictionary."""
    found: dict[str, Any] = {}
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals:
            found[name] = _structure(value) if value.startswith("{") else value
    return found


def is_masked(unit: str, runtime: bool = False, root: str | None = None) -> bool:
    """Whether a unit is masked, for good or until the next boot."""
    path = Path(f"{root or ''}/{'run' if runtime else 'etc'}/systemd/system/{unit_name(unit)}")
    return path.is_symlink() and str(path.readlink()) == "/dev/null"


def _structure(value: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in value.strip("{} ").split(" ; "))
    return {name.strip(): text.strip() for name, _, text in pairs}
