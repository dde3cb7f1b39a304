"""Tells when more memory is used than should be.

::

    beacons:
      memusage:
        - percent: 63%
"""

from __future__ import annotations

from typing import Any

from saltern.plugin_api.beacon_options import Verdict, options_of, percent, percent_verdict


def validate(config: Any) -> Verdict:
    """Whether `percent` is a percentage."""
    return percent_verdict(config, "memusage")


def beacon(config: Any) -> list[dict[str, Any]]:
    """The usage in percent while it is at the bound or above."""
    import psutil

    used = psutil.virtual_memory().percent
    return [{"memusage": used}] if used >= percent(options_of(config)["percent"]) else []
