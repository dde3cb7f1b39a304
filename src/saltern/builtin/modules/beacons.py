"""What the minion watches: `beacons` of its configuration and its pillar.

What is changed here counts at once, and after a restart once `beacons.save` has written it to `beacons.conf`. A beacon
of pillar wins over one of the same name in the configuration.
"""

from __future__ import annotations

import contextlib

from saltern.errors import NotFound
from saltern.plugin_api import OwnMinion, Plugins, SaltInvocationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__own_minion__: OwnMinion | None
__plugins__: Plugins

__func_alias__ = {"list_": "list"}


def list_(return_yaml: bool = True, include_pillar: bool = True, include_opts: bool = True, **kwargs: Any) -> Any:
    """The beacons, as YAML or as data.

    include_pillar, include_opts
        Whether those of the pillar, and those of the configuration, are told.

    CLI Example::

        saltern run '*' beacons.list
        saltern run '*' beacons.list return_yaml=False include_pillar=False
    """
    found = _ask("list", include_pillar=include_pillar, include_opts=include_opts)
    return _as_yaml(found) if return_yaml else found


def list_available(return_yaml: bool = True, **kwargs: Any) -> Any:
    """The beacon modules that there are.

    CLI Example::

        saltern run '*' beacons.list_available
    """
    found = __plugins__.table("beacons").module_names()
    return _as_yaml(found) if return_yaml else found


def add(name: str, beacon_data: Any, **kwargs: Any) -> dict[str, Any]:
    """Watch something.

    beacon_data
        A list of options, as in a configuration.
    test
        Only say what would be done.

    CLI Example::

        saltern run '*' beacons.add ps "[{'processes': {'apache2': 'stopped'}}]"
    """
    if name in list_(return_yaml=False, include_opts=False):
        return _failed(f"Cannot update beacon item {name}, because it is configured in pillar.")
    if name in list_(return_yaml=False, include_pillar=False):
        return _done(f"Beacon {name} is already configured.")
    if why := _why_not(name, beacon_data, "adding"):
        return _failed(why)
    if kwargs.get("test"):
        return _done(f"Beacon: {name} would be added.")
    _ask("put", name=name, data=beacon_data)
    return _done(f"Added beacon: {name}.")


def modify(name: str, beacon_data: Any, **kwargs: Any) -> dict[str, Any]:
    """Watch something in another way.

    beacon_data, test
        As in `beacons.add`.

    CLI Example::

        saltern run '*' beacons.modify ps "[{'processes': {'apache2': 'stopped'}}]"
    """
    current = list_(return_yaml=False, include_pillar=False)
    if name not in current:
        return _done(f"Beacon {name} is not configured.")
    if why := _why_not(name, beacon_data, "modifying"):
        return _failed(why)
    if current[name] == beacon_data:
        return _done(f"Job {name} in correct state")
    ret = {"changes": {"diff": _difference(current[name], beacon_data)}}
    if kwargs.get("test"):
        return ret | _done(f"Beacon: {name} would be modified.")
    _ask("put", name=name, data=beacon_data)
    return ret | _done(f"Modified beacon: {name}.")


def delete(name: str, **kwargs: Any) -> dict[str, Any]:
    """Watch something no more.

    test
        Only say what would be done.

    CLI Example::

        saltern run '*' beacons.delete ps
    """
    if name in list_(return_yaml=False, include_opts=False):
        return _failed(f"Cannot delete beacon item {name}, because it is configured in pillar.")
    if kwargs.get("test"):
        return _done(f"Beacon: {name} would be deleted.")
    with contextlib.suppress(NotFound):  # which is what was wanted
        _ask("remove", name=name)
    return _done(f"Deleted beacon: {name}.")


def save(**kwargs: Any) -> dict[str, Any]:
    """Write the beacons of the configuration down, so that a restart knows them.

    CLI Example::

        saltern run '*' beacons.save
    """
    return _done(f"Beacons saved to {_ask('save')}.")


def enable(**kwargs: Any) -> dict[str, Any]:
    """Turn the beacons on.

    test
        Only say what would be done.

    CLI Example::

        saltern run '*' beacons.enable
    """
    return _turn_all(kwargs, on=True)


def disable(**kwargs: Any) -> dict[str, Any]:
    """Turn all beacons off.

    test
        Only say what would be done.

    CLI Example::

        saltern run '*' beacons.disable
    """
    return _turn_all(kwargs, on=False)


def enable_beacon(name: str, **kwargs: Any) -> dict[str, Any]:
    """Turn a beacon on.

    test
        Only say what would be done.

    CLI Example::

        saltern run '*' beacons.enable_beacon ps
    """
    return _turn(name, kwargs, on=True)


def disable_beacon(name: str, **kwargs: Any) -> dict[str, Any]:
    """Turn a beacon off.

    test
        Only say what would be done.

    CLI Example::

        saltern run '*' beacons.disable_beacon ps
    """
    return _turn(name, kwargs, on=False)


def reset(**kwargs: Any) -> dict[str, Any]:
    """Forget all beacons but those of the pillar.

    test
        Only say what would be done.

    CLI Example::

        saltern run '*' beacons.reset
    """
    if kwargs.get("test"):
        return _done("Beacons would be reset.")
    _ask("reset")
    return _done("Beacon configuration reset.")


# --- what they have in common ---------------------------------------------------------------------------------------


def _ask(verb: str, **args: Any) -> Any:
    if __own_minion__ is None:
        raise SaltInvocationError("There is no minion here whose beacons these could be.")
    return __own_minion__("beacons", verb, args)


def _done(comment: str) -> dict[str, Any]:
    return {"comment": comment, "result": True}


def _failed(comment: str) -> dict[str, Any]:
    return {"comment": comment, "result": False}


def _why_not(name: str, data: Any, doing: str) -> str:
    """Why a beacon with these options cannot be."""
    options = {key: value for one in data if isinstance(one, dict) for key, value in one.items()} if data else {}
    table = __plugins__.table("beacons")
    module = str(options.get("beacon_module", name))
    if module not in table.module_names():
        return f'Beacon "{name}" is not available.'
    validate = table.functions_of(module).get(f"{module}.validate")
    if validate is None:
        return ""
    is_good, told = validate([*data, {"_beacon_name": name}] if isinstance(data, list) else data)
    return "" if is_good else f"Beacon {name} configuration invalid, not {doing}.\n{told}"


def _turn_all(options: Mapping[str, Any], *, on: bool) -> dict[str, Any]:
    if options.get("test"):
        return _done(f"Beacons would be {'enabled' if on else 'disabled'}.")
    _ask("enable", enabled=on)
    return _done(f"{'Enabled' if on else 'Disabled'} beacons on minion.")


def _turn(name: str, options: Mapping[str, Any], *, on: bool) -> dict[str, Any]:
    if name not in list_(return_yaml=False):
        return _failed(f"Beacon {name} is not currently configured.")
    if options.get("test"):
        return _done(f"Beacon {name} would be {'enabled' if on else 'disabled'}.")
    _ask("enable", enabled=on, name=name)
    return _done(f"{'Enabled' if on else 'Disabled'} beacon {name} on minion.")


def _difference(old: Any, new: Any) -> str:
    import difflib

    return "\n".join(difflib.unified_diff(_lines(old), _lines(new), n=0, lineterm=""))


def _lines(data: Any) -> list[str]:
    from saltern.plugin_api.yaml.dump import dump_yaml

    return dump_yaml(data, sort_keys=True).splitlines()


def _as_yaml(data: Any) -> str:
    from saltern.plugin_api.yaml.dump import dump_yaml

    return dump_yaml({"beacons": data}, sort_keys=True)
