from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saltern.keys.autosign import Autosign
from saltern.keys.tokens import TokenStore

NOW = 1_800_000_000.0
AUTHORITY = "ab" * 32


def written(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def accepts(rules: Autosign, minion: str = "web1", token: str = "", **grains: str) -> bool:
    return rules.accepts(minion, grains, token)


def test_without_rules_nobody_is_let_in_or_shut_out() -> None:
    assert not accepts(Autosign())
    assert not Autosign().rejects("web1")


@pytest.mark.behaviour("KEY-05")
def test_auto_accept_lets_everybody_in() -> None:
    assert accepts(Autosign(auto_accept=True))


LIST = """\
# machines of the shop
web1
*.shop.example
  db\\d+-(a|b)
[broken(
#web9
"""


@pytest.mark.behaviour("KEY-05")
@pytest.mark.parametrize(
    ("minion", "listed"),
    [
        ("web1", True),
        ("web12", False),
        ("a.shop.example", True),
        ("a.shop.example.evil", False),
        ("db12-a", True),
        ("db12-ab", False),
        ("xdb12-a", False),
        ("[broken(", True),
        ("#web9", False),
        ("web9", False),
        ("", False),
    ],
)
def test_a_line_is_an_id_a_glob_or_a_regular_expression(tmp_path: Path, minion: str, listed: bool) -> None:
    path = written(tmp_path / "list", LIST)
    assert accepts(Autosign(autosign_file=path), minion) is listed
    assert Autosign(autoreject_file=path).rejects(minion) is listed


def test_a_change_of_the_file_counts_at_once(tmp_path: Path) -> None:
    rules = Autosign(autosign_file=tmp_path / "list")
    assert not accepts(rules)
    written(tmp_path / "list", "web1\n")
    assert accepts(rules)


@pytest.mark.behaviour("KEY-05")
@pytest.mark.parametrize(
    ("mode", "permissive", "counts"),
    [
        (0o600, False, True),
        (0o644, False, True),
        (0o664, False, False),
        (0o646, False, False),
        (0o664, True, True),
        (0o666, True, False),
    ],
)
def test_a_file_that_others_can_write_does_not_count(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, mode: int, permissive: bool, counts: bool
) -> None:
    path = written(tmp_path / "list", "web1\n", mode)
    assert accepts(Autosign(autosign_file=path, permissive=permissive)) is counts
    assert Autosign(autoreject_file=path, permissive=permissive).rejects("web1") is counts
    assert ("list is left out of account" in caplog.text) is not counts


def test_what_is_no_file_does_not_count_and_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "list").mkdir()
    assert not accepts(Autosign(autosign_file=tmp_path / "list"))
    assert "list is left out of account" in caplog.text


# --- stubs -----------------------------------------------------------------------------------------------------------


def stub(directory: Path, minion: str, age: float) -> Path:
    directory.mkdir(exist_ok=True)
    path = written(directory / minion, "")
    os.utime(path, (NOW - age, NOW - age))
    return path


@pytest.mark.behaviour("KEY-05")
def test_a_stub_lets_its_minion_in_once(tmp_path: Path) -> None:
    path = stub(tmp_path / "stubs", "web1", age=7199)
    rules = Autosign(stub_dir=tmp_path / "stubs", now=lambda: NOW)
    assert not accepts(rules, "web2")
    assert accepts(rules, "web1")
    assert not path.exists()
    assert not accepts(rules, "web1")


@pytest.mark.behaviour("KEY-05")
def test_a_stub_whose_time_is_over_is_removed_and_lets_nobody_in(tmp_path: Path) -> None:
    path = stub(tmp_path / "stubs", "web1", age=7201)
    assert not accepts(Autosign(stub_dir=tmp_path / "stubs", now=lambda: NOW))
    assert not path.exists()


@pytest.mark.behaviour("KEY-05")
def test_old_stubs_are_swept(tmp_path: Path) -> None:
    old, new = stub(tmp_path / "stubs", "old", 10_000), stub(tmp_path / "stubs", "new", 10)
    rules = Autosign(stub_dir=tmp_path / "stubs", now=lambda: NOW)
    assert rules.sweep_stubs() == 1
    assert (old.exists(), new.exists()) == (False, True)
    assert Autosign(stub_dir=tmp_path / "none").sweep_stubs() == 0


@pytest.mark.behaviour("KEY-02")
def test_an_id_is_no_way_to_another_file(tmp_path: Path) -> None:
    victim = written(tmp_path / "victim", "")
    (tmp_path / "stubs").mkdir()
    assert not accepts(Autosign(stub_dir=tmp_path / "stubs", now=lambda: NOW), "../victim")
    assert victim.exists()


# --- grains ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def grains_dir(tmp_path: Path) -> Path:
    directory = tmp_path / "grains"
    directory.mkdir()
    written(directory / "uuid", "# shop\n8D31\n\n  9F00  \n")
    return directory


@pytest.mark.behaviour("KEY-05")
@pytest.mark.parametrize(
    ("grains", "accepted"),
    [
        ({"uuid": "8D31"}, True),
        ({"uuid": "9F00", "other": "x"}, True),
        ({"uuid": "8d31"}, False),
        ({"uuid": "# shop"}, False),
        ({"uuid": ""}, False),
        ({"serial": "8D31"}, False),
        ({"../grains/uuid": "8D31"}, False),
        ({}, False),
    ],
)
def test_a_grain_with_an_accepted_value_lets_in(grains_dir: Path, grains: dict[str, str], accepted: bool) -> None:
    assert accepts(Autosign(grains_dir=grains_dir), **grains) is accepted


def test_grains_count_only_from_files_that_others_cannot_write(grains_dir: Path) -> None:
    (grains_dir / "uuid").chmod(0o666)
    assert not accepts(Autosign(grains_dir=grains_dir), uuid="8D31")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(grains=st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=4), minion=st.text(max_size=20))
def test_no_minion_talks_itself_in(grains_dir: Path, grains: dict[str, str], minion: str) -> None:
    rules = Autosign(
        grains_dir=grains_dir, stub_dir=grains_dir, tokens=TokenStore(grains_dir / "tokens"), now=lambda: NOW
    )
    if minion != "uuid" and grains.get("uuid") not in ("8D31", "9F00"):
        assert not rules.accepts(minion, grains, minion)


# --- tokens ----------------------------------------------------------------------------------------------------------


@pytest.mark.behaviour("KEY-05")
def test_a_token_is_used_up_only_when_nothing_else_lets_in(tmp_path: Path) -> None:
    tokens = TokenStore(tmp_path / "tokens")
    token = tokens.make("web*", 60, 1, AUTHORITY, NOW)
    rules = Autosign(autosign_file=written(tmp_path / "list", "web1\n"), tokens=tokens, now=lambda: NOW)
    assert accepts(rules, "web1", token)
    assert not accepts(rules, "db1", token)
    assert accepts(rules, "web2", token)
    assert not accepts(rules, "web2", token)
    assert not accepts(rules, "web2", "no token")
