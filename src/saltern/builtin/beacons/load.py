"""Tells when the load of the machine leaves its bounds.

::

    beacons:
      load:
        - averages:
            1m: [0.0, 2.0]
            5m: [0.0, 1.5]
        - emitatstartup: True
        - onchangeonly: False
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from saltern.plugin_api import Context
from saltern.plugin_api.beacon_options import GOOD, Verdict, is_list, options_of

__context__: Context

_TIMES = ("1m", "5m", "15m")


def validate(config: Any) -> Verdict:
    """Whether `averages` has two numbers for each time that it names."""
    if not (form := is_list(config, "load"))[0]:
        return form
    averages = options_of(config).get("averages")
    if not isinstance(averages, Mapping) or not averages:
        return False, "Averages configuration is required for load beacon."
    for time, bounds in averages.items():
        if time not in _TIMES:
            return False, f"Configuration for load beacon: {time} is none of {', '.join(_TIMES)}."
        if not isinstance(bounds, list) or len(bounds) != 2 or not all(isinstance(one, int | float) for one in bounds):
            return False, f"Configuration for load beacon: {time} must be a list of two numbers."
    return GOOD


def beacon(config: Any) -> list[dict[str, Any]]:
    """The three averages while one of them is out of its bounds; with `onchangeonly` when that begins or ends."""
    options = options_of(config)
    now = dict(zip(_TIMES, os.getloadavg(), strict=True))
    bounds = options["averages"].items()
    out = sorted(time for time, (low, high) in bounds if not float(low) <= now[time] <= float(high))
    key = f"load {options.get('_beacon_name')}"
    before = __context__.get(key)
    __context__[key] = out
    if before is None:
        return [now] if out and options.get("emitatstartup", True) else []
    if options.get("onchangeonly", False):
        return [now] if out != before else []
    return [now] if out else []
