"""Packages of Node.js as states: those of a directory, or without one those of the whole system."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts

__opts__: Opts
__salt__: Functions


def __virtual__() -> bool | tuple[bool, str]:
    if "npm.list" in __salt__:
        return True
    return False, "The program npm is not installed"


def installed(
    name: str,
    pkgs: list[str] | None = None,
    dir: str | None = None,
    user: str | None = None,
    force_reinstall: bool = False,
    registry: str | None = None,
    env: Any = None,
) -> dict[str, Any]:
    """Have a package installed (`name`, `name@version`, `@scope/name@version`), or those of `pkgs`."""
    wanted = [str(one) for one in pkgs] if pkgs is not None else [name]
    try:
        have = __salt__["npm.list"](dir=dir, runas=user, env=env, depth=0)
    except (CommandExecutionError, ValueError) as error:
        return _result(name, False, f"Error looking up '{name}': {error}")
    satisfied = {} if force_reinstall else {one: told for one in wanted if (told := _satisfied(one, have))}
    missing = [one for one in wanted if one not in satisfied]
    listed = f"Package(s) '{', '.join(satisfied)}' satisfied by {', '.join(satisfied.values())}"
    if not missing:
        return _result(name, True, listed)
    changes = {"old": [], "new": missing}
    if __opts__["test"]:
        said = [f"NPM package(s) '{', '.join(missing)}' are set to be installed", *([listed] if satisfied else [])]
        return _result(name, None, ". ".join(said), changes)
    try:
        __salt__["npm.install"](pkgs=missing, dir=dir, runas=user, registry=registry, env=env)
    except CommandExecutionError as error:
        return _result(name, False, f"Error installing '{', '.join(missing)}': {error}")
    return _result(name, True, f"Package(s) '{', '.join(missing)}' successfully installed", changes)


def removed(name: str, dir: str | None = None, user: str | None = None) -> dict[str, Any]:
    """Not have a package installed."""
    try:
        have = __salt__["npm.list"](dir=dir, runas=user, depth=0)
    except (CommandExecutionError, ValueError) as error:
        return _result(name, False, f"Error uninstalling '{name}': {error}")
    if name not in have:
        return _result(name, True, f"Package '{name}' is not installed")
    if __opts__["test"]:
        return _result(name, None, f"Package '{name}' is set to be removed", {name: "Removed"})
    if not __salt__["npm.uninstall"](pkg=name, dir=dir, runas=user):
        return _result(name, False, f"Error removing package '{name}'")
    return _result(name, True, f"Package '{name}' was successfully removed", {name: "Removed"})


def bootstrap(name: str, user: str | None = None, silent: bool = True) -> dict[str, Any]:
    """Have what `package.json` in the directory `name` needs."""
    try:
        if _has_all(name, user):
            return _result(name, True, "Directory is already bootstrapped")
        if __opts__["test"]:
            return _result(name, None, f"'{name}' is set to be bootstrapped", {name: "Bootstrapped"})
        __salt__["npm.install"](dir=name, runas=user, silent=silent)
    except (CommandExecutionError, OSError, ValueError) as error:
        return _result(name, False, f"Error Bootstrapping '{name}': {error}")
    return _result(name, True, "Directory was successfully bootstrapped", {name: "Bootstrapped"})


def cache_cleaned(name: str | None = None, user: str | None = None, force: bool = False) -> dict[str, Any]:
    """Have an empty cache of npm; what `npm.cache_list` tells is what is to go."""
    shown = str(name or "")
    try:
        held = __salt__["npm.cache_list"](path=name, runas=user)
    except CommandExecutionError as error:
        return _result(shown, False, f"Error looking up cached packages: {error}")
    if not held:
        return _result(shown, True, "Package cache is already empty" if name is None else f"{name} is not cached")
    if __opts__["test"]:
        return _result(shown, None, "Cached packages set to be removed", {"cache": "Removed"})
    if not __salt__["npm.cache_clean"](path=name, runas=user, force=force):
        return _result(shown, False, "Error cleaning cached packages")
    return _result(shown, True, "Cached packages successfully removed", {"cache": "Removed"})


def _has_all(directory: str, user: str | None) -> bool:
    """Whether all that `package.json` names is there, in versions that will do."""
    import json
    import os

    with open(os.path.join(directory, "package.json"), encoding="utf-8") as file:
        described = json.load(file)
    wanted = {**described.get("dependencies", {}), **described.get("devDependencies", {})}
    have = __salt__["npm.list"](dir=directory, runas=user, depth=0)
    fine = [name for name, one in have.items() if one.get("version") and not (one.get("missing") or one.get("invalid"))]
    return set(wanted) <= set(fine)


def _satisfied(wanted: str, have: dict[str, Any]) -> str:
    """The package that satisfies what is wanted; empty where none does."""
    scope = "@" if wanted.startswith("@") else ""
    name, _, version = wanted.removeprefix("@").partition("@")
    found = (have.get(f"{scope}{name}") or {}).get("version")
    if not found or (version and version not in (found, "latest")):
        return ""
    return f"{scope}{name}@{found}"


def _result(name: str, result: bool | None, comment: str, changes: Any = None) -> dict[str, Any]:
    return {"name": name, "changes": changes or {}, "result": result, "comment": comment}
