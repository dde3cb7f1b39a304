"""The options of a beacon, as a beacon module reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

Verdict = tuple[bool, str]
"""Whether a configuration can be, and what is wrong with it."""
GOOD: Verdict = (True, "Valid beacon configuration")


def options_of(config: Any) -> dict[str, Any]:
    """All options of a beacon's configuration: a list of mappings, or one mapping."""
    if isinstance(config, Mapping):
        return dict(config)
    found: dict[str, Any] = {}
    for one in config or ():
        if isinstance(one, Mapping):
            found.update(one)
    return found


def is_list(config: Any, name: str) -> Verdict:
    """Whether it has the form of a beacon's configuration."""
    if isinstance(config, Sequence) and not isinstance(config, str):
        return GOOD
    return False, f"Configuration for {name} beacon must be a list."


def percent(value: Any) -> float:
    """`63%`, `63` or `'63'` as a number; `ValueError` for what is none."""
    found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*%?\s*", str(value))
    if found is None:
        raise ValueError(f"{value!r} is no percentage")
    return float(found[1])


def percent_verdict(config: Any, name: str) -> Verdict:
    """The verdict on a beacon that has the one option `percent`."""
    if not (form := is_list(config, name))[0]:
        return form
    options = options_of(config)
    if "percent" not in options:
        return False, f"Configuration for {name} beacon requires percent."
    try:
        percent(options["percent"])
    except ValueError as error:
        return False, f"Configuration for {name} beacon: {error}"
    return GOOD
