"""Tells what functions of the module `status` say, each time.

::

    beacons:
      status:
        - interval: 60
        - loadavg: [1-min]
        - time: [all]

A list names the keys that are told, `all` all of them. Without any function it is `uptime`, `loadavg` and `meminfo`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from saltern.plugin_api import Functions
from saltern.plugin_api.beacon_options import GOOD, Verdict, is_list, options_of

__salt__: Functions

_USUAL = ("loadavg", "uptime", "meminfo")
_OPTIONS = ("interval", "disable_during_state_run", "enabled", "beacon_module", "run_once", "_beacon_name")


def validate(config: Any) -> Verdict:
    """Whether there are such functions."""
    if not (form := is_list(config, "status"))[0]:
        return form
    lacking = [name for name in _functions(config) if f"status.{name}" not in __salt__]
    return (False, f"Configuration for status beacon: there is no {', '.join(lacking)}.") if lacking else GOOD


def beacon(config: Any) -> list[dict[str, Any]]:
    """One event, with the moment in its tag."""
    told = {name: _part(__salt__[f"status.{name}"](), keys) for name, keys in _functions(config).items()}
    return [{"tag": datetime.now().isoformat(), "data": told}]  # noqa: DTZ005  (local time, as Salt's)


def _functions(config: Any) -> dict[str, Any]:
    named = {str(name): keys for name, keys in options_of(config).items() if name not in _OPTIONS}
    return named or {name: ["all"] for name in _USUAL}


def _part(value: Any, keys: Any) -> Any:
    wanted = keys if isinstance(keys, list) else [keys]
    if not isinstance(value, dict) or "all" in wanted or None in wanted:
        return value
    return {key: value[key] for key in wanted if key in value}
