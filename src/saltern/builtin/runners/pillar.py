"""Pillar as the master compiles it."""

from __future__ import annotations

from saltern.plugin_api import Opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from saltern.plugin_api.master_control import MasterControl

__opts__: Opts
__master__: MasterControl


def show_top(minion: str | None = None, saltenv: str = "base") -> dict[str, Any]:
    """The top files of pillar as one, rendered for a minion (None: for the master): environment to target to SLS names.

    CLI Example::

        saltern runner pillar.show_top
        saltern runner pillar.show_top web1
    """
    return __master__.pillar_top(_name_of(minion), saltenv)


def show_pillar(minion: str = "*", **kwargs: Any) -> dict[str, Any]:
    """The pillar of a minion, compiled now; `*` is the pillar of the master itself.

    minion
        The minion's id. Its grains are those that the master knows of it.
    saltenv, pillarenv
        The environments to compile for.
    pillar
        Values to lay over it.

    CLI Example::

        saltern runner pillar.show_pillar web1
        saltern runner pillar.show_pillar web1 pillarenv=dev
    """
    override: Mapping[str, Any] = kwargs.get("pillar") or {}
    return __master__.compile_pillar(
        _name_of(minion),
        override=override,
        pillarenv=str(kwargs.get("pillarenv") or ""),
        saltenv=str(kwargs.get("saltenv") or ""),
    )


def clear_pillar_cache(minion: str = "*", **kwargs: Any) -> bool:
    """Drop the pillars that minions were given, until they ask again.

    CLI Example::

        saltern runner pillar.clear_pillar_cache
        saltern runner pillar.clear_pillar_cache web1
    """
    for one in __master__.resolve(minion):
        __master__.forget(one, pillar=True)
    return True


def show_pillar_cache(minion: str = "*", **kwargs: Any) -> dict[str, Any]:
    """The pillars that minions were given last, without those that asked for none.

    CLI Example::

        saltern runner pillar.show_pillar_cache
        saltern runner pillar.show_pillar_cache web1
    """
    found = {one: __master__.pillar(one) for one in __master__.resolve(minion)}
    return {one: pillar for one, pillar in found.items() if pillar is not None}


def _name_of(minion: str | None) -> str:
    return str(__opts__.get("id", "")) if minion in (None, "", "*") else str(minion)
