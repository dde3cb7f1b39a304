"""A master whose files come from a repository, from directories and from what minions pushed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lab import Lab, until
from sites import documents

from mirrored_trees import sums_of
from repositories import Repository
from web_services import Bucket, WebFiles


@pytest.mark.behaviour("FS-01", "FS-06", "FS-07", "FS-09", "RUN-04")
def test_back_ends_by_rank_and_their_upkeep(new_lab: Callable[..., Lab], tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repository")
    repository.commit("master", {"x.sls": "from: git", "both.txt": "git", "link": ""}, {"l": "both.txt"})
    repository.commit("dev", {"only.txt": "dev"})
    lab = new_lab(
        fileserver_backend=["roots", "git", "minion"], gitfs_remotes=[repository.url], gitfs_update_interval=1,
        file_recv=True, minionfs_mountpoint="pushed", fileserver_events=True,
    )  # fmt: skip
    roots = lab.root / "r" / "srv" / "salt"
    roots.mkdir(parents=True)
    (roots / "both.txt").write_text("roots")
    lab.start_master()
    lab.start_minion("m1")
    lab.wait_for_minions(("m1",))

    def answer(*words: str) -> Any:
        return documents(lab.run("run", "m1", *words, "--out", "json").stdout)["m1"]

    def runner(*words: str) -> Any:
        return json.loads(lab.run("runner", *words, "--out", "json").stdout)

    until(lambda: "dev" in answer("cp.envs"), 30, "the repository is not served")
    assert answer("cp.get_file_str", "salt://both.txt") == "roots"
    assert answer("cp.get_file_str", "salt://x.sls") == "from: git"
    assert answer("cp.get_file_str", "salt://only.txt", "saltenv=dev") == "dev"
    assert runner("fileserver.envs", "sources=True") == {
        "roots": ["base"],
        "gitfs": ["base", "dev"],
        "minionfs": ["base"],
    }
    assert runner("fileserver.file_list", "backend=gitfs") == ["both.txt", "l", "link", "x.sls"]
    assert runner("fileserver.file_list", "backend=-gitfs") == ["both.txt"]
    assert runner("fileserver.symlink_list") == {"l": "both.txt"}

    (lab.root / "here.txt").write_text("pushed")
    assert answer("cp.push", str(lab.root / "here.txt")) is True
    assert answer("cp.get_file_str", f"salt://pushed/m1{lab.root}/here.txt") == "pushed"

    repository.commit("master", {"x.sls": "from: later"})
    until(lambda: answer("cp.get_file_str", "salt://x.sls") == "from: later", 30, "the change was not fetched")
    assert runner("fileserver.lock") == {"locked": [f"Set update lock for gitfs remote '{repository.url}'"]}
    assert runner("fileserver.lock") == "No locks were set"
    repository.commit("master", {"x.sls": "from: the end"})
    assert runner("fileserver.update") is True
    assert answer("cp.get_file_str", "salt://x.sls") == "from: later"
    assert runner("cache.clear_git_lock", "git_pillar") == "No locks were removed"
    assert runner("cache.clear_git_lock", "gitfs", "type=checkout") == "No locks were removed"
    cleared = {"cleared": [f"Removed update lock for gitfs remote '{repository.url}'"]}
    assert runner("cache.clear_git_lock", "gitfs", f"remote={repository.url}") == cleared
    assert runner("cache.clear_git_lock", "gitfs") == "No locks were removed"
    runner("fileserver.lock")
    assert runner("fileserver.clear_lock") == {"cleared": [f"Removed update lock for gitfs remote '{repository.url}'"]}
    assert runner("fileserver.update", "backend=gitfs") is True
    assert answer("cp.get_file_str", "salt://x.sls") == "from: the end"
    assert runner("fileserver.clear_cache") == {"cleared": ["gitfs cache successfully cleared"]}
    assert "there is no file server back end s3fs" in lab.run("runner", "fileserver.envs", "s3fs").stderr


@pytest.mark.behaviour("FS-07")
def test_files_of_buckets_and_of_web_servers(new_lab: Callable[..., Lab]) -> None:
    with Bucket("states", "AK", "secret") as bucket, WebFiles() as web:
        bucket.objects.update({"bucket.txt": b"bucket", "both.txt": b"bucket"})
        files = {"web.txt": b"web", "both.txt": b"web"}
        web.files = {f"/{path}": content for path, content in files.items()} | {"/SHA256SUMS": sums_of(files)}
        lab = new_lab(
            fileserver_backend=["s3fs", "httpfs"], httpfs_remotes=[f"{web.url}/SHA256SUMS"],
            **{"s3.buckets": {"base": ["states"]}, "s3.service_url": bucket.url, "s3.path_style": True},
            **{"s3.keyid": "AK", "s3.key": "secret", "s3.s3_cache_expire": 1},
        )  # fmt: skip
        lab.start_master()
        lab.start_minion("m1")
        lab.wait_for_minions(("m1",))

        def read(path: str) -> Any:
            return documents(lab.run("run", "m1", "cp.get_file_str", f"salt://{path}", "--out", "json").stdout)["m1"]

        until(lambda: read("bucket.txt") == "bucket", 30, "the bucket is not served")
        until(lambda: read("web.txt") == "web", 30, "the web server's files are not served")
        assert read("both.txt") == "bucket"
        bucket.objects["bucket.txt"] = b"later"
        until(lambda: read("bucket.txt") == "later", 30, "the change was not fetched")
        told = lab.run("runner", "fileserver.lock", "--out", "json").stdout
    assert "Set update lock for s3fs remote 's3://states'" in told
    assert read("web.txt") == "web", "what was fetched is served without the servers"
