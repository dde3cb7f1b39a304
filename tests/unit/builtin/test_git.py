"""`git`: every function and state against what Salt 3008.2 answered, on repositories made for it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from shipped import Shipped
from transcript import differences

from saltern.plugin_api.git import output
from saltern.plugin_api.git.run import options
from saltern.plugin_api.git.urls import redacted, with_credentials
from servers import program

AUTHOR = {
    f"GIT_{who}_{what}": value
    for who, name in (("AUTHOR", "A"), ("COMMITTER", "C"))
    for what, value in (("NAME", name), ("EMAIL", f"{name.lower()}@x"), ("DATE", "2020-01-01T00:00:00Z"))
}


@pytest.fixture
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A home of its own, and commits whose ids are always the same."""
    program("git")
    (tmp_path / "home").mkdir()
    env = {**AUTHOR, "HOME": str(tmp_path / "home"), "GIT_CONFIG_NOSYSTEM": "1"}
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    return env


@pytest.mark.behaviour("LDR-14")
def test_functions_answer_as_salt_does(tmp_path: Path, surroundings: dict[str, str]):
    assert differences("git_of_salt", tmp_path, surroundings) == []


@pytest.mark.behaviour("STM-02", "TST-01")
def test_states_answer_as_salt_does(tmp_path: Path, surroundings: dict[str, str]):
    assert differences("git_states_of_salt", tmp_path, surroundings) == []


def test_a_key_from_the_master_is_used_and_gone_afterwards(
    tmp_path: Path, surroundings: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    ssh = tmp_path / "bin" / "ssh"
    ssh.parent.mkdir()
    ssh.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/words\ncat "$2" > {tmp_path}/key\nstat -c %a "$2" > {tmp_path}/mode\n'
    )
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{ssh.parent}:{os.environ['PATH']}")
    minion = Shipped(tmp_path)
    minion.write("base/keys/deploy", "a private key\n")
    done = minion.outcome("git.remote_refs", "ssh://git@host.example.test/x.git", identity="salt://keys/deploy")
    assert done.faults  # this ssh talks to nobody
    words = (tmp_path / "words").read_text()
    assert "BatchMode=yes" in words
    assert "StrictHostKeyChecking=accept-new" in words
    assert (tmp_path / "key").read_text() == "a private key\n"
    assert (tmp_path / "mode").read_text() == "600\n"
    assert not Path(words.split()[1]).exists()


def test_secrets_in_urls():
    assert with_credentials("https://h/x.git", "me@home", "p:w/d") == "https://me%40home:p%3Aw%2Fd@h/x.git"
    assert with_credentials("https://old:secret@h/x.git", "me", None) == "https://me@h/x.git"
    assert redacted("see https://me:pw@h/x and ssh://git@h/y") == "see https://<redacted>@h/x and ssh://git@h/y"


def test_options_are_words():
    assert options("--depth 1 --") == ["--depth", "1"]
    assert options(["-c", "user.name=A B"]) == ["-c", "user.name=A B"]
    assert options("-c 'user.name=A B'") == ["-c", "user.name=A B"]


def test_what_git_reports_is_read():
    assert output.status("R  new\0old\0?? x\0") == {"R": ["old -> new"], "untracked": ["x"]}
    report = (
        "From /x\n * [new branch]      dev        -> o/dev\n   5abb5eb..0dece1e  main       -> o/main\n"
        " + 0dece1e...b17b4db next       -> o/next  (forced update)\n - [deleted]         (none)     -> o/gone\n"
        " ! [rejected]        v1         -> v1  (would clobber existing tag)\n t [tag update]      v2         -> v2\n"
    )
    assert output.fetched(report) == {
        "new branches": ["dev"],
        "updated branches": {
            "main": {"old": "5abb5eb", "new": "0dece1e"},
            "next": {"old": "0dece1e", "new": "b17b4db"},
        },
        "deleted refs": ["o/gone"],
        "updated tags": ["v2"],
    }
