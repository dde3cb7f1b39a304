"""Pillar files from repositories. What the first two tests expect was recorded from Salt 3008.2."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from asked import asked
from shipped import Shipped

from repositories import Repository
from saltern.plugin_api import CommandExecutionError

pytestmark = pytest.mark.behaviour("PIL-09")


@pytest.fixture
def one(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "one")
    made.commit(
        "master",
        {
            "top.sls": "base:\n  '*': [a, own]\n",
            "a.sls": "from: one",
            "own.sls": "one: {v: 1, l: [one]}",
            "sub/s.sls": "s: m",
        },
    )
    made.commit(
        "dev",
        {"top.sls": "base:\n  '*': [d]\ndev:\n  '*': [d]\n", "d.sls": "dev: one", "sub/top.sls": "base:\n  '*': [s]\n",
         "sub/s.sls": "subdev: one"},
    )  # fmt: skip
    return made


def pillar(place: Path, *remotes: Any, **opts: Any) -> dict[str, Any]:
    return asked(place, {"git": list(remotes)}, **opts)


def test_branches_are_environments_and_options_say_otherwise(tmp_path: Path, one: Repository):
    found = pillar(tmp_path, f"master {one.url}", {f"dev {one.url}": [{"env": "base"}, {"root": "sub"}]})
    assert found == {"from": "one", "one": {"v": 1, "l": ["one"]}, "subdev": "one"}


def test_the_branch_of_the_environment(tmp_path: Path, one: Repository):
    assert pillar(tmp_path, f"__env__ {one.url}") == {"from": "one", "one": {"v": 1, "l": ["one"]}}
    assert pillar(tmp_path, f"__env__ {one.url}", pillarenv="dev") == {"dev": "one"}
    assert pillar(tmp_path, f"__env__ {one.url}", pillarenv="nosuch") == {}
    assert pillar(tmp_path, f"master {one.url}", f"dev {one.url}", pillarenv="dev") == {"dev": "one"}


def test_remotes_of_one_environment_include_each_others_files(tmp_path: Path, one: Repository):
    other = Repository(tmp_path / "other")
    other.commit("master", {"top.sls": "base:\n  m1: [x]\n", "x.sls": "include: [a, web.deep.s]\nx: 1\none: {v: 2}\n"})
    remotes = (
        f"master {one.url}",
        {f"master {one.url}": {"root": "sub", "mountpoint": "web/deep", "name": "sub"}},
        other.url,
    )
    found = pillar(tmp_path, *remotes)
    assert found == {"from": "one", "one": {"v": 2, "l": ["one"]}, "x": 1, "s": "m"}
    alone = pillar(tmp_path, *remotes, git_pillar_includes=False)
    assert alone["_errors"] == [
        f"Specified SLS '{name}' in environment 'base' is not available on the salt master"
        for name in ("a", "web.deep.s")
    ]
    assert "s" not in alone


def test_options_for_all_remotes(tmp_path: Path, one: Repository):
    assert pillar(tmp_path, one.url, git_pillar_base="dev", git_pillar_root="sub") == {"subdev": "one"}
    assert pillar(tmp_path, f"gone {one.url}", git_pillar_fallback="master", git_pillar_env="base")["from"] == "one"
    assert pillar(tmp_path, {f"gone {one.url}": [{"all_saltenvs": "master"}, {"env": "base"}]})["from"] == "one"


def test_a_change_is_fetched_when_the_interval_is_over(
    tmp_path: Path, one: Repository, caplog: pytest.LogCaptureFixture
):
    remote = f"master {one.url}"
    assert pillar(tmp_path, remote)["from"] == "one"
    one.commit("master", {"top.sls": "base:\n  '*': [a]\n", "a.sls": "from: later"})
    assert pillar(tmp_path, remote)["from"] == "one"
    assert pillar(tmp_path, remote, git_pillar_update_interval=0) == {"from": "later"}
    one.place.rename(one.place.with_name("away"))
    assert pillar(tmp_path, remote, git_pillar_update_interval=0) == {"from": "later"}, "what there is still counts"
    assert f"git_pillar goes on with what was fetched before: git failed with {one.url}" in caplog.text


@pytest.mark.parametrize(
    ("remote", "told"),
    [
        ("master file:///nosuch/repository", "git failed with file:///nosuch/repository: "),
        ("nobranch {url}", "git: {url} has no branch, tag or commit nobranch"),
        (["a"], "is no remote: write BRANCH URL"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, one: Repository, remote: Any, told: str):
    words = remote.format(url=one.url) if isinstance(remote, str) else remote
    (error,) = pillar(tmp_path, words)["_errors"]
    assert error.startswith("Failed to load ext_pillar git: ")
    assert told.format(url=one.url) in error


def test_a_repository_cannot_lead_out_of_its_directory(tmp_path: Path):
    evil = Repository(tmp_path / "evil")
    secret = tmp_path / "secret.sls"
    secret.write_text("secret: leaked")
    evil.commit("master", {"top.sls": "base:\n  '*': [out]\n"}, {"out.sls": str(secret)})
    assert "leaked" not in str(pillar(tmp_path, evil.url))


def test_remotes_are_fetched_by_the_runner_and_named_without_their_passwords(tmp_path: Path, one: Repository):
    remotes = [f"master {one.url}", "dev http://joe:s3cret@127.0.0.1:1/r.git"]
    update = Shipped(tmp_path, ext_pillar=[{"git": remotes}]).space.table("runners")["git_pillar.update"]
    found = {f"master {one.url}": True, "dev http://<redacted>@127.0.0.1:1/r.git": False}
    assert update() == found
    assert update(branch="master") == {f"master {one.url}": None}
    with pytest.raises(CommandExecutionError, match="remote was not found"):
        update(repo="nosuch")
