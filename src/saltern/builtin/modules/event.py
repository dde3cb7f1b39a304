"""Fire events: on the master's event log, or on the bus of this minion."""

from __future__ import annotations

from saltern.plugin_api import EventSender, Functions, Grains, Opts, Pillar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__salt__: Functions
__opts__: Opts
__grains__: Grains
__pillar__: Pillar
__event_sender__: EventSender | None


def send(
    tag: str,
    data: dict[str, Any] | None = None,
    preload: dict[str, Any] | None = None,
    with_env: bool | str | list[str] = False,
    with_grains: bool | str | list[str] = False,
    with_pillar: bool | str | list[str] = False,
    with_env_opts: bool = False,
    **kwargs: Any,
) -> bool:
    """Fire an event on the master's log, with a dictionary and keyword arguments as its data.

    The environment, the grains and the pillar may be added, whole (`True`) or some of them by name; `with_env_opts`
    adds the environments of states and pillar.

    CLI Example::

        saltern run '*' event.send myco/mytag foo=Foo bar=Bar
        saltern run '*' event.send myco/mytag with_grains='[id, os]'
    """
    import os

    sent: dict[str, Any] = {}
    if with_env:
        sent["environ"] = _chosen(dict(os.environ), with_env)
    if with_grains:
        sent["grains"] = _chosen(dict(__grains__), with_grains)
    if with_pillar:
        sent["pillar"] = _chosen(dict(__pillar__), with_pillar)
    if with_env_opts:
        sent["saltenv"] = __opts__.get("saltenv") or "base"
        sent["pillarenv"] = __opts__.get("pillarenv")
    sent.update({key: value for key, value in kwargs.items() if not key.startswith("__")})
    sent.update(data or {})
    return fire_master(sent, tag, preload)


def fire_master(data: dict[str, Any], tag: str, preload: dict[str, Any] | None = None) -> bool:
    """Fire an event on the master's log. `False` when there is no master to send it to.

    CLI Example::

        saltern run '*' event.fire_master '{"data": "my event data"}' 'tag'
    """
    if __event_sender__ is None or not isinstance(data, dict):
        return False
    return __event_sender__(tag, {**data, **(preload or {})})


def fire(data: dict[str, Any], tag: str) -> bool:
    """Fire an event on the bus of this minion. `False` when there is none, or the data is no dictionary.

    CLI Example::

        saltern run '*' event.fire '{"data": "my event data"}' 'tag'
    """
    if __event_sender__ is None or not isinstance(data, dict):
        return False
    return __event_sender__(tag, data, local=True)


def _chosen(values: dict[str, Any], wanted: bool | str | list[str]) -> dict[str, Any]:
    if wanted is True:
        return values
    names = [wanted] if isinstance(wanted, str) else list(wanted) if isinstance(wanted, list | tuple) else []
    return {name: values.get(name, "") for name in names}
