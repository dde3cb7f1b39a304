"""Repositories of packages are configured, or are not.

All arguments but those named here go to `pkg.mod_repo`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saltern.plugin_api import CommandExecutionError, Context, Functions, Grains, Opts, SaltInvocationError

__salt__: Functions
__grains__: Grains
__opts__: Opts
__context__: Context

_REFRESH = "pkg.refresh_is_due"
_CAUTION = (
    "This may cause pkg states to behave differently than stated if this action is repeated without test=True, due to "
    "the differences in the configured repositories."
)


def __virtual__() -> bool | tuple[bool, str]:
    if "pkg.mod_repo" in __salt__:
        return True
    return False, "the package manager of this system has no repositories that can be configured"


def managed(
    name: str, ppa: str | None = None, copr: str | None = None, aptkey: bool = True, **kwargs: Any
) -> dict[str, Any]:
    """A repository is configured as said.

    `ppa` names one of Ubuntu's personal archives. `clean_file` empties the file before. `refresh=False` does not fetch
    the lists of packages after a change.
    """
    if "pkg.get_repo" not in __salt__:
        return _result(name, False, {}, "Repo management not implemented on this platform")
    if copr:
        return _result(name, False, {}, "Repositories of Copr are not known here: give their baseurl")
    repo = f"ppa:{ppa}" if ppa else name
    arguments = _arguments(kwargs, name, aptkey)
    try:
        before = __salt__["pkg.get_repo"](repo)
        wanted = _wanted(repo, arguments)
    except (CommandExecutionError, SaltInvocationError) as error:
        return _result(name, False, {}, f"Failed to configure repo '{name}': {error}")
    changes = _differences(before, wanted) if before else {"repo": repo}
    if not changes:
        return _result(name, True, {}, f"Package repo '{name}' already configured")
    if __opts__["test"]:
        return _result(name, None, changes, f"Package repo '{name}' would be configured. {_CAUTION}")
    if kwargs.get("clean_file") and kwargs.get("file"):
        with open(kwargs["file"], "w", encoding="utf-8"):
            pass
    try:
        __salt__["pkg.mod_repo"](repo, **arguments)
        after = __salt__["pkg.get_repo"](repo)
    except (CommandExecutionError, SaltInvocationError) as error:
        return _result(name, False, {}, f"Failed to configure repo '{name}': {error}")
    __context__[_REFRESH] = True
    changes = _differences(before, after) if before else {"repo": repo}
    return _result(name, True, changes, f"Configured package repo '{name}'")


def absent(name: str, **kwargs: Any) -> dict[str, Any]:
    """A repository is not configured. With `keyid` the key that signed it is not trusted any more either."""
    repo = f"ppa:{kwargs['ppa']}" if kwargs.get("ppa") else name
    try:
        there = __salt__["pkg.get_repo"](repo)
    except CommandExecutionError as error:
        return _result(name, False, {}, f"Failed to configure repo '{name}': {error}")
    if not there and not repo.startswith("ppa:"):
        return _result(name, True, {}, f"Package repo {name} is absent")
    if __opts__["test"]:
        return _result(name, None, {"repo": name}, f"Package repo '{name}' will be removed. {_CAUTION}")
    try:
        __salt__["pkg.del_repo"](repo, **_del_options(kwargs))
    except (CommandExecutionError, SaltInvocationError) as error:
        return _result(name, False, {}, f"Failed to remove repo {name}: {error}")
    changes: dict[str, Any] = {"repo": name}
    comment = f"Removed repo {name}"
    if kwargs.get("keyid"):
        gone = __salt__["pkg.del_repo_key"](name=name, keyid=kwargs["keyid"], aptkey=kwargs.get("aptkey", True))
        if not gone:
            return _result(name, False, changes, f"{comment}, but failed to remove key")
        changes["keyid"] = kwargs["keyid"]
        comment = f"{comment}, and key {kwargs['keyid']}"
    return _result(name, True, changes, comment)


def _arguments(kwargs: Mapping[str, Any], name: str, aptkey: bool) -> dict[str, Any]:
    """The arguments for `pkg.mod_repo` of this system."""
    own = ("clean_file", "sfun")
    found = {key: value for key, value in kwargs.items() if not key.startswith("__") and key not in own}
    family = __grains__.get("os_family")
    if family == "Debian":
        return {**found, "aptkey": aptkey}
    disabled = found.pop("disabled", None)
    if disabled is not None:
        found["enabled"] = not disabled
    found.setdefault("enabled", True)
    if family == "RedHat":
        found["name"] = found.pop("humanname", None) or name
        # what dnf reads from files is a number
        return {key: int(value) if isinstance(value, bool) else value for key, value in found.items()}
    return found


def _wanted(repo: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The repository as it would be."""
    if repo.startswith("ppa:"):
        return {}
    found = __salt__["pkg.mod_repo"](repo, **{**arguments, "test": True})
    if __grains__.get("os_family") == "RedHat":
        (repos,) = found.values()
        return {key: value if value is None else str(value) for key, value in repos[repo].items()}
    return dict(found.get(repo, found))


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    # `enabled` tells the same as `disabled` where both are there
    told_twice = "enabled" if "disabled" in after else ""
    names = [name for name in {**before, **after} if name not in ("comments", told_twice)]
    return {
        name: {"old": before.get(name), "new": after.get(name)}
        for name in names
        if str(before.get(name)) != str(after.get(name))
    }


def _del_options(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    if __grains__.get("os_family") != "Debian":
        return {}
    return {name: kwargs[name] for name in ("refresh",) if name in kwargs}


def _result(name: str, result: bool | None, changes: dict[str, Any], comment: str) -> dict[str, Any]:
    return {"name": name, "changes": changes, "result": result, "comment": comment}
