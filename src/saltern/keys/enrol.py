"""What becomes of a minion that asks to be let in (behaviours KEY-03 and KEY-04)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Protocol

import msgspec

from saltern.keys.contract import KeyState, KeyStore
from saltern.keys.ids import is_minion_id
from saltern.pki.fingerprints import same_key


class AutomaticRules(Protocol):
    """What is decided without an operator; asked only where the answer matters, because a yes may use something up."""

    def rejects(self, minion: str) -> bool: ...

    def accepts(self, minion: str, grains: Mapping[str, str], token: str) -> bool: ...


class Applicant(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks. `public_key` is PEM, and the applicant has proved that it holds the private key."""

    minion: str
    public_key: str
    grains: Mapping[str, str] = {}
    token: str = ""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The answer. `state` is that of `EnrolReply`, `act` that of the `salt/auth` event.

    `put` is the state in which the applicant's key is to be kept, None: it is not kept. `drop` are the states whose
    keys of this id are to be forgotten.
    """

    state: str
    act: str
    message: str
    put: KeyState | None = None
    drop: tuple[KeyState, ...] = ()

    @property
    def result(self) -> bool:
        """Salt's view: whether the minion may go on, or wait."""
        return self.state in ("accepted", "pending")

    def event(self, applicant: Applicant) -> dict[str, Any] | None:
        """Data of the `salt/auth` event; None for an id that is none: it is not worth repeating."""
        if self.act == "error":
            return None
        return {"result": self.result, "act": self.act, "id": applicant.minion, "pub": applicant.public_key}


def enrol(
    store: KeyStore, applicant: Applicant, rules: AutomaticRules, *, full: bool = False, open_mode: bool = False
) -> Decision:
    """Decide, and keep what was decided."""
    decision = decide(store, applicant, rules, full=full, open_mode=open_mode)
    if decision.put is not None:
        store.put(applicant.minion, decision.put, applicant.public_key)
    for state in decision.drop:
        store.delete(applicant.minion, state)
    return decision


def decide(
    store: KeyStore, applicant: Applicant, rules: AutomaticRules, *, full: bool = False, open_mode: bool = False
) -> Decision:
    """The table of KEY-03, from top to bottom. Changes nothing in the store.

    `full`: there are `max_minions` others connected already (see `is_full`).
    """
    minion = applicant.minion
    if not is_minion_id(minion):
        return _INVALID
    if full:
        return _FULL
    if open_mode:
        return _accept(KeyState.PENDING, KeyState.REJECTED)
    if store.get(minion, KeyState.REJECTED) is not None:
        return _REJECTED
    accepted = store.get(minion, KeyState.ACCEPTED)
    if accepted is not None:
        return _ACCEPTED_BEFORE if same_key(accepted, applicant.public_key) else _denied(store, applicant)
    return _undecided(store, applicant, rules)


def is_full(minion: str, connected: Collection[str], max_minions: int) -> bool:
    """Whether a master that serves at most `max_minions` (0: any number) has no place for this one."""
    return max_minions > 0 and len(connected) >= max_minions and minion not in connected


def _undecided(store: KeyStore, applicant: Applicant, rules: AutomaticRules) -> Decision:
    minion = applicant.minion
    pending = store.get(minion, KeyState.PENDING)
    if rules.rejects(minion):
        drop = () if pending is None else (KeyState.PENDING,)
        return msgspec.structs.replace(_REJECTED, put=KeyState.REJECTED, drop=drop)
    if pending is not None and not same_key(pending, applicant.public_key):
        return _denied(store, applicant)
    if rules.accepts(minion, applicant.grains, applicant.token):
        return _accept(*(() if pending is None else (KeyState.PENDING,)))
    return _PENDING if pending is not None else msgspec.structs.replace(_PENDING, put=KeyState.PENDING)


def _denied(store: KeyStore, applicant: Applicant) -> Decision:
    known = store.get(applicant.minion, KeyState.DENIED)
    if known is not None and same_key(known, applicant.public_key):
        return _DENIED
    return msgspec.structs.replace(_DENIED, put=KeyState.DENIED)


def _accept(*drop: KeyState) -> Decision:
    return msgspec.structs.replace(_ACCEPTED_BEFORE, put=KeyState.ACCEPTED, drop=drop)


_ACCEPTED_BEFORE = Decision(state="accepted", act="accept", message="The key is accepted.")
_INVALID = Decision(state="rejected", act="error", message="This cannot be a minion id.")
_FULL = Decision(state="full", act="full", message="The master serves as many minions as it may (max_minions).")
_PENDING = Decision(state="pending", act="pend", message="The key waits until an operator of the master decides.")
_REJECTED = Decision(state="rejected", act="reject", message="The key is rejected.")
_DENIED = Decision(
    state="denied",
    act="denied",
    message="The master knows this id with another key. If this machine was set up anew, an operator of the master "
    "deletes the key of its id first (saltern key -d ID); if not, two machines have the same id.",
)
