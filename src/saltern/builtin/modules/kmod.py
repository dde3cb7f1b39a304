"""Modules of the Linux kernel: those that run, those that there are, those that are loaded at boot."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from saltern.plugin_api import Functions
from saltern.plugin_api.linux import systemd
from saltern.plugin_api.linux.files import read_text
from saltern.plugin_api.whole_file import read_whole, write_whole

__salt__: Functions

_FILE = re.compile(r"(.+)\.ko(?:\.(?:gz|xz|zst))?$")


def available() -> list[str]:
    """The modules that there are for the running kernel, built in or to be loaded, sorted.

    CLI Example::

        saltern run '*' kmod.available
    """
    place = Path("/lib/modules", os.uname().release)
    files = [name for _, _, names in os.walk(place) for name in names]
    files += [line.rpartition("/")[2] for line in read_text(f"{place}/modules.builtin").splitlines()]
    return sorted({found[1] for found in map(_FILE.match, files) if found})


def check_available(mod: str) -> bool:
    """Whether there is a module for the running kernel.

    CLI Example::

        saltern run '*' kmod.check_available kvm
    """
    return _plain(mod) in map(_plain, available())


def lsmod() -> list[dict[str, Any]]:
    """The modules that are loaded: `module`, `size` in bytes, `depcount` and `deps`, the modules that use it.

    CLI Example::

        saltern run '*' kmod.lsmod
    """
    rows = [line.split() for line in read_text("/proc/modules").splitlines()]
    return [
        {
            "size": row[1],
            "module": row[0],
            "depcount": row[2],
            "deps": [one for one in row[3].split(",") if one != "-" and one],
        }
        for row in rows
        if len(row) > 3
    ]


def mod_list(only_persist: bool = False) -> list[str]:
    """The names of the modules that are loaded, or of those that are loaded at boot, sorted.

    CLI Example::

        saltern run '*' kmod.mod_list
    """
    if not only_persist:
        return sorted(one["module"] for one in lsmod())
    return sorted({line.split()[0] for line in read_text(_boot_file()).splitlines() if _names_one(line)})


def is_loaded(mod: str) -> bool:
    """Whether a module is loaded.

    CLI Example::

        saltern run '*' kmod.is_loaded kvm
    """
    return _plain(mod) in mod_list()


def load(mod: str, persist: bool = False) -> list[str] | str:
    """Load a module with all that it needs; with `persist` at each boot as well.

    The answer is which modules are loaded now and were not, or what was wrong.

    CLI Example::

        saltern run '*' kmod.load kvm
    """
    before = set(mod_list())
    done = __salt__["cmd.run_all"](["modprobe", mod], python_shell=False)
    if done["retcode"] != 0:
        return f"Error loading module {mod}: {done['stderr']}"
    new = set(mod_list()) - before
    if persist and _plain(mod) not in map(_plain, mod_list(only_persist=True)):
        _write_boot_file([*read_whole(_boot_file()).splitlines(), mod])
        new.add(mod)
    return sorted(new)


def remove(mod: str, persist: bool = False, comment: bool = True) -> list[str] | str:
    """Unload a module; with `persist` it is not loaded at boot either, its line put in a comment or, without, removed.

    The answer is which modules were loaded and are not now, or what was wrong.

    CLI Example::

        saltern run '*' kmod.remove kvm
    """
    before = set(mod_list())
    if _plain(mod) in before:
        done = __salt__["cmd.run_all"](["rmmod", mod], python_shell=False)
        if done["retcode"] != 0:
            return f"Error removing module {mod}: {done['stderr']}"
    gone = before - set(mod_list())
    if persist:
        gone |= _forget(mod, comment)
    return sorted(gone)


def _forget(mod: str, comment: bool) -> set[str]:
    lines = read_whole(_boot_file()).splitlines()
    kept: list[str] = []
    for line in lines:
        if not (_names_one(line) and _plain(line.split()[0]) == _plain(mod)):
            kept.append(line)
        elif comment:
            kept.append(f"#{line}")
    if kept == lines:
        return set()
    _write_boot_file(kept)
    return {mod}


def _boot_file() -> str:
    return "/etc/modules-load.d/salt_managed.conf" if systemd.booted() else "/etc/modules"


def _write_boot_file(lines: list[str]) -> None:
    Path(_boot_file()).parent.mkdir(parents=True, exist_ok=True)
    write_whole(_boot_file(), "".join(f"{line}\n" for line in lines))


def _names_one(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith(("#", ";"))


def _plain(mod: str) -> str:
    """A name as the running kernel has it: there `-` and `_` are the same."""
    return mod.replace("-", "_")
