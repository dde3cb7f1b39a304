"""Mandatory access control."""

from __future__ import annotations

import os
from typing import Any

from saltern.plugin_api.linux.files import read_text

__grains_keys__ = {"selinux": ("selinux",)}

_ENFORCED = {"1": "Enforcing", "0": "Permissive"}


def selinux() -> dict[str, Any]:
    """`enabled` and `enforced` (`Enforcing`, `Permissive` or `Disabled`); nothing where SELinux is not installed."""
    if os.path.isdir("/sys/fs/selinux"):
        enforced = _ENFORCED.get(read_text("/sys/fs/selinux/enforce"), "Disabled")
        return {"selinux": {"enabled": enforced != "Disabled", "enforced": enforced}}
    if os.path.exists("/etc/selinux/config"):
        return {"selinux": {"enabled": False, "enforced": "Disabled"}}
    return {}
