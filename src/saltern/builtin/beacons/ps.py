"""Tells of processes that run, or do not.

::

    beacons:
      ps:
        - processes:
            salt-master: running
            mysql: stopped
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saltern.plugin_api.beacon_options import GOOD, Verdict, is_list, options_of

_STATES = ("running", "stopped")


def validate(config: Any) -> Verdict:
    """Whether `processes` says of each name whether it should be running or stopped."""
    if not (form := is_list(config, "ps"))[0]:
        return form
    processes = options_of(config).get("processes")
    if processes is None:
        return False, "Configuration for ps beacon requires processes."
    if not isinstance(processes, Mapping):
        return False, "Processes for ps beacon must be a dictionary."
    wrong = [name for name, state in processes.items() if state not in _STATES]
    return (False, f"Configuration for ps beacon: {wrong[0]} is neither running nor stopped.") if wrong else GOOD


def beacon(config: Any) -> list[dict[str, str]]:
    """Each process that is in the state that is named."""
    import psutil

    names = {process.info["name"] for process in psutil.process_iter(["name"])}
    found = []
    for name, state in options_of(config)["processes"].items():
        is_there = name in names
        if is_there == (state == "running"):
            found.append({name: state.capitalize()})
    return found
