from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from saltern.errors import StoreError
from saltern.keys.backends.directory import DirectoryKeyStore
from saltern.keys.contract import KeyState


@pytest.fixture
def store(tmp_path: Path) -> DirectoryKeyStore:
    return DirectoryKeyStore(tmp_path / "pki")


def of(tmp_path: Path, state: KeyState) -> Path:
    return tmp_path / "pki" / state.value


@pytest.mark.behaviour("KEY-01")
def test_the_layout_is_salts_and_private(store: DirectoryKeyStore, tmp_path: Path) -> None:
    store.put("web1", KeyState.PENDING, "-----BEGIN PUBLIC KEY-----\n")
    found = {str(path.relative_to(tmp_path)): stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert found == {
        "pki": 0o700,
        "pki/minions": 0o700,
        "pki/minions_pre": 0o700,
        "pki/minions_pre/web1": 0o600,
        "pki/minions_rejected": 0o700,
        "pki/minions_denied": 0o700,
    }
    assert of(tmp_path, KeyState.PENDING).joinpath("web1").read_text() == "-----BEGIN PUBLIC KEY-----\n"


@pytest.mark.behaviour("KEY-11")
def test_what_is_changed_by_hand_is_seen_at_the_next_call(store: DirectoryKeyStore, tmp_path: Path) -> None:
    accepted = of(tmp_path, KeyState.ACCEPTED)
    for number in range(20):
        (accepted / f"web{number}").write_text("by hand")
        assert len(store.list()[KeyState.ACCEPTED]) == number + 1
    assert store.get("web3", KeyState.ACCEPTED) == "by hand"
    (accepted / "web3").rename(of(tmp_path, KeyState.REJECTED) / "web3")
    assert store.state_of("web3") is KeyState.REJECTED
    assert "web3" not in store.list()[KeyState.ACCEPTED]


def test_a_list_that_is_remembered_follows_changes_too(store: DirectoryKeyStore, tmp_path: Path) -> None:
    accepted = of(tmp_path, KeyState.ACCEPTED)
    (accepted / "web1").write_text("k")
    os.utime(accepted, (1_000_000, 1_000_000))  # long ago: from now on it is remembered
    assert store.list()[KeyState.ACCEPTED] == ["web1"]
    (accepted / "web2").write_text("k")
    assert store.list()[KeyState.ACCEPTED] == ["web1", "web2"]
    store.delete("web1", KeyState.ACCEPTED)
    assert store.list()[KeyState.ACCEPTED] == ["web2"]


def test_changes_within_one_tick_of_the_clock_are_all_seen(store: DirectoryKeyStore, tmp_path: Path) -> None:
    accepted = of(tmp_path, KeyState.ACCEPTED)
    now = time.time_ns()
    for number in range(3):
        (accepted / f"web{number}").write_text("k")
        os.utime(accepted, ns=(now, now))
        assert len(store.list()[KeyState.ACCEPTED]) == number + 1


def test_what_is_no_key_is_not_listed(store: DirectoryKeyStore, tmp_path: Path) -> None:
    accepted = of(tmp_path, KeyState.ACCEPTED)
    (accepted / ".new-0123456789abcdef").write_text("half")
    (accepted / "directory").mkdir()
    Path(os.fsdecode(bytes(accepted) + b"/\xff\xfe")).write_text("not UTF-8")
    (accepted / "dangling").symlink_to(tmp_path / "nowhere")
    assert store.list()[KeyState.ACCEPTED] == []
    assert store.state_of("directory") is None


def test_an_empty_file_holds_no_key(store: DirectoryKeyStore, tmp_path: Path) -> None:
    (of(tmp_path, KeyState.PENDING) / "web1").write_text("")
    assert store.get("web1", KeyState.PENDING) is None


def test_a_directory_that_somebody_removed_is_empty_and_then_named(store: DirectoryKeyStore, tmp_path: Path) -> None:
    of(tmp_path, KeyState.DENIED).rmdir()
    assert store.list()[KeyState.DENIED] == []
    with pytest.raises(StoreError, match="minions_denied"):
        store.put("web1", KeyState.DENIED, "k")


def test_a_place_that_is_taken_is_named(store: DirectoryKeyStore, tmp_path: Path) -> None:
    (of(tmp_path, KeyState.PENDING) / "web1").mkdir()
    with pytest.raises(StoreError, match="web1"):
        store.put("web1", KeyState.PENDING, "k")
    with pytest.raises(StoreError, match="web1"):
        store.delete("web1", KeyState.PENDING)
    with pytest.raises(StoreError, match="web1"):
        store.get("web1", KeyState.PENDING)


def test_a_mode_that_the_owner_chose_is_kept(tmp_path: Path) -> None:
    (tmp_path / "pki").mkdir(mode=0o750)
    (tmp_path / "pki").chmod(0o750)
    DirectoryKeyStore(tmp_path / "pki")
    assert stat.S_IMODE((tmp_path / "pki").stat().st_mode) == 0o750
