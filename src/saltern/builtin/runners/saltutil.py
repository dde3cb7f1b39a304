"""Bring plugins for the master from its file roots."""

from __future__ import annotations

from saltern.plugin_api import FileClient, Opts, Plugins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from saltern.plugin_api.sync import Listing

__opts__: Opts
__plugins__: Plugins
__file_client__: FileClient

_SYNCED = (
    "clouds",
    "modules",
    "states",
    "grains",
    "renderers",
    "returners",
    "output",
    "proxymodules",
    "runners",
    "wheel",
    "engines",
    "thorium",
    "queues",
    "pillar",
    "utils",
    "sdb",
    "cache",
    "fileserver",
    "tops",
    "tokens",
    "serializers",
    "executors",
    "wrapper",
    "roster",
)
"""What `sync_all` brings, in the order in which it answers."""


def sync_all(
    saltenv: Listing = "base",
    extmod_whitelist: dict[str, Any] | None = None,
    extmod_blacklist: dict[str, Any] | None = None,
) -> dict[str, list[str]]:
    """Bring all kinds of plugins; what is new or changed of each kind.

    extmod_whitelist, extmod_blacklist
        The only names to bring, and those not to bring, by kind.

    CLI Example::

        saltern runner saltutil.sync_all
        saltern runner saltutil.sync_all extmod_whitelist='{runners: [custom]}'
    """
    allowed, refused = extmod_whitelist or {}, extmod_blacklist or {}
    return {kind: _synced(kind, saltenv, allowed.get(kind), refused.get(kind)) for kind in _SYNCED}


def sync_clouds(
    saltenv: Listing = "base", extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring cloud modules from `_clouds`; the names of those that are new or changed.

    CLI Example::

        saltern runner saltutil.sync_clouds
    """
    return _synced("clouds", saltenv, extmod_whitelist, extmod_blacklist)


def sync_modules(
    saltenv: Listing = "base", extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring execution modules from `_modules`; the names of those that are new or changed.

    CLI Example::

        saltern runner saltutil.sync_modules
    """
    return _synced("modules", saltenv, extmod_whitelist, extmod_blacklist)


def sync_states(
    saltenv: Listing = "base", extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring state modules from `_states`; the names of those that are new or changed.

    CLI Example::

        saltern runner saltutil.sync_states
    """
    return _synced("states", saltenv, extmod_whitelist, extmod_blacklist)


def sync_grains(
    saltenv: Listing = "base", extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring grains modules from `_grains`; the names of those that are new or changed.

    CLI Example::

        saltern runner saltutil.sync_grains
    """
    return _synced("grains", saltenv, extmod_whitelist, extmod_blacklist)


def sync_renderers(
    saltenv: Listing = "base", extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring renderers from `_renderers`; the names of those that are new or changed.

    CLI Example::

        saltern runner saltutil.sync_renderers
    """
    return _synced("renderers", saltenv, extmod_whitelist, extmod_blacklist)


def sync_returners(
    saltenv: Listing = "base", extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring returners from `_returners`; the names of those that are new or changed.

    CLI Example::

        saltern runner saltutil.sync_returners
    """
    return _synced("returners", saltenv, extmod_whitelist, extmod_blacklist)


def sync_output(
    saltenv: Listing = "base", extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring outputters from `_output`; the names of those that are new or changed.

    CLI Example::

        saltern runner saltutil.sync_output
    """
    return _synced("output", saltenv, extmod_whitelist, extmod_blacklist)


def sync_proxymodules(
    saltenv: Listing = "base", extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring proxy modules from `_proxy`; the names of those that are new or changed.

    CLI Example::

        saltern runner saltutil.sync_proxymodules
    """
    return _synced("proxymodules", saltenv, extmod_whitelist, extmod_blacklist)


def sync_runners(
    saltenv: Listing = "base", extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring runners from `_runners`; the names of those that are new or changed.

    CLI Example::

        saltern runner saltutil.sync_runners
    """
    return _synced("runners", saltenv, extmod_whitelist, extmod_blacklist)


def sync_wheel(
    saltenv: Listing = "base", extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring wheel modules from `_wheel`; the names of those that are new or changed.

    CLI Example::

        saltern runner saltutil.sync_wheel
    """
    return _synced("wheel", saltenv, extmod_whitelist, extmod_blacklist)


def sync_engines(
    saltenv: Listing = "base", extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring engines from `_engines`; the names of those that are new or changed.

    CLI Example::

        saltern runner saltutil.sync_engines
    """
    return _synced("engines", saltenv, extmod_whitelist, extmod_blacklist)


def sync_thorium(
    saltenv: Listing = "base", extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring Thorium modules from `_thorium`; the names of those that are new or changed.

    CLI Example::

        saltern runner saltutil.sync_thorium
    """
    return _synced("thorium", saltenv, extmod_whitelist, extmod_blacklist)


def sync_queues(
    saltenv: Listing = "base", extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring queues from `_queues`; the names of those that are new or changed.

    CLI Example::

        saltern runner saltutil.sync_queues
    """
    return _synced("queues", saltenv, extmod_whitelist, extmod_blacklist)


def sync_pillar(
    saltenv: Listing = "base", extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring external pillars from `_pillar`; the names of those that are new or changed.

    CLI Example::

        saltern runner saltutil.sync_pillar
    """
    return _synced("pillar", saltenv, extmod_whitelist, extmod_blacklist)


def sync_utils(
    saltenv: Listing = "base", extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring modules of `__utils__` from `_utils`; the names of those that are new or changed.

    CLI Example::

        saltern runner saltutil.sync_utils
    """
    return _synced("utils", saltenv, extmod_whitelist, extmod_blacklist)


def sync_sdb(
    saltenv: Listing = "base", extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring sdb modules from `_sdb`; the names of those that are new or changed.

    CLI Example::

        saltern runner saltutil.sync_sdb
    """
    return _synced("sdb", saltenv, extmod_whitelist, extmod_blacklist)


def sync_cache(
    saltenv: Listing = "base", extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring cache modules from `_cache`; the names of those that are new or changed.

    CLI Example::

        saltern runner saltutil.sync_cache
    """
    return _synced("cache", saltenv, extmod_whitelist, extmod_blacklist)


def sync_fileserver(
    saltenv: Listing = "base", extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring file server modules from `_fileserver`; the names of those that are new or changed.

    CLI Example::

        saltern runner saltutil.sync_fileserver
    """
    return _synced("fileserver", saltenv, extmod_whitelist, extmod_blacklist)


def sync_tops(
    saltenv: Listing = "base", extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring modules that give top data from `_tops`; the names of those that are new or changed.

    CLI Example::

        saltern runner saltutil.sync_tops
    """
    return _synced("tops", saltenv, extmod_whitelist, extmod_blacklist)


def sync_eauth_tokens(
    saltenv: Listing = "base", extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring stores of access tokens from `_tokens`; the names of those that are new or changed.

    CLI Example::

        saltern runner saltutil.sync_eauth_tokens
    """
    return _synced("tokens", saltenv, extmod_whitelist, extmod_blacklist)


def sync_serializers(
    saltenv: Listing = "base", extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring serializers from `_serializers`; the names of those that are new or changed.

    CLI Example::

        saltern runner saltutil.sync_serializers
    """
    return _synced("serializers", saltenv, extmod_whitelist, extmod_blacklist)


def sync_executors(
    saltenv: Listing = "base", extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring executors from `_executors`; the names of those that are new or changed.

    CLI Example::

        saltern runner saltutil.sync_executors
    """
    return _synced("executors", saltenv, extmod_whitelist, extmod_blacklist)


def sync_wrapper(
    saltenv: Listing = "base", extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring wrapper modules from `_wrapper`; the names of those that are new or changed.

    CLI Example::

        saltern runner saltutil.sync_wrapper
    """
    return _synced("wrapper", saltenv, extmod_whitelist, extmod_blacklist)


def sync_roster(
    saltenv: Listing = "base", extmod_whitelist: Listing = None, extmod_blacklist: Listing = None
) -> list[str]:
    """Bring rosters from `_roster`; the names of those that are new or changed.

    CLI Example::

        saltern runner saltutil.sync_roster
    """
    return _synced("roster", saltenv, extmod_whitelist, extmod_blacklist)


def _synced(kind: str, saltenv: Listing, allowed: Listing, refused: Listing) -> list[str]:
    from pathlib import Path

    from saltern.plugin_api.sync import Tree

    tree = Tree(__file_client__, Path(str(__opts__["extension_modules"])), __opts__)
    names, differs = tree.sync(kind, saltenv, allowed, refused)
    if differs:
        __plugins__.reload()
    return names
