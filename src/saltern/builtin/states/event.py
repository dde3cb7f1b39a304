"""Events on the master's log as states."""

from __future__ import annotations

from saltern.plugin_api import Functions, Opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts
__salt__: Functions


def send(
    name: str,
    data: dict[str, Any] | None = None,
    preload: dict[str, Any] | None = None,
    with_env: bool = False,
    with_grains: bool = False,
    with_pillar: bool = False,
    show_changed: bool = True,
    **kwargs: Any,
) -> dict[str, Any]:
    """Send an event with the tag `name`; further arguments are data of it. Without `show_changed` it is no change."""
    changes = {"tag": name, "data": data} if show_changed else {}
    if __opts__["test"]:
        return {"name": name, "changes": changes, "result": None, "comment": "Event would have been fired"}
    given = {key: value for key, value in kwargs.items() if not key.startswith("__")}
    sent = __salt__["event.send"](
        name, data=data, preload=preload, with_env=with_env, with_grains=with_grains, with_pillar=with_pillar, **given
    )
    return {
        "name": name, "changes": changes, "result": bool(sent), "comment": "Event fired" if sent else "Event not fired",
    }  # fmt: skip


fire_master = send


def wait(name: str, sfun: str | None = None, data: dict[str, Any] | None = None, **kwargs: Any) -> dict[str, Any]:
    """Send an event only when something that is watched has changed."""
    return {"name": name, "changes": {}, "result": True, "comment": ""}


def mod_watch(name: str, sfun: str | None = None, **kwargs: Any) -> dict[str, Any]:
    """What is done when something that is watched has changed: send the event."""
    kwargs.pop("__reqs__", None)
    return send(name, **kwargs)
