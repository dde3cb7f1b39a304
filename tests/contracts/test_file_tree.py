"""What every tree of files must do."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from mirrored_trees import in_buckets, in_one_bucket, on_the_web
from repositories import Repository
from saltern.files.backends.git import GitTree
from saltern.files.backends.memory import MemoryTree
from saltern.files.backends.roots import RootsTree
from saltern.files.contract import FileTree
from saltern.files.git.remotes import Remote
from saltern.files.union import UnionTree

Make = Callable[[dict[str, dict[str, bytes]]], FileTree]


@pytest.fixture(params=["memory", "roots", "git", "union", "s3", "s3 of many environments", "http"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Makes a tree that holds some files by environment and path."""

    def in_roots(files: dict[str, dict[str, bytes]]) -> FileTree:
        for env, contents in files.items():
            (tmp_path / env).mkdir()
            for path, content in contents.items():
                place = tmp_path / env / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
        return RootsTree({env: [tmp_path / env] for env in files})

    def in_git(files: dict[str, dict[str, bytes]]) -> FileTree:
        repository = Repository(tmp_path / "repository")
        for env, contents in files.items():
            repository.commit("master" if env == "base" else env, contents)
        tree = GitTree([Remote(url=repository.url)], tmp_path / "mirrors")
        tree.update()
        return tree

    def as_union(files: dict[str, dict[str, bytes]]) -> FileTree:
        halves: tuple[dict[str, dict[str, bytes]], ...] = ({}, {})
        for env, contents in files.items():
            for number, (path, content) in enumerate(contents.items()):
                halves[number % 2].setdefault(env, {})[path] = content
        return UnionTree([MemoryTree(half) for half in halves])

    running = contextlib.ExitStack()
    makers = {
        "memory": MemoryTree,
        "roots": in_roots,
        "git": in_git,
        "union": as_union,
        "s3": partial(in_buckets, running, tmp_path),
        "s3 of many environments": partial(in_one_bucket, running, tmp_path),
        "http": partial(on_the_web, running, tmp_path),
    }
    with running:
        yield makers[request.param]


FILES = {
    "base": {
        "top.sls": b"base:\n",
        "web/init.sls": b"nginx",
        "web/conf/site": b"x" * 1000,
        "website": b"",
        "ünïcode": b"u",
    },
    "dev": {"top.sls": b"dev:\n"},
}


def test_environments_and_files_are_listed_in_order(make: Make):
    tree = make(FILES)
    assert tree.envs() == ["base", "dev"]
    assert tree.files("base") == ["top.sls", "web/conf/site", "web/init.sls", "website", "ünïcode"]
    assert tree.dirs("base") == ["web", "web/conf"]


def test_a_prefix_is_a_directory_and_no_part_of_a_name(make: Make):
    tree = make(FILES)
    assert tree.files("base", "web") == ["web/conf/site", "web/init.sls"]
    assert tree.files("base", "web/") == ["web/conf/site", "web/init.sls"]
    assert tree.files("base", "we") == []
    assert tree.dirs("base", "web") == ["web/conf"]


def test_a_file_is_found_with_its_size(make: Make):
    info = make(FILES).find("base", "web/conf/site")
    assert info is not None
    assert (info.path, info.size) == ("web/conf/site", 1000)


def test_a_digest_is_of_the_content_in_the_wanted_algorithm(make: Make):
    tree = make(FILES)
    assert tree.hash("base", "web/init.sls") == hashlib.sha256(b"nginx").hexdigest()
    assert tree.hash("base", "web/init.sls", "md5") == hashlib.md5(b"nginx").hexdigest()
    assert tree.hash("dev", "top.sls") == hashlib.sha256(b"dev:\n").hexdigest()


def test_a_file_is_read_in_ranges(make: Make):
    tree = make({"base": {"f": b"0123456789"}})
    assert [tree.read("base", "f", at, 4) for at in (0, 4, 8, 10, 99)] == [b"0123", b"4567", b"89", b"", b""]


def test_an_empty_file_is_a_file(make: Make):
    tree = make(FILES)
    info = tree.find("base", "website")
    assert info is not None
    assert info.size == 0
    assert tree.read("base", "website", 0, 10) == b""


@pytest.mark.parametrize(
    "path",
    [
        "none",
        "web",
        "",
        "/etc/passwd",
        "../dev/top.sls",
        "web/../top.sls",
        "./top.sls",
        "web//init.sls",
        "top.sls\0",
        "a\\b",
        "x" * 5000,
    ],
)
@pytest.mark.behaviour("FS-03")
def test_there_is_no_such_file(make: Make, path: str):
    tree = make(FILES)
    assert tree.find("base", path) is None
    assert tree.hash("base", path) is None
    assert tree.read("base", path, 0, 10) is None


@pytest.mark.parametrize("prefix", ["..", "../dev", "/", "/etc", "none", "web/../../dev"])
def test_nothing_lies_below_a_prefix_outside(make: Make, prefix: str):
    tree = make(FILES)
    assert (tree.files("base", prefix), tree.dirs("base", prefix)) == ([], [])


@pytest.mark.parametrize("env", ["none", "", "..", "base/..", "/"])
def test_an_unknown_environment_is_empty(make: Make, env: str):
    tree = make(FILES)
    assert tree.files(env) == []
    assert tree.dirs(env) == []
    assert tree.read(env, "top.sls", 0, 10) is None


def test_a_tree_without_links_and_empty_directories_says_so(make: Make):
    tree = make(FILES)
    assert tree.symlinks("base") == {}
    assert tree.empty_dirs("base") == []
    assert tree.symlinks("nowhere") == {}
    assert tree.empty_dirs("nowhere") == []
