"""Blackout: a time in which a minion runs next to nothing (behaviour JOB-24)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

REASON = "Minion in blackout mode. Only saltutil.refresh_pillar and minion_blackout_whitelist run."
_ALWAYS = "saltutil.refresh_pillar"


def is_shut_out(fun: str | list[str], sources: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a job may not run now: one of its functions is not on the list of the first source that is dark.

    Each source may have `minion_blackout` and `minion_blackout_whitelist`: the configuration, the grains.
    """
    names = {fun} if isinstance(fun, str) else set(fun)
    for source in sources:
        if source.get("minion_blackout") is True:
            return not names <= {_ALWAYS, *_whitelist(source)}
    return False


def _whitelist(source: Mapping[str, Any]) -> Iterable[str]:
    listed = source.get("minion_blackout_whitelist")
    return listed if isinstance(listed, list | tuple) else ()
