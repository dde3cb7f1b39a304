"""Tells whether services run.

::

    beacons:
      service:
        - services:
            nginx:
              onchangeonly: True
              emitatstartup: False
            postfix: {}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saltern.plugin_api import Context, Functions
from saltern.plugin_api.beacon_options import GOOD, Verdict, is_list, options_of

__salt__: Functions
__context__: Context


def validate(config: Any) -> Verdict:
    """Whether `services` names services with their options."""
    if not (form := is_list(config, "service"))[0]:
        return form
    services = options_of(config).get("services")
    if services is None:
        return False, "Configuration for service beacon requires services."
    if not isinstance(services, Mapping) or not all(isinstance(one, Mapping | None) for one in services.values()):
        return False, "Services configuration item for service beacon must be a dictionary of dictionaries."
    return GOOD


def beacon(config: Any) -> list[dict[str, Any]]:
    """Each service with whether it runs; with `onchangeonly` when that has changed."""
    options = options_of(config)
    found = []
    for name, given in options["services"].items():
        wanted = given or {}
        now = {"running": bool(__salt__["service.status"](name))}
        key = f"service {options.get('_beacon_name')} {name}"
        is_first, before = key not in __context__, __context__.get(key)
        __context__[key] = now
        if is_first and not wanted.get("emitatstartup", True):
            continue
        if is_first or now != before or not wanted.get("onchangeonly", False):
            found.append({"service_name": name, "tag": name, name: now})
    return found
