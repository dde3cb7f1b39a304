from __future__ import annotations

import os
import resource
import signal
import stat
from pathlib import Path

import pytest

from saltern.errors import StoreError
from saltern.pki.private_files import create_file, make_private_directory, read_text, replace_file, sweep


@pytest.mark.parametrize("durable", [True, False])
def test_a_file_is_replaced_whole_and_is_its_owners_alone(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "key"
    path.write_text("a rather long old text")
    path.chmod(0o666)
    replace_file(path, b"new", durable=durable)
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_the_umask_takes_nothing_away_from_privacy(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        make_private_directory(tmp_path / "a" / "b")
        replace_file(tmp_path / "a" / "b" / "one", b"")
        create_file(tmp_path / "a" / "b" / "two", b"")
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in sorted((tmp_path / "a").rglob("*"))]
    assert modes == [0o700, 0o600, 0o600]


def test_what_exists_is_not_created_again(tmp_path: Path) -> None:
    path = tmp_path / "key"
    assert create_file(path, b"first")
    assert not create_file(path, b"second")
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_symbolic_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("keep me")
    (tmp_path / "key").symlink_to(victim)
    replace_file(tmp_path / "key", b"new")
    assert victim.read_text() == "keep me"
    assert not (tmp_path / "key").is_symlink()


def test_a_write_that_fails_leaves_the_old_file_and_names_it(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        for write in (replace_file, create_file):
            with pytest.raises(StoreError, match="key"):
                write(path, b"x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_left_is_swept_once_it_is_old(tmp_path: Path) -> None:
    old, new, key = tmp_path / ".new-0123", tmp_path / ".new-4567", tmp_path / "key"
    for path in (old, new, key):
        path.write_text("")
    os.utime(old, (0, 0))
    os.utime(key, (0, 0))
    sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == [new, key]


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "key"
    assert read_text(path) is None
    path.write_bytes(bytes([0xFF, 0xFE]))
    with pytest.raises(StoreError, match="key"):
        read_text(path)
