"""Block devices are tuned, and have file systems."""

from __future__ import annotations

import os
import stat
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts

_READ_BY = {"read-ahead": "getra", "filesystem-read-ahead": "getfra", "read-only": "getro", "read-write": "getro"}


def __virtual__() -> bool | tuple[bool, str]:
    return "disk.tune" in __salt__ or (False, "disk module could not be loaded")


def tuned(name: str, **kwargs: Any) -> dict[str, Any]:
    """A block device has attributes: `read-ahead`, `filesystem-read-ahead` in sectors, `read-only`, `read-write`."""
    if not _is_block_device(name):
        return result_of(name, False, f"Changes to {name} cannot be applied. Not a block device.")
    wanted = {key: _written(key, value) for key, value in kwargs.items() if not key.startswith("__")}
    now = __salt__["disk.dump"](name)
    changes = {
        key: f"Changed from {now[_READ_BY[key]]} to {value}"
        for key, value in wanted.items()
        if key in _READ_BY and now[_READ_BY[key]] != value
    }
    unknown = [key for key in wanted if key not in _READ_BY]
    if not changes and not unknown:
        return result_of(name, True, f"Block device {name} already in correct state")
    if __opts__["test"] and not unknown:
        return result_of(name, None, f"Changes to {name} will be applied ", changes)
    if __salt__["disk.tune"](name, **{key: value for key, value in kwargs.items() if not key.startswith("__")}):
        return result_of(name, True, f"Block device {name} successfully modified ", changes)
    return result_of(name, False, f"Failed to modify block device {name}")


def formatted(name: str, fs_type: str = "ext4", force: bool = False, **kwargs: Any) -> dict[str, Any]:
    """A block device has a file system. One that is there is only replaced with `force`; what was on it is lost then.

    `inode_size` and `lazy_itable_init` go to the program that makes it.
    """
    if not os.path.exists(name):
        return result_of(name, False, f"{name} does not exist")
    now = __salt__["disk.fstype"](name)
    if now == fs_type:
        return result_of(name, True, f"{name} already formatted with {fs_type}")
    if not _is_block_device(name) or (now and not force):
        there = f": it has {now}, which `force: True` would replace" if _is_block_device(name) else ""
        return result_of(name, False, f"Failed to format {name}{there}")
    changes = {"new": fs_type, "old": now}
    if __opts__["test"]:
        return result_of(name, None, f"Changes to {name} will be applied ", changes)
    options = {key: value for key, value in kwargs.items() if key in ("inode_size", "lazy_itable_init")}
    try:
        done = __salt__["disk.format"](name, fs_type, force=force, **options)
    except CommandExecutionError as error:
        return result_of(name, False, f"Failed to format {name}: {error}")
    if not done or __salt__["disk.fstype"](name) != fs_type:
        return result_of(name, False, f"Failed to format {name}")
    return result_of(name, True, f"{name} has been formatted with {fs_type}", changes)


def _is_block_device(path: str) -> bool:
    try:
        return stat.S_ISBLK(os.stat(path).st_mode)
    except OSError:
        return False


def _written(key: str, value: Any) -> str:
    """A value as `disk.dump` tells it; what is not read-write is read-only."""
    if key in ("read-only", "read-write"):
        return "1" if bool(value) == (key == "read-only") else "0"
    return str(value)
