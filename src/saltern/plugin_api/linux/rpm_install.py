"""From what shall be installed to the words for dnf, yum or zypper."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cmp_to_key
from typing import Any, NamedTuple

from saltern.plugin_api import packages
from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.linux import rpm
from saltern.plugin_api.versions import compare_rpm


class Plan(NamedTuple):
    """Words to install, to go back to an older version, and to install again; `names` of all, and what went wrong."""

    install: Sequence[str] = ()
    downgrade: Sequence[str] = ()
    again: Sequence[str] = ()
    again_names: Sequence[str] = ()
    names: Sequence[str] = ()
    errors: Sequence[str] = ()


def plan(
    targets: Mapping[str, str | None],
    installed: Mapping[str, Sequence[str]],
    versions_of: Callable[[str], Sequence[str]],
    *,
    reinstall: bool,
    ignore_epoch: bool,
    written: Callable[[str, str | None], str] | None = None,
) -> Plan:
    """What to do for packages with the versions that are wanted of them.

    `versions_of` gives the versions that can be had of one, the newest first; `written` makes a word of a name and a
    version (`name-version.arch`).
    """
    lists: dict[str, list[str]] = {"install": [], "downgrade": [], "again": []}
    again_names: list[str] = []
    errors: list[str] = []
    for name, wanted in targets.items():
        try:
            exact = _exact(name, wanted, versions_of, ignore_epoch)
        except CommandExecutionError as error:
            errors.append(str(error))
            continue
        action = _action(name, exact, installed.get(name, ()), reinstall)
        if action == "again":
            again_names.append(name)
        if action:
            lists[action].append((written or word)(name, exact))
    return Plan(**lists, again_names=again_names, names=list(targets), errors=errors)


def plan_files(
    paths: Iterable[str],
    installed: Mapping[str, Sequence[str]],
    info_of_file: Callable[[str], Mapping[str, Any] | None],
    *,
    reinstall: bool,
) -> Plan:
    """What to do for package files."""
    lists: dict[str, list[str]] = {"install": [], "downgrade": [], "again": []}
    names: list[str] = []
    again_names: list[str] = []
    for path in paths:
        info = info_of_file(path)
        if info is None:
            lists["install"].append(path)
            continue
        action = _action(info["name"], info["version"], installed.get(info["name"], ()), reinstall)
        names.append(info["name"])
        if action == "again":
            again_names.append(info["name"])
        lists[action or "install"].append(path)
    return Plan(**lists, again_names=again_names, names=names)


def word(name: str, wanted: str | None) -> str:
    """`name-version.arch` for a package name that may have its architecture behind it."""
    if not wanted:
        return name
    base, arch = rpm.split_arch(name)
    return f"{base}-{wanted}" + (f".{arch}" if arch else "")


def newest_first(versions: Iterable[str]) -> list[str]:
    def order(one: str, other: str) -> int:
        return compare_rpm(one, other) or 0

    return sorted(dict.fromkeys(versions), key=cmp_to_key(order), reverse=True)


def newest(versions: Iterable[str]) -> str:
    """The newest version, an empty text when there is none."""
    return next(iter(newest_first(versions)), "")


def info_of(
    lowpkg_info: Callable[..., dict[str, Any]], names: Sequence[str], arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """What `pkg.info_installed` tells, from `lowpkg.info`."""
    passed = {key: arguments[key] for key in ("attr", "all_versions", "root") if arguments.get(key)}
    return lowpkg_info(*names, **passed)


def _exact(name: str, wanted: str | None, versions_of: Callable[[str], Sequence[str]], ignore_epoch: bool) -> str:
    if not wanted:
        return ""
    conditions = [packages.condition_of(part) for part in wanted.split(",")]
    if len(conditions) == 1 and not conditions[0].needs_list:
        return conditions[0].version
    return packages.newest_that_fits(name, wanted, versions_of(name), compare_rpm, ignore_epoch=ignore_epoch)


def _action(name: str, exact: str, installed: Sequence[str], reinstall: bool) -> str:
    """Where a package belongs; nowhere (an empty text) when it is there already."""
    if not installed:
        return "install"
    order = compare_rpm(exact, newest(installed)) if exact else 0
    if order == 0 or any(compare_rpm(exact, one) == 0 for one in installed):
        return "again" if reinstall else "" if exact else "install"
    # Kernels are installed side by side.
    return "downgrade" if order == -1 and not name.startswith("kernel") else "install"
