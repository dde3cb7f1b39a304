from __future__ import annotations

import stat
from pathlib import Path

import pytest

from saltern.errors import ArgumentError, Conflict, UserError
from saltern.keys.backends.memory import MemoryKeyStore
from saltern.keys.contract import KeyState
from saltern.keys.generate import gen_keys
from saltern.keys.ring import KeyRing, select, states_for
from saltern.pki.fingerprints import fingerprint, same_key, show
from saltern.pki.keypair import load_key, make_key, public_pem

ACCEPTED, PENDING, REJECTED, DENIED = KeyState.ACCEPTED, KeyState.PENDING, KeyState.REJECTED, KeyState.DENIED


@pytest.fixture
def store() -> MemoryKeyStore:
    store = MemoryKeyStore()
    for minion, state in (
        ("db1", ACCEPTED), ("web1", PENDING), ("web2", PENDING), ("db2", PENDING), ("old1", REJECTED), ("db1", DENIED),
    ):  # fmt: skip
        store.put(minion, state, f"{minion} {state}")
    return store


@pytest.fixture
def ring(store: MemoryKeyStore) -> KeyRing:
    return KeyRing(store)


@pytest.mark.behaviour("KEY-06")
def test_a_list_has_all_states_under_salts_names(ring: KeyRing) -> None:
    assert ring.list() == {
        "minions": ["db1"],
        "minions_pre": ["db2", "web1", "web2"],
        "minions_rejected": ["old1"],
        "minions_denied": ["db1"],
    }
    assert ring.list(["web*"], [PENDING, ACCEPTED]) == {PENDING: ["web1", "web2"], ACCEPTED: []}


@pytest.mark.behaviour("KEY-06")
@pytest.mark.parametrize(
    ("match", "found"),
    [
        (["web*"], ["web1", "web2"]),
        (["web1,db*"], ["db2", "web1"]),
        (["web1", "db2"], ["db2", "web1"]),
        ([" web1 , web2 "], ["web1", "web2"]),
        (["web[2-9]"], ["web2"]),
        (["WEB1"], []),
        (["*"], ["db2", "web1", "web2"]),
        (["web"], []),
        ([""], []),
    ],
)
def test_keys_are_named_by_globs_and_comma_lists(ring: KeyRing, match: list[str], found: list[str]) -> None:
    assert ring.list(match, [PENDING]) == {PENDING: found}


def test_an_id_with_signs_of_a_glob_can_be_named_exactly() -> None:
    assert select(["web[1]", "web1", "a,b"], ["web[1]"]) == ["web[1]", "web1"]
    assert select(["a,b", "a", "c"], ["a,b"]) == ["a,b", "a"]


@pytest.mark.behaviour("KEY-06", "KEY-04")
def test_accepting_takes_those_that_wait(ring: KeyRing, store: MemoryKeyStore) -> None:
    change = ring.accept(["*"])
    assert change.keys == {ACCEPTED: ["db2", "web1", "web2"]}
    assert change.events == [{"result": True, "act": "accept", "id": minion} for minion in ("db2", "web1", "web2")]
    assert ring.list() == {ACCEPTED: ["db1", "db2", "web1", "web2"], PENDING: [], REJECTED: ["old1"], DENIED: ["db1"]}
    assert store.get("web1", ACCEPTED) == "web1 minions_pre"


@pytest.mark.behaviour("KEY-06")
def test_rejected_and_denied_keys_are_accepted_only_when_included(ring: KeyRing, store: MemoryKeyStore) -> None:
    assert ring.accept(["old1,db1"]).keys == {ACCEPTED: []}
    assert store.get("db1", ACCEPTED) == "db1 minions"
    assert ring.accept(["old1"], states_for("accept", include_rejected=True)).keys == {ACCEPTED: ["old1"]}
    assert ring.accept(["db1"], states_for("accept", include_denied=True)).keys == {ACCEPTED: ["db1"]}
    assert store.get("db1", ACCEPTED) == "db1 minions_denied"
    assert ring.list(states=[REJECTED, DENIED]) == {REJECTED: [], DENIED: []}


@pytest.mark.behaviour("KEY-06")
def test_a_waiting_key_goes_before_the_strangers_of_the_same_id(ring: KeyRing, store: MemoryKeyStore) -> None:
    store.put("web1", DENIED, "a stranger")
    ring.accept(["web1"], states_for("accept", include_all=True))
    assert store.get("web1", ACCEPTED) == "web1 minions_pre"
    assert store.get("web1", DENIED) == "a stranger"


def test_an_accepted_minion_is_not_shut_out_by_a_rejection_that_was_left_over(
    ring: KeyRing, store: MemoryKeyStore
) -> None:
    store.put("web1", REJECTED, "old")
    ring.accept(["web1"])
    assert store.state_of("web1") is ACCEPTED


@pytest.mark.behaviour("KEY-06", "KEY-04")
def test_rejecting_takes_those_that_wait_and_others_only_when_included(ring: KeyRing, store: MemoryKeyStore) -> None:
    change = ring.reject(["*1"])
    assert change.keys == {REJECTED: ["web1"]}
    assert change.events == [{"result": True, "act": "reject", "id": "web1"}]
    assert store.state_of("db1") is ACCEPTED
    ring.reject(["db1"], states_for("reject", include_accepted=True))
    assert store.state_of("db1") is REJECTED
    assert store.get("db1", ACCEPTED) is None


@pytest.mark.behaviour("KEY-07", "KEY-04")
def test_deleting_takes_any_state(ring: KeyRing) -> None:
    change = ring.delete(["db*"])
    assert change.keys == {ACCEPTED: ["db1"], PENDING: ["db2"], REJECTED: [], DENIED: ["db1"]}
    assert sorted(event["id"] for event in change.events) == ["db1", "db1", "db2"]
    assert {event["act"] for event in change.events} == {"delete"}
    assert ring.list() == {ACCEPTED: [], PENDING: ["web1", "web2"], REJECTED: ["old1"], DENIED: []}


def test_deleting_can_be_limited_to_states(ring: KeyRing, store: MemoryKeyStore) -> None:
    ring.delete(["db1"], [DENIED])
    assert store.state_of("db1") is ACCEPTED


def test_what_matches_nothing_changes_nothing(ring: KeyRing) -> None:
    before = ring.list()
    for verb in (ring.accept, ring.reject, ring.delete):
        change = verb(["nobody*"])
        assert not any(change.keys.values())
        assert change.events == []
    assert ring.list() == before


def test_keys_are_not_moved_to_where_they_are(ring: KeyRing) -> None:
    with pytest.raises(ArgumentError):
        ring.accept(["*"], [ACCEPTED])
    with pytest.raises(ArgumentError):
        ring.reject(["*"], [REJECTED])


@pytest.mark.parametrize(
    ("verb", "flags", "states"),
    [
        ("accept", {}, {PENDING}),
        ("accept", {"include_rejected": True}, {PENDING, REJECTED}),
        ("accept", {"include_denied": True}, {PENDING, DENIED}),
        ("accept", {"include_all": True}, {PENDING, REJECTED, DENIED}),
        ("accept", {"include_accepted": True}, {PENDING}),
        ("reject", {}, {PENDING}),
        ("reject", {"include_accepted": True}, {PENDING, ACCEPTED}),
        ("reject", {"include_all": True}, {PENDING, ACCEPTED, DENIED}),
    ],
)
def test_the_include_flags_of_salt_key(verb: str, flags: dict[str, bool], states: set[KeyState]) -> None:
    assert set(states_for(verb, **flags)) == states


@pytest.mark.behaviour("KEY-06")
def test_keys_and_fingerprints_are_shown_by_state() -> None:
    store = MemoryKeyStore()
    pem = public_pem(make_key().public_key())
    store.put("web1", PENDING, pem)
    store.put("web2", PENDING, "by hand, and wrong")
    ring = KeyRing(store)
    assert ring.print(["web1"])[PENDING] == {"web1": pem}
    assert ring.finger()[PENDING] == {"web1": show(fingerprint(pem)), "web2": "unreadable"}


# --- keys made ahead of time -----------------------------------------------------------------------------------------


@pytest.mark.behaviour("KEY-06", "KEY-11")
def test_a_key_pair_is_made_ahead_of_time(tmp_path: Path) -> None:
    private, public = gen_keys("web1", tmp_path / "out")
    assert (private.name, public.name) == ("web1.pem", "web1.pub")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    key = load_key(private.read_text(), private)
    assert same_key(public_pem(key.public_key()), public.read_text())


@pytest.mark.parametrize("name", ["web1.pem", "web1.pub"])
def test_a_key_is_never_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("precious")
    with pytest.raises(Conflict, match=name.replace(".", r"\.")):
        gen_keys("web1", tmp_path)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(name, "precious")]


def test_a_key_pair_stays_in_its_directory(tmp_path: Path) -> None:
    with pytest.raises(UserError):
        gen_keys("../web1", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
