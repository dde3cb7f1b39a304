"""Images of Docker as states."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts, SaltInvocationError

__opts__: Opts
__salt__: Functions


def __virtual__() -> bool | tuple[bool, str]:
    if "docker.version" in __salt__:
        return True
    return False, "The Python package docker is not installed"


def present(name: str, tag: Any = None, force: bool = False, **kwargs: Any) -> dict[str, Any]:
    """Have an image, pulled from its registry where it is not there; `force` pulls it in any case."""
    image = f"{name}:{tag}" if tag is not None else name if ":" in name.rpartition("/")[2] else f"{name}:latest"
    try:
        before = __salt__["docker.resolve_image_id"](image)
        if before and not force:
            return _result(name, True, f"Image {image} already present")
        if __opts__["test"]:
            return _result(name, None, f"Image {image} will be pulled")
        changes = __salt__["docker.pull"](image)
        if before and __salt__["docker.resolve_image_id"](image) == before:
            return _result(name, True, f"Image '{image}' was pulled, but there were no changes")
    except (CommandExecutionError, SaltInvocationError) as error:
        return _result(name, False, f"Encountered error pulling {image}: {error}")
    return _result(name, True, f"Image '{image}' was pulled", changes)


def absent(name: str | None = None, images: list[str] | None = None, force: bool = False) -> dict[str, Any]:
    """Not have images: `name`, or those of `images`."""
    wanted = [str(one) for one in images] if images else [str(name)]
    label = str(name)
    try:
        there = [one for one in wanted if __salt__["docker.resolve_image_id"](one)]
        if not there:
            what = f"Image '{label}' is" if len(wanted) == 1 else "All specified images are"
            return _result(label, True, f"{what} {'not present' if len(wanted) == 1 else 'absent'}")
        if __opts__["test"]:
            return _result(label, None, f"The following image(s) will be removed: {', '.join(there)}")
        changes = __salt__["docker.rmi"](*there, force=force)
    except (CommandExecutionError, SaltInvocationError) as error:
        return _result(label, False, str(error))
    what = (
        f"Image '{there[0]}' was removed"
        if len(there) == 1
        else f"The following images were removed: {', '.join(there)}"
    )
    return _result(label, True, what, changes)


def _result(name: str, result: bool | None, comment: str, changes: Any = None) -> dict[str, Any]:
    return {"name": name, "changes": changes or {}, "result": result, "comment": comment}
