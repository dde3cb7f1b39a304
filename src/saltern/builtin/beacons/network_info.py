"""Tells of traffic: the counters of network interfaces.

::

    beacons:
      network_info:
        - interfaces:
            eth0:
              type: greater
              bytes_sent: 100000
              errin: 10

`type` is `equal` (the default) or `greater`; an interface without counters is told each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saltern.plugin_api.beacon_options import GOOD, Verdict, is_list, options_of

_COUNTERS = ("bytes_sent", "bytes_recv", "packets_sent", "packets_recv", "errin", "errout", "dropin", "dropout")
_TYPES = ("equal", "greater")


def validate(config: Any) -> Verdict:
    """Whether `interfaces` names interfaces with counters that there are."""
    if not (form := is_list(config, "network_info"))[0]:
        return form
    interfaces = options_of(config).get("interfaces")
    if not isinstance(interfaces, Mapping):
        return False, "Configuration for network_info beacon requires interfaces."
    for name, wanted in interfaces.items():
        if not isinstance(wanted, Mapping | None) or (wanted or {}).get("type", "equal") not in _TYPES:
            return False, f"Configuration for network_info beacon: the type of {name} is equal or greater."
        strange = sorted(set(wanted or {}) - {*_COUNTERS, "type"})
        if strange:
            return False, f"Configuration for network_info beacon: there is no {', '.join(strange)}."
    return GOOD


def beacon(config: Any) -> list[dict[str, Any]]:
    """The counters of each interface, one of which is as large as is named, or larger."""
    import psutil

    counters = psutil.net_io_counters(pernic=True)
    found = []
    for name, wanted in options_of(config)["interfaces"].items():
        if name in counters and _is_told(counters[name], wanted or {}):
            info = {counter: getattr(counters[name], counter) for counter in _COUNTERS}
            found.append({"interface": name, "network_info": info})
    return found


def _is_told(now: Any, wanted: Mapping[str, Any]) -> bool:
    bounds = {counter: int(wanted[counter]) for counter in _COUNTERS if counter in wanted}
    if not bounds:
        return True
    if wanted.get("type") == "greater":
        return any(getattr(now, counter) > bound for counter, bound in bounds.items())
    return any(getattr(now, counter) == bound for counter, bound in bounds.items())
