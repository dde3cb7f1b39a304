"""Plugins of the file tree are on the minion, as states."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Functions, Opts

__opts__: Opts
__salt__: Functions


def _synced(name: str, kind: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """What one kind of sync does. A dry run cannot know what is new without fetching it."""
    function = f"saltutil.sync_{kind}"
    if __opts__["test"]:
        return _result(name, None, f"{function} would have been run")
    if function not in __salt__:
        return _result(name, False, f"There is no function {function}")
    given = {key: value for key, value in arguments.items() if not key.startswith("__")}
    try:
        done = __salt__[function](**given)
    except Exception as error:  # whatever keeps it from syncing is told
        return _result(name, False, f"Failed to run sync_{kind}: {error}")
    changes = {kind: done} if isinstance(done, list) else {key: value for key, value in (done or {}).items() if value}
    if not any(changes.values()):
        return _result(name, True, "No updates to sync")
    return _result(name, True, "Sync performed" if kind == "all" else f"Updated {kind}.", changes)


def _result(name: str, result: bool | None, comment: str, changes: Any = None) -> dict[str, Any]:
    return {"name": name, "changes": changes or {}, "result": result, "comment": comment}


def sync_all(name: str, **kwargs: Any) -> dict[str, Any]:
    """Have all plugins as the file tree has them."""
    return _synced(name, "all", kwargs)


def sync_beacons(name: str, **kwargs: Any) -> dict[str, Any]:
    """Have the plugins of the kind `beacons` as the file tree has them."""
    return _synced(name, "beacons", kwargs)


def sync_clouds(name: str, **kwargs: Any) -> dict[str, Any]:
    """Have the plugins of the kind `clouds` as the file tree has them."""
    return _synced(name, "clouds", kwargs)


def sync_engines(name: str, **kwargs: Any) -> dict[str, Any]:
    """Have the plugins of the kind `engines` as the file tree has them."""
    return _synced(name, "engines", kwargs)


def sync_executors(name: str, **kwargs: Any) -> dict[str, Any]:
    """Have the plugins of the kind `executors` as the file tree has them."""
    return _synced(name, "executors", kwargs)


def sync_grains(name: str, **kwargs: Any) -> dict[str, Any]:
    """Have the plugins of the kind `grains` as the file tree has them."""
    return _synced(name, "grains", kwargs)


def sync_log_handlers(name: str, **kwargs: Any) -> dict[str, Any]:
    """Have the plugins of the kind `log_handlers` as the file tree has them."""
    return _synced(name, "log_handlers", kwargs)


def sync_matchers(name: str, **kwargs: Any) -> dict[str, Any]:
    """Have the plugins of the kind `matchers` as the file tree has them."""
    return _synced(name, "matchers", kwargs)


def sync_modules(name: str, **kwargs: Any) -> dict[str, Any]:
    """Have the plugins of the kind `modules` as the file tree has them."""
    return _synced(name, "modules", kwargs)


def sync_output(name: str, **kwargs: Any) -> dict[str, Any]:
    """Have the plugins of the kind `output` as the file tree has them."""
    return _synced(name, "output", kwargs)


def sync_outputters(name: str, **kwargs: Any) -> dict[str, Any]:
    """Have the plugins of the kind `outputters` as the file tree has them."""
    return _synced(name, "outputters", kwargs)


def sync_pillar(name: str, **kwargs: Any) -> dict[str, Any]:
    """Have the plugins of the kind `pillar` as the file tree has them."""
    return _synced(name, "pillar", kwargs)


def sync_proxymodules(name: str, **kwargs: Any) -> dict[str, Any]:
    """Have the plugins of the kind `proxymodules` as the file tree has them."""
    return _synced(name, "proxymodules", kwargs)


def sync_renderers(name: str, **kwargs: Any) -> dict[str, Any]:
    """Have the plugins of the kind `renderers` as the file tree has them."""
    return _synced(name, "renderers", kwargs)


def sync_resources(name: str, **kwargs: Any) -> dict[str, Any]:
    """Have the plugins of the kind `resources` as the file tree has them."""
    return _synced(name, "resources", kwargs)


def sync_returners(name: str, **kwargs: Any) -> dict[str, Any]:
    """Have the plugins of the kind `returners` as the file tree has them."""
    return _synced(name, "returners", kwargs)


def sync_sdb(name: str, **kwargs: Any) -> dict[str, Any]:
    """Have the plugins of the kind `sdb` as the file tree has them."""
    return _synced(name, "sdb", kwargs)


def sync_serializers(name: str, **kwargs: Any) -> dict[str, Any]:
    """Have the plugins of the kind `serializers` as the file tree has them."""
    return _synced(name, "serializers", kwargs)


def sync_states(name: str, **kwargs: Any) -> dict[str, Any]:
    """Have the plugins of the kind `states` as the file tree has them."""
    return _synced(name, "states", kwargs)


def sync_thorium(name: str, **kwargs: Any) -> dict[str, Any]:
    """Have the plugins of the kind `thorium` as the file tree has them."""
    return _synced(name, "thorium", kwargs)


def sync_tops(name: str, **kwargs: Any) -> dict[str, Any]:
    """Have the plugins of the kind `tops` as the file tree has them."""
    return _synced(name, "tops", kwargs)


def sync_utils(name: str, **kwargs: Any) -> dict[str, Any]:
    """Have the plugins of the kind `utils` as the file tree has them."""
    return _synced(name, "utils", kwargs)


def sync_wrapper(name: str, **kwargs: Any) -> dict[str, Any]:
    """Have the plugins of the kind `wrapper` as the file tree has them."""
    return _synced(name, "wrapper", kwargs)
