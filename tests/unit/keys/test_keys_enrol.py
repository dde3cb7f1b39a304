"""The enrolment table (KEY-03), rule by rule and against a model of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saltern.keys.admission import is_admitted
from saltern.keys.backends.memory import MemoryKeyStore
from saltern.keys.contract import KeyState
from saltern.keys.enrol import Applicant, Decision, decide, enrol, is_full
from saltern.pki.fingerprints import fingerprint
from saltern.pki.keypair import make_key, public_pem

OURS, OTHER = (public_pem(make_key().public_key()) for _ in range(2))
KEYS = {"ours": OURS, "other": OTHER}


@dataclass
class Rules:
    """Says what it is told to say, and counts how often it was asked to let somebody in."""

    reject: bool = False
    accept: bool = False
    asked: list[str] = field(default_factory=list)

    def rejects(self, minion: str) -> bool:
        return self.reject

    def accepts(self, minion: str, grains: Mapping[str, str], token: str) -> bool:
        self.asked.append(minion)
        return self.accept


def store_with(**keys: str | None) -> MemoryKeyStore:
    store = MemoryKeyStore()
    for state, key in keys.items():
        if key is not None:
            store.put("web1", KeyState[state.upper()], key)
    return store


def ask(store: MemoryKeyStore, rules: Rules | None = None, minion: str = "web1", **how: bool) -> Decision:
    return enrol(store, Applicant(minion=minion, public_key=OURS), rules or Rules(), **how)


def kept(store: MemoryKeyStore) -> dict[str, str | None]:
    return {state.name.lower(): key for state in KeyState if (key := store.get("web1", state)) is not None}


@pytest.mark.behaviour("KEY-03")
def test_an_unknown_minion_waits_and_goes_on_waiting() -> None:
    store = store_with()
    for _ in range(3):
        decision = ask(store)
        assert (decision.state, decision.act, decision.result) == ("pending", "pend", True)
        assert kept(store) == {"pending": OURS}


@pytest.mark.behaviour("KEY-03")
def test_an_unknown_minion_that_a_rule_names_is_let_in_or_shut_out() -> None:
    store = store_with()
    assert ask(store, Rules(accept=True)).state == "accepted"
    assert kept(store) == {"accepted": OURS}
    store = store_with()
    assert ask(store, Rules(reject=True, accept=True)).state == "rejected"
    assert kept(store) == {"rejected": OURS}


@pytest.mark.behaviour("KEY-03")
def test_a_waiting_minion_that_a_rule_names_is_let_in_or_shut_out() -> None:
    store = store_with(pending=OURS)
    assert ask(store, Rules(accept=True)).state == "accepted"
    assert kept(store) == {"accepted": OURS}
    store = store_with(pending=OURS)
    assert ask(store, Rules(reject=True)).state == "rejected"
    assert kept(store) == {"rejected": OURS}


@pytest.mark.behaviour("KEY-03")
def test_a_waiting_id_with_another_key_is_denied_whatever_the_rules_would_say() -> None:
    store, rules = store_with(pending=OTHER), Rules(accept=True)
    decision = ask(store, rules)
    assert (decision.state, decision.act, decision.result) == ("denied", "denied", False)
    assert kept(store) == {"pending": OTHER, "denied": OURS}
    assert rules.asked == []


@pytest.mark.behaviour("KEY-03")
def test_an_accepted_minion_is_let_in_again_with_its_key_and_with_no_other() -> None:
    rules = Rules(reject=True, accept=True)
    store = store_with(accepted=OURS)
    assert ask(store, rules).state == "accepted"
    assert kept(store) == {"accepted": OURS}
    store = store_with(accepted=OTHER)
    assert ask(store, rules).state == "denied"
    assert kept(store) == {"accepted": OTHER, "denied": OURS}
    assert rules.asked == []


@pytest.mark.behaviour("KEY-03")
def test_a_rejected_minion_stays_out() -> None:
    for store in (store_with(rejected=OURS), store_with(rejected=OTHER), store_with(rejected=OURS, accepted=OURS)):
        before = kept(store)
        decision = ask(store, Rules(accept=True))
        assert (decision.state, decision.act) == ("rejected", "reject")
        assert kept(store) == before


@pytest.mark.behaviour("KEY-03")
def test_a_full_master_takes_nobody_on() -> None:
    for store in (store_with(), store_with(accepted=OURS)):
        before = kept(store)
        decision = ask(store, Rules(accept=True), full=True, open_mode=True)
        assert (decision.state, decision.act, decision.result) == ("full", "full", False)
        assert kept(store) == before


@pytest.mark.behaviour("KEY-03")
def test_full_means_as_many_others_as_may_be() -> None:
    assert not is_full("web1", ["web2"], 0)
    assert not is_full("web1", ["web2"], 2)
    assert is_full("web1", ["web2", "web3"], 2)
    assert not is_full("web2", ["web2", "web3"], 2)


@pytest.mark.behaviour("KEY-03")
def test_open_mode_lets_everybody_in_and_forgets_what_was() -> None:
    store = store_with(accepted=OTHER, pending=OTHER, rejected=OTHER)
    assert ask(store, Rules(reject=True), open_mode=True).state == "accepted"
    assert kept(store) == {"accepted": OURS}


@pytest.mark.behaviour("KEY-02")
@pytest.mark.parametrize("minion", ["../web1", "", ".", "a/b", "x\0", "y" * 300])
def test_an_impossible_id_is_refused_without_a_trace(minion: str) -> None:
    store = store_with()
    decision = ask(store, Rules(accept=True), minion, open_mode=True)
    assert (decision.state, decision.result) == ("rejected", False)
    assert decision.event(Applicant(minion=minion, public_key=OURS)) is None
    assert not any(store.list().values())


def test_the_same_stranger_is_kept_once_and_a_new_one_replaces_it() -> None:
    store = store_with(accepted=OTHER, denied=OURS)
    assert decide(store, Applicant(minion="web1", public_key=OURS), Rules()).put is None
    third = public_pem(make_key().public_key())
    assert enrol(store, Applicant(minion="web1", public_key=third), Rules()).state == "denied"
    assert kept(store) == {"accepted": OTHER, "denied": third}


def test_a_key_file_with_another_layout_is_the_same_key() -> None:
    store = store_with(accepted=OURS.replace("\n", "\r\n") + "\n\n")
    assert ask(store).state == "accepted"


@pytest.mark.behaviour("KEY-04")
@pytest.mark.parametrize(
    ("keys", "rules", "result", "act"),
    [
        ({}, Rules(), True, "pend"),
        ({}, Rules(accept=True), True, "accept"),
        ({}, Rules(reject=True), False, "reject"),
        ({"accepted": OTHER}, Rules(), False, "denied"),
    ],
)
def test_every_attempt_has_an_event(keys: dict[str, str], rules: Rules, result: bool, act: str) -> None:
    applicant = Applicant(minion="web1", public_key=OURS)
    event = enrol(store_with(**keys), applicant, rules).event(applicant)
    assert event == {"result": result, "act": act, "id": "web1", "pub": OURS}


# --- the table as a model --------------------------------------------------------------------------------------------


def expected(keys: Mapping[str, str | None], reject: bool, accept: bool, full: bool, open_mode: bool) -> str:
    """KEY-03 read aloud."""
    match keys:
        case _ if full:
            return "full"
        case _ if open_mode:
            return "accepted"
        case {"rejected": str()}:
            return "rejected"
        case {"accepted": str() as key}:
            return "accepted" if key == OURS else "denied"
        case {"pending": str() as key}:
            return "rejected" if reject else "denied" if key != OURS else "accepted" if accept else "pending"
        case _:
            return "rejected" if reject else "accepted" if accept else "pending"


some_key = st.sampled_from([None, OURS, OTHER])
any_keys = st.fixed_dictionaries({state.name.lower(): some_key for state in KeyState})


@pytest.mark.behaviour("KEY-03")
@given(keys=any_keys, reject=st.booleans(), accept=st.booleans(), full=st.booleans(), open_mode=st.booleans())
def test_the_decision_is_that_of_the_table(
    keys: dict[str, str | None], reject: bool, accept: bool, full: bool, open_mode: bool
) -> None:
    store, rules = store_with(**keys), Rules(reject, accept)
    before = kept(store)
    decision = ask(store, rules, full=full, open_mode=open_mode)
    after = kept(store)

    assert decision.state == expected(keys, reject, accept, full, open_mode)
    assert decision.result is (decision.state in ("accepted", "pending"))
    assert len(rules.asked) <= 1
    admitted = is_admitted(store, "web1", fingerprint(OURS))
    assert admitted or decision.state != "accepted"
    if decision.state != "accepted":
        # Nobody who was refused changed who may come in.
        assert after.get("accepted") == before.get("accepted")
    if decision.state == "denied":
        assert after == before | {"denied": OURS}
    if decision.state == "full":
        assert after == before


@given(keys=any_keys, reject=st.booleans(), accept=st.booleans())
def test_asking_twice_gives_the_same_answer_and_changes_nothing_more(
    keys: dict[str, str | None], reject: bool, accept: bool
) -> None:
    store = store_with(**keys)
    first = ask(store, Rules(reject, accept)).state
    between = kept(store)
    assert ask(store, Rules(reject, accept)).state == first
    assert kept(store) == between


# --- at each connect -------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("KEY-07")
def test_a_certificate_counts_only_while_its_key_is_accepted() -> None:
    mine = fingerprint(OURS)
    assert is_admitted(store_with(accepted=OURS), "web1", mine)
    assert not is_admitted(store_with(accepted=OTHER), "web1", mine)
    assert not is_admitted(store_with(accepted=OURS, rejected=OTHER), "web1", mine)
    assert not is_admitted(store_with(pending=OURS), "web1", mine)
    assert not is_admitted(store_with(), "web1", mine)
    assert not is_admitted(store_with(accepted="rubbish"), "web1", mine)
