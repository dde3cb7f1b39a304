"""What an operator does with keys: look, accept, reject, delete (behaviours KEY-04 and KEY-06)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from saltern.errors import ArgumentError
from saltern.keys.contract import KeyState, KeyStore
from saltern.pki.fingerprints import fingerprint, show

ByState = dict[KeyState, list[str]]


class KeyChange(msgspec.Struct, frozen=True, kw_only=True):
    """What changed. `keys` has the ids by the state that they are in now, or of a deletion, that they were in.

    `events` are the data of one `salt/key` event each.
    """

    keys: ByState
    events: list[dict[str, Any]]


class KeyRing:
    """The operator's verbs over a key store.

    `match` holds globs or exact ids, each text a comma list of them. `states` limits a verb to keys in these states;
    empty means what the verb takes of itself. Every state that matches is present in an answer.
    """

    def __init__(self, store: KeyStore) -> None:
        self._store = store

    def list(self, match: Sequence[str] = (), states: Iterable[KeyState] = ()) -> ByState:
        """The ids that match, sorted; no `match` means all."""
        wanted = tuple(states) or tuple(KeyState)
        return {state: select(ids, match or ("*",)) for state, ids in self._store.list().items() if state in wanted}

    def print(self, match: Sequence[str] = (), states: Iterable[KeyState] = ()) -> dict[KeyState, dict[str, str]]:
        """The public keys (PEM) that match."""
        return self._show(match, states, lambda pem: pem)

    def finger(self, match: Sequence[str] = (), states: Iterable[KeyState] = ()) -> dict[KeyState, dict[str, str]]:
        """The fingerprints that match; of a file that holds no public key, a word that says so."""
        return self._show(match, states, _fingerprint)

    def accept(self, match: Sequence[str], states: Iterable[KeyState] = ()) -> KeyChange:
        """Accept pending keys; rejected and denied ones only where `states` names them.

        A denied key takes the place of the accepted one of its id.
        """
        return self._move(match, tuple(states) or (KeyState.PENDING,), KeyState.ACCEPTED, "accept")

    def reject(self, match: Sequence[str], states: Iterable[KeyState] = ()) -> KeyChange:
        """Reject pending keys; accepted and denied ones only where `states` names them."""
        return self._move(match, tuple(states) or (KeyState.PENDING,), KeyState.REJECTED, "reject")

    def delete(self, match: Sequence[str], states: Iterable[KeyState] = ()) -> KeyChange:
        """Forget keys, whatever state they are in."""
        gone = {
            state: [minion for minion in ids if self._store.delete(minion, state)]
            for state, ids in self.list(match, states).items()
        }
        return KeyChange(keys=gone, events=[_event("delete", minion) for ids in gone.values() for minion in ids])

    def _show(
        self, match: Sequence[str], states: Iterable[KeyState], text: Callable[[str], str]
    ) -> dict[KeyState, dict[str, str]]:
        found: dict[KeyState, dict[str, str]] = {}
        for state, ids in self.list(match, states).items():
            keys = ((minion, self._store.get(minion, state)) for minion in ids)
            found[state] = {minion: text(pem) for minion, pem in keys if pem is not None}
        return found

    def _move(self, match: Sequence[str], sources: tuple[KeyState, ...], goal: KeyState, act: str) -> KeyChange:
        if goal in sources:
            raise ArgumentError(f"Keys that are {goal.name.lower()} already cannot be made so.")
        matching = self.list(match, sources)
        moved: dict[str, None] = {}
        # Of an id with keys in several states the one that waits is meant, the stranger's comes last.
        for state in (KeyState.PENDING, KeyState.REJECTED, KeyState.ACCEPTED, KeyState.DENIED):
            for minion in matching.get(state, ()):
                if minion not in moved and self._move_one(minion, state, goal):
                    moved[minion] = None
        return KeyChange(keys={goal: sorted(moved)}, events=[_event(act, minion) for minion in sorted(moved)])

    def _move_one(self, minion: str, source: KeyState, goal: KeyState) -> bool:
        public_key = self._store.get(minion, source)
        if public_key is None:
            return False
        self._store.put(minion, goal, public_key)
        self._store.delete(minion, source)
        if goal is KeyState.ACCEPTED:
            # A rejection left beside would go on to shut the minion out.
            self._store.delete(minion, KeyState.REJECTED)
        return True


def states_for(
    verb: str,
    *,
    include_accepted: bool = False,
    include_rejected: bool = False,
    include_denied: bool = False,
    include_all: bool = False,
) -> tuple[KeyState, ...]:
    """The states that salt-key's `--include-*` flags mean for `accept` and `reject`."""
    included = {
        KeyState.PENDING: True,
        KeyState.ACCEPTED: (include_accepted or include_all) and verb == "reject",
        KeyState.REJECTED: (include_rejected or include_all) and verb == "accept",
        KeyState.DENIED: include_denied or include_all,
    }
    return tuple(state for state, wanted in included.items() if wanted)


def select(ids: Iterable[str], match: Iterable[str]) -> list[str]:
    """The ids that a list of globs, exact ids and comma lists names, in the order of `ids`."""
    texts = list(match)
    patterns = {text.strip() for entry in texts for text in entry.split(",")} | set(texts)
    if "*" in patterns:
        return list(ids)
    globs = [pattern for pattern in patterns if any(sign in pattern for sign in "*?[")]
    return [minion for minion in ids if minion in patterns or any(fnmatchcase(minion, glob) for glob in globs)]


def _fingerprint(pem: str) -> str:
    try:
        return show(fingerprint(pem))
    except ValueError:
        return "unreadable"


def _event(act: str, minion: str) -> dict[str, Any]:
    return {"result": True, "act": act, "id": minion}
