from __future__ import annotations

import os
from pathlib import Path

import pytest

from saltern.config.kept import keep, recall
from saltern.config.paths import master_values


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    main = tmp_path / "master"
    main.write_text("root_dir: '/x'\n")
    return [str(main), str(tmp_path / "absent.conf")]


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / ".master.kept")


def test_what_was_kept_is_recalled_while_the_files_are_the_same(place: str, files: list[str]) -> None:
    keep(place, files, {"root_dir": "/x", "state_output": "terse"})

    assert recall(place, files) == {"root_dir": "/x", "state_output": "terse"}


def test_a_changed_file_is_noticed(place: str, files: list[str]) -> None:
    keep(place, files, {"root_dir": "/x"})
    Path(files[0]).write_text("root_dir: '/y'\n# longer\n")

    assert recall(place, files) is None


def test_a_file_that_appears_is_noticed(place: str, files: list[str]) -> None:
    keep(place, files, {"root_dir": "/x"})
    Path(files[1]).write_text("a: 1\n")

    assert recall(place, files) is None


def test_only_what_commands_need_is_kept_and_only_for_its_owner(place: str, files: list[str]) -> None:
    keep(place, files, {"root_dir": "/x", "mysql.pass": "secret", "publisher_acl": {"bob": [".*"]}})

    assert b"secret" not in Path(place).read_bytes()
    assert Path(place).stat().st_mode & 0o777 == 0o600
    assert recall(place, files) == {"root_dir": "/x"}


def test_files_that_name_further_files_are_read_each_time(place: str, files: list[str]) -> None:
    keep(place, files, {"root_dir": "/x", "include": "more.conf"})

    assert not os.path.exists(place)


def test_garbage_is_not_believed(place: str, files: list[str]) -> None:
    keep(place, files, {"root_dir": "/x"})
    Path(place).write_bytes(b"\xc1garbage")

    assert recall(place, files) is None


def test_a_yaml_configuration_gives_the_same_the_second_time(tmp_path: Path) -> None:
    (tmp_path / "master").write_text("root_dir: '/x y'\nfile_roots:\n  base:\n    - /srv\ntimeout: 7\n")

    first = master_values(tmp_path)
    second = master_values(tmp_path)

    assert (first["root_dir"], first["timeout"]) == ("/x y", 7)
    assert dict(second) == {"root_dir": "/x y", "timeout": 7}
