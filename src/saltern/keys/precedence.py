"""Which state holds when an id has keys in several."""

from __future__ import annotations

from collections.abc import Callable

from saltern.keys.contract import KeyState

# Rejection wins, so that a move that was cut short, or two files placed by hand, never let anybody in. A denied key is
# a stranger's claim to an id and says nothing about the id itself.
_ORDER = (KeyState.REJECTED, KeyState.ACCEPTED, KeyState.PENDING, KeyState.DENIED)


def first_state(has_key: Callable[[KeyState], bool]) -> KeyState | None:
    return next((state for state in _ORDER if has_key(state)), None)
