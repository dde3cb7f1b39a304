"""Who this minion is: its ids, and the master that it belongs to."""

from __future__ import annotations

import hashlib
from typing import Any

from saltern.plugin_api import Opts
from saltern.plugin_api.linux.files import read_text

__opts__: Opts

__grains_keys__ = {
    "minion_id": ("id",),
    "master": ("master",),
    "server_id": ("server_id",),
    "machine_id": ("machine_id",),
}


def minion_id() -> dict[str, Any]:
    return {"id": __opts__.get("id", "")}


def master() -> dict[str, Any]:
    return {"master": __opts__.get("master", "")}


def server_id() -> dict[str, int]:
    """A number below 2**31 that belongs to the id, as MySQL wants one."""
    digest = hashlib.sha256(str(__opts__.get("id", "")).encode()).digest()
    return {"server_id": int.from_bytes(digest) % 2**31}


def machine_id() -> dict[str, str]:
    found = read_text("/etc/machine-id") or read_text("/var/lib/dbus/machine-id")
    return {"machine_id": found} if found else {}
