"""What is run inside a directory: the argument vector, the shell, and the file systems around it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from saltern.plugin_api import chroot

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def test_user_group_and_directory_are_of_the_inside():
    plain = ["chroot", "/srv/tree", "id"]
    assert chroot.argv_inside("/srv/tree", ["id"], "/bin/sh") == plain
    assert chroot.argv_inside("/srv/tree", ["id"], "/bin/sh", user="web")[1] == "--userspec=web:"
    assert chroot.argv_inside("/srv/tree", ["id"], "/bin/sh", group="www")[1] == "--userspec=:www"


def test_the_words_reach_the_command_as_they_are():
    words = chroot.argv_inside("/", ["printf", "%s|", "a b", "$HOME", "'"], "/bin/sh", cwd="/usr")
    done = subprocess.run(words[2:], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "a b|$HOME|'|"


def test_the_shell_has_to_be_there_unless_it_was_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("SHELL", "/opt/shell")
    assert chroot.shell_inside(str(tmp_path), None) == "/bin/sh"
    assert chroot.shell_inside(str(tmp_path), "/any/shell") == "/any/shell"
    (tmp_path / "opt").mkdir()
    (tmp_path / "opt" / "shell").touch()
    assert chroot.shell_inside(str(tmp_path), None) == "/opt/shell"


@root_only
def test_nothing_is_mounted_over_the_root_itself():
    before = Path("/proc/self/mounts").read_text()
    with chroot.mounted("/", ["/usr"]):
        assert Path("/proc/self/mounts").read_text() == before
