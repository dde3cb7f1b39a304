"""Ruby's packages are installed, or are not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.packages import is_installed
from saltern.plugin_api.state_result import result_of
from saltern.plugin_api.versions import compare_rpm

__salt__: Functions
__opts__: Opts


def __virtual__() -> bool | tuple[bool, str]:
    return "gem.list" in __salt__ or (False, "gem module could not be loaded")


def installed(
    name: str,
    ruby: str | None = None,
    gem_bin: str | None = None,
    user: str | None = None,
    version: Any = None,
    rdoc: bool = False,
    ri: bool = False,
    pre_releases: bool = False,
    proxy: str | None = None,
    source: str | None = None,
) -> dict[str, Any]:
    """A gem is installed, in a version when one is said (`1.0`, `>=1.0`); `name` may be the path of a file."""
    known = __salt__["gem.list"](ruby=ruby, gem_bin=gem_bin, runas=user)
    gem, wanted = _of_file(name) if name.endswith(".gem") else (name, version)
    if wanted is None and gem in known:
        return result_of(name, True, "Gem is already installed.")
    if wanted is not None and _meets(known.get(gem, []), str(wanted)):
        return result_of(name, True, "Installed Gem meets version requirements.")
    changes = {name: "Installed"}
    if __opts__["test"]:
        return result_of(name, None, f"The gem {name} would have been installed", changes)
    options = {"version": version, "rdoc": rdoc, "ri": ri, "pre_releases": pre_releases, "proxy": proxy}
    try:
        __salt__["gem.install"](name, ruby=ruby, gem_bin=gem_bin, runas=user, source=source, **options)
    except CommandExecutionError as error:
        return result_of(name, False, f"Could not install gem.\n{error}")
    return result_of(name, True, "Gem was successfully installed", changes)


def removed(name: str, ruby: str | None = None, user: str | None = None, gem_bin: str | None = None) -> dict[str, Any]:
    """A gem is not installed, in no version."""
    where = {"ruby": ruby, "gem_bin": gem_bin, "runas": user}
    if name not in __salt__["gem.list"](name, **where):
        return result_of(name, True, "Gem is not installed.")
    if __opts__["test"]:
        return result_of(name, None, f"The gem {name} would have been removed", {name: "Removed"})
    try:
        __salt__["gem.uninstall"](name, **where)
    except CommandExecutionError as error:
        return result_of(name, False, f"Could not remove gem.\n{error}")
    return result_of(name, True, "Gem was successfully removed.", {name: "Removed"})


def sources_add(name: str, ruby: str | None = None, user: str | None = None) -> dict[str, Any]:
    """A source of gems is known."""
    if name in __salt__["gem.sources_list"](ruby, runas=user):
        return result_of(name, True, "Gem source is already added.")
    if __opts__["test"]:
        return result_of(name, None, f"The gem source {name} would have been added.", {name: "Installed"})
    try:
        __salt__["gem.sources_add"](name, ruby=ruby, runas=user)
    except CommandExecutionError as error:
        return result_of(name, False, f"Could not add gem source.\n{error}")
    return result_of(name, True, "Gem source was successfully added.", {name: "Installed"})


def sources_remove(name: str, ruby: str | None = None, user: str | None = None) -> dict[str, Any]:
    """A source of gems is not known."""
    if name not in __salt__["gem.sources_list"](ruby, runas=user):
        return result_of(name, True, "Gem source is already removed.")
    if __opts__["test"]:
        return result_of(name, None, "The gem source would have been removed.", {name: "Removed"})
    try:
        __salt__["gem.sources_remove"](name, ruby=ruby, runas=user)
    except CommandExecutionError as error:
        return result_of(name, False, f"Could not remove gem source.\n{error}")
    return result_of(name, True, "Gem source was successfully removed.", {name: "Removed"})


def _of_file(path: str) -> tuple[str, str | None]:
    """Name and version that the file of a gem has by its own name."""
    found = re.fullmatch(r"(.+?)-(\d[^-]*)(?:-.+)?", Path(path).name.removesuffix(".gem"))
    return (found[1], found[2]) if found else (path, None)


def _meets(versions: list[str], wanted: str) -> bool:
    """Whether one of the versions that gem tells is wanted. Those that came with Ruby are told as `default: 1.0`."""
    conditions = ",".join(_condition(one.strip()) for one in wanted.split(","))
    return is_installed([one.removeprefix("default: ") for one in versions], conditions, compare_rpm)


def _condition(text: str) -> str:
    """A condition without Ruby's `~> 1.2.3`, which is `>=1.2.3` and `<1.3`."""
    if not text.startswith("~>"):
        return text
    lowest = text.removeprefix("~>").strip()
    *kept, last = lowest.split(".")[:-1] or [lowest]
    return f">={lowest},<{'.'.join([*kept, str(int(last) + 1) if last.isdigit() else last])}"
