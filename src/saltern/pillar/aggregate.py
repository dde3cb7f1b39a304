"""The strategy `aggregate`: only what is tagged `!aggregate` is merged in depth (renderer yamlex)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saltern.plugin_api.yaml.aggregate import added


def aggregated(weaker: Mapping[str, Any], stronger: Mapping[str, Any]) -> dict[str, Any]:
    """What is tagged is joined, all else is replaced."""
    result = dict(weaker)
    for key, value in stronger.items():
        result[key] = added(result[key], value) if key in result else value
    return result
