"""Which back ends a configuration has, in which order, and by which names they are asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from saltern.assembly.files import file_server, file_tree
from saltern.config.minion import MinionConfig
from saltern.errors import ArgumentError, ConfigError

pytestmark = pytest.mark.behaviour("FS-01")


def config(tmp_path: Path, *backends: str) -> MinionConfig:
    return MinionConfig(
        cachedir=tmp_path / "cache",
        file_roots={"base": [tmp_path]},
        fileserver_backend=list(backends),
        gitfs_base="main",
    )


def test_back_ends_have_salts_names_and_the_order_of_the_option(tmp_path: Path):
    server = file_server(config(tmp_path, "git", "roots", "minion"))
    assert server.names() == ["gitfs", "roots", "minionfs"]
    assert server.names("roots,git") == server.names(["gitfs", "roots"]) == ["gitfs", "roots"]
    assert server.names("-gitfs") == ["roots", "minionfs"]
    assert list(server.remote()) == ["gitfs"]
    with pytest.raises(ArgumentError, match="no file server back end s3fs; there are: gitfs, roots, minionfs"):
        server.names("s3fs")


def test_an_unknown_back_end_is_named_with_those_that_there_are(tmp_path: Path):
    with pytest.raises(
        ConfigError, match="fileserver_backend: there is no nosuch; there are: roots, gitfs, minionfs, s3fs, httpfs"
    ):
        file_tree(config(tmp_path, "roots", "nosuch"))
