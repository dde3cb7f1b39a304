"""Mirrors of repositories that several threads use at the same time."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from repositories import Repository
from saltern.plugin_api import CommandExecutionError
from saltern.plugin_api.git.mirror import Mirror

pytestmark = pytest.mark.behaviour("FS-06")

_SECONDS = 30


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    repository = Repository(tmp_path / "repository")
    for number in range(10):
        repository.commit(f"b{number}", {"top.sls": f"{number}", "web/init.sls": "m"})
    made = Mirror(tmp_path / "mirror", repository.url)
    assert made.fetch()
    return made


def test_a_remote_that_hangs_does_not_hold_up_what_is_here(mirror: Mirror):
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(2) as pool:
        server.settimeout(_SECONDS)
        mirror.url = f"git://127.0.0.1:{server.getsockname()[1]}/r"
        fetching = pool.submit(mirror.fetch)
        connection, _ = server.accept()
        try:
            entry = pool.submit(lambda: mirror.tree(mirror.branches()["b3"])["top.sls"]).result(_SECONDS)
            assert pool.submit(mirror.content, entry.object_id).result(_SECONDS) == b"3"
            assert not fetching.done()
        finally:
            connection.close()
        with pytest.raises(CommandExecutionError, match="git failed with git://127"):
            fetching.result(_SECONDS)


def test_threads_that_want_the_same_export(mirror: Mirror):
    with ThreadPoolExecutor(8) as pool:
        for number in range(10):
            commit = mirror.branches()[f"b{number}"]
            places = {one.result() for one in [pool.submit(mirror.export, commit) for _ in range(8)]}
            assert [(place / "top.sls").read_text() for place in places] == [f"{number}"]
    assert list((mirror.folder / "exports").glob(".*")) == []
