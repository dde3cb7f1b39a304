"""States that see to what later ones want as well: which ones those may be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_OF_THE_RUN = (
    "check_cmd creates failhard fire_event no_log onlyif parallel reload_grains reload_modules reload_pillar"
    " retry unless"
)
"""What holds for a state in its own place alone: when it runs, and what follows from its changes."""


def tag_of(low: Mapping[str, Any]) -> str:
    """The key of a state's result among those of a run."""
    return "_|-".join(str(low[key]) for key in ("state", "__id__", "name", "fun"))


def to_come(
    low: Mapping[str, Any], chunks: Iterable[Mapping[str, Any]], running: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    """The states that have not run and are not `low` itself."""
    own = tag_of(low)
    return [one for one in chunks if (tag := tag_of(one)) != own and tag not in running]


def in_a_row(
    low: Mapping[str, Any], chunks: Iterable[Mapping[str, Any]], running: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    """The states to come of the same function, up to the first of another function of the module, whose turn is first.

    Those with conditions of their own and the like are left out.
    """
    found = []
    for one in to_come(low, (one for one in chunks if one["state"] == low["state"]), running):
        if one["fun"] != low["fun"]:
            break
        if not any(word in one for word in _OF_THE_RUN.split()):
            found.append(one)
    return found
