from __future__ import annotations

import os
from pathlib import Path

import pytest

from saltern.errors import ConfigError
from saltern.files.backends.roots import RootsTree

pytestmark = pytest.mark.behaviour("FS-01")


def write(place: Path, text: str = "x") -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    return place


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


def test_of_several_roots_the_first_that_has_a_file_wins(tmp_path: Path):
    write(tmp_path / "a" / "both", "from a")
    write(tmp_path / "b" / "both", "from b")
    write(tmp_path / "b" / "one", "only b")
    tree = RootsTree({"base": [tmp_path / "a", tmp_path / "gone", tmp_path / "b"]})
    assert tree.read("base", "both", 0, 99) == b"from a"
    assert tree.read("base", "one", 0, 99) == b"only b"
    assert tree.files("base") == ["both", "one"]


def test_an_environment_without_roots_uses_the_common_ones(tmp_path: Path):
    write(tmp_path / "env" / "qa" / "f", "qa")
    write(tmp_path / "base" / "f", "base")
    tree = RootsTree({"base": [tmp_path / "base"], "__env__": [tmp_path / "env" / "__env__"]})
    assert tree.read("qa", "f", 0, 9) == b"qa"
    assert tree.read("base", "f", 0, 9) == b"base"
    assert tree.envs() == ["base"]
    assert tree.read("..", "base/f", 0, 9) is None
    assert tree.files("__env__") == []


@pytest.mark.parametrize(
    "ignoring", [{"ignore_globs": ["*.swp", "secret/*"]}, {"ignore_regexes": [r"\.swp$", "^secret(/|$)"]}]
)
def test_ignored_files_are_neither_listed_nor_served(root: Path, ignoring):
    for name in ("a.sls", "a.sls.swp", "secret/key"):
        write(root / name)
    tree = RootsTree({"base": [root]}, **ignoring)
    assert tree.files("base") == ["a.sls"]
    assert tree.find("base", "secret/key") is None
    assert tree.hash("base", "a.sls.swp") is None


def test_an_ignore_pattern_that_is_none_is_named(root: Path):
    with pytest.raises(ConfigError, match=r"file_ignore_regex.*\(x"):
        RootsTree({"base": [root]}, ignore_regexes=["(x"])


@pytest.fixture
def linked(tmp_path: Path, root: Path) -> Path:
    """A root with links to files and directories, within and outside."""
    write(tmp_path / "outside" / "file")
    write(root / "own" / "file")
    (root / "file_within").symlink_to("own/file")
    (root / "file_outside").symlink_to(tmp_path / "outside" / "file")
    (root / "dir_within").symlink_to("own")
    (root / "dir_outside").symlink_to(tmp_path / "outside")
    (root / "broken").symlink_to("none")
    return root


def test_links_are_followed_wherever_they_lead(linked: Path):
    tree = RootsTree({"base": [linked]})
    listed = ["dir_outside/file", "dir_within/file", "file_outside", "file_within", "own/file"]
    assert tree.files("base") == listed
    assert all(tree.read("base", path, 0, 9) == b"x" for path in listed)
    assert tree.dirs("base") == ["dir_outside", "dir_within", "own"]


def test_without_following_nothing_outside_is_served(linked: Path):
    tree = RootsTree({"base": [linked]}, follow_links=False)
    assert tree.files("base") == ["file_within", "own/file"]
    assert tree.dirs("base") == ["own"]
    for path in ("file_outside", "dir_outside/file", "dir_within/file"):
        assert tree.read("base", path, 0, 9) is None
    assert tree.files("base", "dir_outside") == []


def test_links_may_be_left_out_altogether(linked: Path):
    tree = RootsTree({"base": [linked]}, ignore_links=True)
    assert tree.files("base") == ["own/file"]
    assert tree.find("base", "file_within") is None


def test_a_root_may_itself_be_a_link(tmp_path: Path, root: Path):
    write(root / "f")
    (tmp_path / "current").symlink_to(root)
    assert RootsTree({"base": [tmp_path / "current"]}, follow_links=False).files("base") == ["f"]


def test_directories_that_contain_each_other_by_links_end(root: Path):
    write(root / "a" / "file")
    write(root / "c" / "file")
    (root / "a" / "to_c").symlink_to(root / "c")
    (root / "c" / "to_a").symlink_to(root / "a")
    (root / "a" / "up").symlink_to("..")
    tree = RootsTree({"base": [root]})
    assert tree.files("base") == ["a/file", "a/to_c/file", "c/file", "c/to_a/file"]


def test_only_regular_files_are_served(root: Path):
    os.mkfifo(root / "pipe")
    tree = RootsTree({"base": [root]})
    assert tree.files("base") == []
    assert tree.read("base", "pipe", 0, 1) is None


def test_a_digest_follows_the_file(root: Path):
    file = write(root / "f", "one")
    tree = RootsTree({"base": [root]})
    first = tree.hash("base", "f")
    assert tree.hash("base", "f") == first
    write(file, "another")
    assert tree.hash("base", "f") != first
    file.unlink()
    assert tree.hash("base", "f") is None


@pytest.mark.behaviour("FS-02")
def test_links_and_empty_directories_are_listed(root: Path):
    write(root / "sub" / "file")
    (root / "sub" / "empty").mkdir()
    (root / "link").symlink_to("sub/file")
    (root / "folder").symlink_to("sub")
    tree = RootsTree({"base": [root]})
    assert tree.symlinks("base") == {"link": "sub/file", "folder": "sub"}
    assert tree.empty_dirs("base") == ["folder/empty", "sub/empty"]
    assert tree.empty_dirs("base", "sub") == ["sub/empty"]
    assert RootsTree({"base": [root]}, ignore_links=True).symlinks("base") == {}
