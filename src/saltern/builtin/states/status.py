"""What the host does, as states that change nothing."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Functions
from saltern.plugin_api.state_result import result_of

__salt__: Functions


def loadavg(name: str, maximum: float | None = None, minimum: float | None = None) -> dict[str, Any]:
    """The load, as a mean over `1-min`, `5-min` or `15-min`, lies between bounds; 0 is none."""
    data = __salt__["status.loadavg"]()
    if name not in data:
        return {**result_of(name, False, f"Requested load average {name} not available "), "data": {}}
    if minimum is not None and maximum is not None and float(minimum) >= float(maximum):
        return {**result_of(name, False, "Min must be less than max"), "data": data}
    load = data[name]
    if minimum and load < float(minimum):
        return {**result_of(name, False, f"Load avg is below minimum of {minimum} at {load}"), "data": load}
    if maximum and load > float(maximum):
        return {**result_of(name, False, f"Load avg above maximum of {maximum} at {load}"), "data": load}
    return {**result_of(name, True, "Load avg in acceptable range"), "data": load}


def process(name: str) -> dict[str, Any]:
    """A process runs whose command has a text."""
    data = __salt__["status.pid"](name)
    if data:
        return {**result_of(name, True, f'Process signature "{name}" was found '), "data": data}
    return {**result_of(name, False, f'Process signature "{name}" not found '), "data": {}}
