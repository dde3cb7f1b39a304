"""Beacons that states make of what they keep: the argument `beacon` (behaviour REQ-12)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def without_beacon(
    name: str, beacon: Any, fun: str, able: Sequence[str], *, word: str = "beacon"
) -> dict[str, Any] | None:
    """The result of `mod_beacon` where none is to be made: not wished for, or not by this function (`pkg.latest`).

    `able` are the functions of the module that can have one, and `word` is what Salt calls `mod_beacon` here. None
    where a beacon is to be made.
    """
    if not beacon:
        return {"name": name, "changes": {}, "result": True, "comment": "Not adding beacon."}
    if fun.partition(".")[2] not in able:
        comment = f"{fun} does not work with the {word} state function"
        return {"name": name, "changes": {}, "result": False, "comment": comment}
    return None
