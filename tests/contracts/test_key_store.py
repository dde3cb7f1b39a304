"""What `saltern.keys.contract.KeyStore` means; every back end passes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from saltern.errors import UserError
from saltern.keys.backends.directory import DirectoryKeyStore
from saltern.keys.backends.memory import MemoryKeyStore
from saltern.keys.contract import KeyState, KeyStore

BACK_ENDS = {"memory": lambda path: MemoryKeyStore(), "directory": DirectoryKeyStore}
EMPTY: dict[KeyState, list[str]] = {state: [] for state in KeyState}


@pytest.fixture(params=BACK_ENDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> KeyStore:
    return BACK_ENDS[request.param](tmp_path / "pki")


def test_an_empty_store_has_every_state_and_no_keys(store: KeyStore) -> None:
    assert store.list() == EMPTY
    assert store.state_of("web1") is None
    assert store.get("web1", KeyState.ACCEPTED) is None
    assert not store.delete("web1", KeyState.ACCEPTED)


@pytest.mark.behaviour("KEY-01")
@pytest.mark.parametrize("state", KeyState)
def test_a_key_is_found_in_its_state_and_in_no_other(store: KeyStore, state: KeyState) -> None:
    store.put("web1", state, "key of web1\n")
    assert store.list() == EMPTY | {state: ["web1"]}
    assert store.state_of("web1") is state
    assert [other for other in KeyState if store.get("web1", other) == "key of web1\n"] == [state]


def test_ids_are_sorted(store: KeyStore) -> None:
    for minion in ("web2", "db1", "Web1", "é"):
        store.put(minion, KeyState.PENDING, "k")
    assert store.list()[KeyState.PENDING] == ["Web1", "db1", "web2", "é"]


def test_a_second_key_in_a_state_takes_the_place_of_the_first(store: KeyStore) -> None:
    store.put("web1", KeyState.DENIED, "first")
    store.put("web1", KeyState.DENIED, "second")
    assert store.get("web1", KeyState.DENIED) == "second"
    assert store.list()[KeyState.DENIED] == ["web1"]


def test_a_deleted_key_is_gone_from_that_state_only(store: KeyStore) -> None:
    store.put("web1", KeyState.ACCEPTED, "a")
    store.put("web1", KeyState.DENIED, "d")
    assert store.delete("web1", KeyState.ACCEPTED)
    assert not store.delete("web1", KeyState.ACCEPTED)
    assert store.list() == EMPTY | {KeyState.DENIED: ["web1"]}


@pytest.mark.parametrize(
    ("states", "holds"),
    [
        ({KeyState.REJECTED, KeyState.ACCEPTED, KeyState.PENDING, KeyState.DENIED}, KeyState.REJECTED),
        ({KeyState.ACCEPTED, KeyState.PENDING, KeyState.DENIED}, KeyState.ACCEPTED),
        ({KeyState.PENDING, KeyState.DENIED}, KeyState.PENDING),
        ({KeyState.DENIED}, KeyState.DENIED),
    ],
)
def test_of_several_states_the_one_that_shuts_out_holds(
    store: KeyStore, states: set[KeyState], holds: KeyState
) -> None:
    for state in states:
        store.put("web1", state, "k")
    assert store.state_of("web1") is holds


def test_the_answer_belongs_to_the_caller(store: KeyStore) -> None:
    store.put("web1", KeyState.ACCEPTED, "k")
    store.list()[KeyState.ACCEPTED].clear()
    assert store.list()[KeyState.ACCEPTED] == ["web1"]


IMPOSSIBLE = [
    "", ".", "..", "../x", "a/b", "/etc/passwd", "a\\b", "a\0b", ".hidden", "a\nb", "a\x7f", "x" * 254, "é" * 127,
    "\ud800", "\u2028", "../../minions/web1", "minions_pre/../../x",
]  # fmt: skip


@pytest.mark.behaviour("KEY-02")
@pytest.mark.parametrize("minion", IMPOSSIBLE, ids=ascii)
def test_an_impossible_id_is_refused_and_never_found(store: KeyStore, minion: str) -> None:
    with pytest.raises(UserError, match="cannot be a minion id"):
        store.put(minion, KeyState.ACCEPTED, "k")
    assert store.get(minion, KeyState.ACCEPTED) is None
    assert store.state_of(minion) is None
    assert not store.delete(minion, KeyState.ACCEPTED)
    assert store.list() == EMPTY


@pytest.mark.parametrize(
    "minion", ["a", "web1.example.com", "*", "[x]", "-rf", "~", "$(id)", "a b", "'; --", "x" * 253]
)
def test_an_odd_id_is_an_id_like_any_other(store: KeyStore, minion: str) -> None:
    store.put(minion, KeyState.PENDING, "k")
    store.put("other", KeyState.PENDING, "o")
    assert store.list()[KeyState.PENDING] == sorted([minion, "other"])
    assert store.delete(minion, KeyState.PENDING)
    assert store.list()[KeyState.PENDING] == ["other"]


@pytest.mark.behaviour("KEY-02")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(minion=st.text(st.sampled_from("./\\\0\n *a~é\u202e"), max_size=12) | st.text(max_size=300))
def test_no_id_ever_leads_out_of_its_directory(tmp_path: Path, minion: str) -> None:
    pki = tmp_path / "jail" / "pki"
    store = DirectoryKeyStore(pki)
    try:
        store.put(minion, KeyState.PENDING, "k")
    except UserError:
        pass
    else:
        assert store.get(minion, KeyState.PENDING) == "k"
        assert store.list()[KeyState.PENDING] == [minion]
        assert store.delete(minion, KeyState.PENDING)
    for state in KeyState:
        store.get(minion, state), store.delete(minion, state)
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")} == {
        "jail", "jail/pki", *(f"jail/pki/{state}" for state in KeyState),
    }  # fmt: skip


class TwoStores(RuleBasedStateMachine):
    """The back ends side by side: whatever is done to them, they answer alike."""

    minions = Bundle("minions")

    @initialize(target=minions)
    def some_minion(self) -> str:
        import tempfile

        self.directory = tempfile.TemporaryDirectory()
        self.stores: list[KeyStore] = [MemoryKeyStore(), DirectoryKeyStore(Path(self.directory.name))]
        return "web1"

    @rule(target=minions, minion=st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=40))
    def another_minion(self, minion: str) -> str:
        return minion

    @rule(minion=minions, state=st.sampled_from(KeyState), key=st.sampled_from(["a", "b", "c\n"]))
    def put(self, minion: str, state: KeyState, key: str) -> None:
        assert len({self._tried(store, minion, state, key) for store in self.stores}) == 1

    @rule(minion=minions, state=st.sampled_from(KeyState))
    def delete(self, minion: str, state: KeyState) -> None:
        assert len({store.delete(minion, state) for store in self.stores}) == 1

    @rule(minion=minions)
    def look(self, minion: str) -> None:
        assert len({store.state_of(minion) for store in self.stores}) == 1
        for state in KeyState:
            assert len({store.get(minion, state) for store in self.stores}) == 1

    @invariant()
    def they_hold_the_same(self) -> None:
        one, other = self.stores
        assert one.list() == other.list()

    def teardown(self) -> None:
        self.directory.cleanup()

    @staticmethod
    def _tried(store: KeyStore, minion: str, state: KeyState, key: str) -> bool:
        try:
            store.put(minion, state, key)
        except UserError:
            return False
        return True


TwoStores.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestTwoStores = TwoStores.TestCase
