"""Files that minions pushed, as a tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from saltern.files.backends.pushed import PushedTree

pytestmark = pytest.mark.behaviour("FS-07")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for minion in ("web1", "db1"):
        place = tmp_path / "minions" / minion / "files" / "etc"
        place.mkdir(parents=True)
        (place / "hosts").write_text(f"hosts of {minion}")
    (tmp_path / "minions" / "web1" / "files" / "secret").symlink_to("/etc/passwd")
    (tmp_path / "minions" / "web1" / "files" / "out").symlink_to("/etc")
    (tmp_path / "minions" / "web1" / "files" / "empty").mkdir()
    return tmp_path / "minions"


def test_each_minion_is_a_directory(folder: Path):
    tree = PushedTree(folder)
    assert tree.envs() == ["base"]
    assert tree.files("base") == ["db1/etc/hosts", "web1/etc/hosts"]
    assert tree.files("base", "web1") == ["web1/etc/hosts"]
    assert tree.files("dev") == []
    assert tree.dirs("base") == ["db1", "db1/etc", "web1", "web1/empty", "web1/etc"]
    assert tree.empty_dirs("base") == ["web1/empty"]
    assert tree.read("base", "db1/etc/hosts", 6, 2) == b"of"
    found = tree.find("base", "db1/etc/hosts")
    assert found is not None and found.size == len("hosts of db1")
    assert len(tree.hash("base", "db1/etc/hosts") or "") == 64


def test_links_lead_nowhere(folder: Path):
    tree = PushedTree(folder)
    for path in ("web1/secret", "web1/out/passwd", "web1/../db1/etc/hosts", "/web1/etc/hosts", "web1", "", "nosuch/x"):
        assert tree.find("base", path) is None, path
        assert tree.read("base", path, 0, 10) is None
    assert tree.symlinks("base") == {}


def test_environment_mountpoint_and_minions_are_chosen(folder: Path):
    tree = PushedTree(folder, "prod", "salt://from/minions", ["web*", "db*"], ["db1"])
    assert tree.envs() == ["prod"]
    assert tree.files("prod") == ["from/minions/web1/etc/hosts"]
    assert tree.read("prod", "from/minions/web1/etc/hosts", 0, 5) == b"hosts"
    assert tree.read("prod", "from/minions/db1/etc/hosts", 0, 5) is None
    assert tree.read("prod", "web1/etc/hosts", 0, 5) is None


def test_nothing_pushed_yet(tmp_path: Path):
    assert PushedTree(tmp_path / "nosuch").files("base") == []
