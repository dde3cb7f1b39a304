from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saltern.errors import ArgumentError, ConfigError, StoreCorrupt
from saltern.keys.join_token import JoinToken, parse
from saltern.keys.tokens import TokenStore

NOW = 1_800_000_000.0
AUTHORITY = "0123456789abcdef" * 4


@pytest.fixture
def tokens(tmp_path: Path) -> TokenStore:
    return TokenStore(tmp_path / "pki" / "tokens.json")


def made(tokens: TokenStore, minion: str = "", seconds: float = 60, uses: int = 1) -> str:
    return parse(tokens.make(minion, seconds, uses, AUTHORITY, NOW)).secret


def test_a_token_names_its_authority_and_its_secret(tokens: TokenStore) -> None:
    text = tokens.make("", 60, 1, AUTHORITY, NOW)
    form, authority, secret = text.split(".")
    assert (form, authority) == ("st1", AUTHORITY)
    assert len(secret) == 32
    assert parse(f" {text}\n") == JoinToken(AUTHORITY, secret)
    assert parse(text).text() == text


def test_a_token_lets_in_as_often_as_it_was_made_for(tokens: TokenStore) -> None:
    secret = made(tokens, uses=3)
    assert [tokens.redeem(secret, "web1", NOW) for _ in range(5)] == [True, True, True, False, False]


def test_a_token_holds_for_its_time_only(tokens: TokenStore) -> None:
    secret = made(tokens, seconds=60, uses=2)
    assert tokens.redeem(secret, "web1", NOW + 59)
    assert not tokens.redeem(secret, "web1", NOW + 60)


def test_a_token_for_some_minions_is_not_used_up_by_others(tokens: TokenStore) -> None:
    secret = made(tokens, minion="web*")
    assert not tokens.redeem(secret, "db1", NOW)
    assert tokens.redeem(secret, "web1", NOW)


def test_tokens_do_not_stand_in_for_each_other(tokens: TokenStore) -> None:
    first, second = made(tokens), made(tokens)
    assert first != second
    assert tokens.redeem(first, "web1", NOW)
    assert not tokens.redeem(first, "web1", NOW)
    assert tokens.redeem(second, "web1", NOW)


def test_the_secret_is_not_on_the_disk(tokens: TokenStore, tmp_path: Path) -> None:
    secret = made(tokens)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert not any(secret in path.read_text() for path in files)


def test_expired_tokens_are_dropped(tokens: TokenStore, tmp_path: Path) -> None:
    made(tokens, seconds=10)
    made(tokens, seconds=1000)
    assert tokens.expire(NOW) == 0
    assert tokens.expire(NOW + 500) == 1
    assert TokenStore(tmp_path / "none").expire(NOW) == 0


@pytest.mark.parametrize(("seconds", "uses"), [(0, 1), (-1, 1), (60, 0), (60, -5)])
def test_a_token_without_time_or_use_is_not_made(tokens: TokenStore, seconds: float, uses: int) -> None:
    with pytest.raises(ArgumentError):
        made(tokens, seconds=seconds, uses=uses)


def test_several_processes_never_use_a_token_once_too_often(tmp_path: Path) -> None:
    """Each thread has a store, and so a lock, of its own, as processes have."""
    path = tmp_path / "tokens"
    secret = made(TokenStore(path), uses=10)
    used: list[bool] = []

    def redeem() -> None:
        store = TokenStore(path)
        used.extend(store.redeem(secret, "web1", NOW) for _ in range(5))

    threads = [threading.Thread(target=redeem) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (used.count(True), used.count(False)) == (10, 10)


@pytest.mark.parametrize("text", ["rubbish", "[]", '{"a": {"minion": "*"}}', '{"a": 1}'])
def test_a_damaged_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tokens"
    path.write_text(text)
    with pytest.raises(StoreCorrupt, match="tokens is damaged"):
        TokenStore(path).redeem("s", "web1", NOW)


@pytest.mark.parametrize(
    "text",
    ["", "st1x", f"st2.{AUTHORITY}.s", f"st1.{AUTHORITY}", f"st1.{AUTHORITY}.", "st1.abc.s", f"st1.{'g' * 64}.s"],
)
def test_what_is_no_token_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse(text)
    assert not text or text not in f"{error.value.message} {error.value.hint}"


@given(st.text())
def test_any_text_is_a_token_or_is_refused(text: str) -> None:
    try:
        token = parse(text)
    except ConfigError:
        return
    assert token.secret
