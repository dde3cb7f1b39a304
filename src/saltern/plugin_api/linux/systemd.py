"""What plugins need to know of systemd: whether it runs, its version, and how a command leaves the minion's scope."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path


def booted() -> bool:
    """Whether systemd is the init system that runs now (sd_booted(3))."""
    return Path("/run/systemd/system").is_dir()


def parse_version(text: str) -> int | None:
    """The number in the first line of `systemctl --version`."""
    found = re.match(r"systemd (\d+)", text)
    return int(found[1]) if found else None


def scoped(argv: Sequence[str], wanted: bool) -> list[str]:
    """The command in a scope of its own, where systemd runs and that is wanted.

    A package manager that restarts the minion's service must not be ended together with it.
    """
    return ["systemd-run", "--scope", "--quiet", *argv] if wanted and booted() else list(argv)
