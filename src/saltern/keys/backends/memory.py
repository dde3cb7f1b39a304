"""Keys in memory: for tests and trials."""

from __future__ import annotations

from collections.abc import Mapping

from saltern.keys.contract import KeyState
from saltern.keys.ids import check_minion_id
from saltern.keys.precedence import first_state


class MemoryKeyStore:
    def __init__(self) -> None:
        self._keys: dict[KeyState, dict[str, str]] = {state: {} for state in KeyState}

    def list(self) -> Mapping[KeyState, list[str]]:
        return {state: sorted(keys) for state, keys in self._keys.items()}

    def get(self, minion: str, state: KeyState) -> str | None:
        return self._keys[state].get(minion)

    def state_of(self, minion: str) -> KeyState | None:
        return first_state(lambda state: minion in self._keys[state])

    def put(self, minion: str, state: KeyState, public_key: str) -> None:
        check_minion_id(minion)
        self._keys[state][minion] = public_key

    def delete(self, minion: str, state: KeyState) -> bool:
        return self._keys[state].pop(minion, None) is not None
