"""What `saltern.access.contract.AccessTokens` means; every back end passes it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from saltern.access.backends.memory import MemoryTokens
from saltern.access.backends.token_files import TokenFiles
from saltern.access.contract import AccessTokens
from saltern.access.records import TokenRecord

BACK_ENDS = {"memory": lambda path: MemoryTokens(), "files": TokenFiles}
ANN = TokenRecord(name="ann", eauth="pam", start=100.0, expire=200.0, groups=("ops",))
BOB = TokenRecord(name="bob", eauth="file", start=100.0, expire=300.0, entries=["test.*", {"@runner": ["jobs.*"]}])


@pytest.fixture(params=BACK_ENDS)
def tokens(request: pytest.FixtureRequest, tmp_path: Path) -> AccessTokens:
    return BACK_ENDS[request.param](tmp_path / "tokens")


@pytest.mark.behaviour("ACL-06")
def test_a_token_stands_for_what_was_put(tokens: AccessTokens) -> None:
    assert tokens.get("a" * 64) is None
    tokens.put("a" * 64, ANN)
    tokens.put("b" * 64, BOB)
    assert tokens.get("a" * 64) == ANN
    assert tokens.get("b" * 64) == BOB


def test_what_is_no_token_stands_for_nothing(tokens: AccessTokens) -> None:
    tokens.put("a" * 64, ANN)
    for guess in ("", "a", "a" * 63, "A" * 64, "../" + "a" * 64, ".", "\udcff", "a" * 5000, "*"):
        assert tokens.get(guess) is None
        assert not tokens.remove(guess)
    assert tokens.get("a" * 64) == ANN


def test_a_token_that_is_removed_is_gone(tokens: AccessTokens) -> None:
    tokens.put("a" * 64, ANN)
    assert tokens.remove("a" * 64)
    assert not tokens.remove("a" * 64)
    assert tokens.get("a" * 64) is None


@pytest.mark.behaviour("ACL-06")
def test_what_is_over_expires(tokens: AccessTokens) -> None:
    assert tokens.expire(0.0) == 0
    tokens.put("a" * 64, ANN)
    tokens.put("b" * 64, BOB)
    assert tokens.expire(200.0) == 1
    assert tokens.get("a" * 64) is None
    assert tokens.get("b" * 64) == BOB


@pytest.mark.behaviour("ACL-06")
def test_files_of_tokens_are_private_and_do_not_name_them(tmp_path: Path) -> None:
    TokenFiles(tmp_path / "tokens").put("a" * 64, ANN)
    directory = tmp_path / "tokens"
    (file,) = directory.iterdir()
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "a" * 64 not in file.name
    assert b"a" * 64 not in file.read_bytes()


def test_a_damaged_file_lets_nobody_in_and_goes_at_the_next_upkeep(tmp_path: Path) -> None:
    tokens = TokenFiles(tmp_path / "tokens")
    tokens.put("a" * 64, ANN)
    (file,) = (tmp_path / "tokens").iterdir()
    file.write_bytes(b"\xc1 nonsense")
    assert tokens.get("a" * 64) is None
    assert tokens.expire(0.0) == 1
    assert list((tmp_path / "tokens").iterdir()) == []
