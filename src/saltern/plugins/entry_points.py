"""Directories of plugins that installed packages offer through the entry point group `salt.loader` (behaviour LDR-02).

An entry point is `NAME = package.module` (below which the kinds are folders), or `<kind>_dirs = package:function` (the
function gives the directories). The metadata is read directly: `importlib.metadata` costs more than a whole command
should, and nearly every host has no such package.
"""

# ruff: noqa: PTH118, PTH123  (pathlib costs several ms to import)

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_GROUP = "[salt.loader]"

_known: dict[tuple[str, ...], list[tuple[str, str]]] = {}
"""The entry points by search path, as one process read them."""


def loader_directories(folder: str) -> list[str]:
    """The directories that installed packages offer for a kind's folder (`modules`, `states`, `output`, …)."""
    found: list[str] = []
    for name, value in _entry_points():
        module, _, attribute = value.partition(":")
        if attribute:
            if name in (f"{folder}_dirs", f"{folder.removesuffix('s')}_dirs"):
                found += _called(module, attribute)
        else:
            found += [os.path.join(path, folder) for path in _package_path(module)]
    return found


def _entry_points() -> list[tuple[str, str]]:
    """Name and value of each entry point of the group; read once a process."""
    directories = tuple(sys.path)
    if directories not in _known:
        files = [file for directory in dict.fromkeys(directories) for file in _metadata_files(directory)]
        _known[directories] = [pair for file in files for pair in _read(file)]
    return _known[directories]


def _metadata_files(directory: str) -> Iterator[str]:
    try:
        names = os.listdir(directory or ".")
    except OSError:
        return
    for name in names:
        if name.endswith((".dist-info", ".egg-info")):
            yield os.path.join(directory, name, "entry_points.txt")


def _read(path: str) -> list[tuple[str, str]]:
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError):
        return []
    section = text.partition(_GROUP)[2].partition("\n[")[0]
    pairs = (line.partition("=") for line in section.splitlines() if "=" in line and not line.startswith("#"))
    return [(name.strip(), value.split("[")[0].strip()) for name, _, value in pairs]


def _called(module: str, attribute: str) -> list[str]:
    import importlib

    try:
        return [str(path) for path in getattr(importlib.import_module(module), attribute)()]
    except Exception:  # a package of somebody else; it must not stop every command
        _complain(f"{module}:{attribute}")
        return []


def _package_path(module: str) -> list[str]:
    import importlib

    try:
        return list(importlib.import_module(module).__path__)
    except Exception:  # as above
        _complain(module)
        return []


def _complain(what: str) -> None:
    import logging

    logging.getLogger(__name__).warning("the salt.loader entry point %s cannot be used", what, exc_info=True)
