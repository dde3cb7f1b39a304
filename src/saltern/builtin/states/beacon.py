"""What the minion watches."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def present(name: str, save: bool = False, **kwargs: Any) -> dict[str, Any]:
    """The minion watches this, with the options that the beacon has in a configuration.

    save
        Whether a restart knows it.
    beacon_data
        The options as a list, in place of further arguments.

    Example::

        ps:
          beacon.present:
            - save: True
            - processes:
                apache2: stopped
    """
    given = {key: value for key, value in kwargs.items() if not key.startswith("__")}
    data = given.pop("beacon_data", None) or [{key: value} for key, value in given.items()]
    current = _beacons()
    if name in current and current[name] == data:
        return result_of(name, True, f"Job {name} in correct state")
    function = "beacons.modify" if name in current else "beacons.add"
    foretold = __salt__[function](name, data, test=True)
    if not foretold["result"]:
        return result_of(name, False, foretold["comment"])
    changes = foretold.get("changes") or {name: "added"}
    if __opts__["test"]:
        return result_of(name, None, foretold["comment"], changes)
    done = __salt__[function](name, data)
    if not done["result"]:
        return result_of(name, False, done["comment"])
    told = f"Modifying {name} in beacons" if name in current else f"Adding {name} to beacons"
    return result_of(name, True, _saved(told, name, save=save), changes)


def absent(name: str, save: bool = False, **kwargs: Any) -> dict[str, Any]:
    """The minion does not watch this; `save` says whether that holds after a restart.

    Example::

        ps:
          beacon.absent:
            - save: True
    """
    if name not in _beacons():
        return result_of(name, True, f"{name} not configured in beacons")
    foretold = __salt__["beacons.delete"](name, test=True)
    if not foretold["result"]:
        return result_of(name, False, foretold["comment"])
    if __opts__["test"]:
        return result_of(name, None, foretold["comment"], {name: "removed"})
    __salt__["beacons.delete"](name)
    return result_of(name, True, _saved(f"Removed {name} from beacons", name, save=save), {name: "removed"})


def enabled(name: str, **kwargs: Any) -> dict[str, Any]:
    """The beacon is turned on, if there is one.

    Example::

        ps:
          beacon.enabled: []
    """
    return _turned(name, f"{name} not a configured beacon", on=True)


def disabled(name: str, **kwargs: Any) -> dict[str, Any]:
    """The beacon is turned off, if there is one.

    Example::

        ps:
          beacon.disabled: []
    """
    return _turned(name, f"Job {name} is not configured.", on=False)


def _beacons() -> dict[str, Any]:
    found: dict[str, Any] = __salt__["beacons.list"](return_yaml=False)
    return found


def _saved(told: str, name: str, *, save: bool) -> str:
    if not save:
        return told
    __salt__["beacons.save"]()
    return f"{told}\nBeacon {name} saved"


def _turned(name: str, missing: str, *, on: bool) -> dict[str, Any]:
    given = _beacons().get(name)
    if given is None:
        return result_of(name, True, missing)
    word = "enabled" if on else "disabled"
    if _is_on(given) == on:
        return result_of(name, True, f"Beacon {name} is {word} already")
    if __opts__["test"]:
        return result_of(name, None, f"Beacon {name} would be {word}.", {name: word})
    done = __salt__["beacons.enable_beacon" if on else "beacons.disable_beacon"](name)
    told = f"{word.capitalize()} {name} from beacons" if done["result"] else done["comment"]
    return result_of(name, bool(done["result"]), told, {name: word} if done["result"] else {})


def _is_on(given: Any) -> bool:
    options = given if isinstance(given, list) else [given]
    return all(bool(one.get("enabled", True)) for one in options if isinstance(one, dict))
