"""Completion of command lines, in the shells themselves."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from lab import SALTERN
from sites import Site

from saltern.cli.completing import completions
from servers import program

BIN = Path(SALTERN[0]).parent


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("saltern ru", ["run", "runner"]),
        ("saltern run x fil", ["file."]),
        ("saltern run x grains.se", ["grains.set", "grains.setval", "grains.setvals"]),
        ("saltern run x test.ping,grains.append", ["test.ping,grains.append"]),
        ("saltern run -t 5 x test.pin", ["test.ping"]),
        ("salt x test.pin", ["test.ping"]),
        ("saltern call --local test.pin", ["test.ping"]),
        ("saltern call --loc", ["--local"]),
        ("salt-run manage.ver", ["manage.versions"]),
        ("saltern wheel key.accept_", ["key.accept_dict"]),
        ("saltern jobs li", ["list"]),
        ("saltern jobs list --si", ["--since"]),
        ("saltern call --out js", ["json"]),
        ("saltern call --out = js", ["json"]),
        ("saltern call -l deb", ["debug"]),
        ("saltern doctor mi", ["minion"]),
        ("saltern key tok", ["token"]),
        ("saltern nonsense x", []),
        ("saltern run x test.ping argum", []),
        ("saltern run -c /there/is/none we", []),
    ],
)
def test_what_may_be_meant(typed: str, expected: list[str]) -> None:
    assert completions(typed.split(" ")) == expected


@pytest.mark.xdist_group("site")
def test_ids_of_minions_and_keys(site: Site) -> None:
    config = ["-c", str(site.config)]

    assert completions(["saltern", "run", *config, "we"]) == ["web1", "web2"]
    assert completions(["saltern", "cp", *config, "d"]) == ["db1"]
    assert completions(["salt-key", *config, "-d", "gon"]) == ["gone1"]
    assert completions(["salt-key", *config, "-a", "gon"]) == []


BASH = """
source <(saltern completion bash)
COMP_WORDS=(saltern run m1 test.pi); COMP_CWORD=3
compopt() { :; }
_saltern; echo "${COMPREPLY[@]}"
"""
ZSH = """
autoload -U compinit && compinit -D -u
compdef() { [[ " $* " == *" saltern "* ]] && echo defined }
source <(saltern completion zsh)
compadd() { while [ "$1" != "--" ]; do shift; done; shift; print -r -- "$@" }
words=(saltern run m1 test.pi); CURRENT=4
_saltern
"""
FISH = """
saltern completion fish | source
complete -C 'saltern run m1 test.pi'
"""


@pytest.mark.parametrize(("shell", "script"), [("bash", BASH), ("zsh", ZSH), ("fish", FISH)])
def test_a_shell_completes_by_it(shell: str, script: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(tmp_path), "TERM": "dumb"}

    done = subprocess.run(
        [program(shell), "-c", script], capture_output=True, text=True, check=False, env=environment, timeout=60
    )

    assert done.returncode == 0, done.stderr
    assert "test.ping" in done.stdout.split()
