"""The links that choose among several programs (update-alternatives(1))."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts

__func_alias__ = {"set_": "set"}


def __virtual__() -> bool | tuple[bool, str]:
    return "alternatives.auto" in __salt__ or (False, "there are no alternatives on this system")


def install(name: str, link: str, path: str, priority: int) -> dict[str, Any]:
    """A path is one of a group, which has a link that programs are called from."""
    if __salt__["alternatives.check_exists"](name, path):
        return result_of(name, True, f"Alternative {path} for {name} is already registered")
    if __opts__["test"]:
        return result_of(name, None, f"Alternative will be set for {name} to {path} with priority {priority}")
    out = __salt__["alternatives.install"](name, link, path, priority)
    if not __salt__["alternatives.check_exists"](name, path):
        said = f"Alternative for {name} not installed: {out}"
        return result_of(name, False, said)
    current = __salt__["alternatives.show_current"](name)
    if current == path:
        said = f"Alternative for {name} set to path {path} with priority {priority}"
    else:
        said = f"Alternative {path} for {name} registered with priority {priority} and not set to default"
    changes = {"name": name, "link": link, "path": path, "priority": priority}
    return result_of(name, True, said, changes)


def remove(name: str, path: str) -> dict[str, Any]:
    """A path is not one of a group."""
    if not __salt__["alternatives.check_exists"](name, path):
        current = __salt__["alternatives.show_current"](name)
        if current:
            return result_of(name, True, f"Alternative for {name} is set to it's default path {current}")
        return result_of(name, False, f"Alternative for {name} doesn't exist")
    if __opts__["test"]:
        return result_of(name, None, f"Alternative for {name} will be removed")
    out = __salt__["alternatives.remove"](name, path)
    if __salt__["alternatives.check_exists"](name, path):
        return result_of(name, False, f"Alternative {path} for {name} not removed: {out}")
    current = __salt__["alternatives.show_current"](name)
    if current:
        said = f"Alternative for {name} removed. Falling back to path {current}"
        return result_of(name, True, said, {"path": current})
    return result_of(name, True, f"Alternative for {name} removed", {"path": path})


def auto(name: str) -> dict[str, Any]:
    """A group leads to the path of the highest priority."""
    shown = __salt__["alternatives.display"](name)
    if " auto mode" in shown.splitlines()[0] if shown else False:
        return result_of(name, True, f"{name} already in auto mode")
    if __opts__["test"]:
        return result_of(name, None, f"{name} will be put in auto mode")
    out = __salt__["alternatives.auto"](name)
    after = __salt__["alternatives.display"](name)
    if not after or " auto mode" not in after.splitlines()[0]:
        return result_of(name, False, out)
    return result_of(name, True, "", {"result": out})


def set_(name: str, path: str) -> dict[str, Any]:
    """A group leads to a path, which is one of it."""
    current = __salt__["alternatives.show_current"](name)
    if current == path:
        return result_of(name, True, f"Alternative for {name} already set to {path}")
    if not __salt__["alternatives.check_exists"](name, path):
        return result_of(name, False, f"Alternative {path} for {name} doesn't exist")
    if __opts__["test"]:
        return result_of(name, None, f"Alternative for {name} will be set to path {path}")
    out = __salt__["alternatives.set"](name, path)
    if __salt__["alternatives.show_current"](name) != path:
        return result_of(name, False, f"Alternative for {name} not updated: {out}")
    return result_of(name, True, f"Alternative for {name} set to path {path}", {"path": path})
