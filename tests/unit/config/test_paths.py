from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from saltern.config.paths import (
    config_dir,
    config_file,
    default_path,
    home_path,
    master_socket,
    master_values,
    resolved_root,
    under_root,
)
from saltern.errors import ConfigError


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch):
    for name in ("SALTERN_CONFIG_DIR", "SALT_CONFIG_DIR", "SALTERN_MASTER_CONFIG", "SALT_MASTER_CONFIG"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.behaviour("CFG-02")
def test_the_argument_beats_the_variables_and_they_beat_the_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    of_salt, of_saltern, named = (str(tmp_path / name) for name in ("salt", "saltern", "named"))
    for directory in (of_salt, of_saltern, named):
        Path(directory).mkdir()
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert config_dir() == "/etc/saltern"
    monkeypatch.setenv("SALT_CONFIG_DIR", of_salt)
    assert config_dir() == of_salt
    monkeypatch.setenv("SALTERN_CONFIG_DIR", of_saltern)
    assert config_dir() == of_saltern
    assert config_dir(named) == named


def test_a_directory_that_is_named_has_to_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    with pytest.raises(ConfigError, match=r"there is no configuration directory .*/nowhere"):
        config_dir(tmp_path / "nowhere")
    monkeypatch.setenv("SALTERN_CONFIG_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(ConfigError, match="there is no configuration directory"):
        config_dir()


@pytest.mark.behaviour("CFG-02")
def test_a_variable_may_name_the_main_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("SALT_MASTER_CONFIG", "/some/file")
    assert config_file("master") == "/some/file"
    assert config_file("master", tmp_path) == f"{tmp_path}/master"


@pytest.mark.behaviour("CFG-10")
def test_an_ordinary_user_has_everything_below_the_home_directory(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("HOME", "/home/ann")
    assert config_dir() == "/home/ann/.config/saltern"
    assert default_path("/var/cache/saltern/master") == "/home/ann/.local/state/saltern/cache/master"
    assert default_path("/etc/saltern/pki/minion") == "/home/ann/.local/share/saltern/pki/minion"
    assert default_path("/run/saltern-master.pid") == "/home/ann/.local/state/saltern/run/saltern-master.pid"
    assert default_path("/srv/salt") == "/home/ann/.local/share/saltern/srv/salt"
    assert home_path("/opt/other", "/home/ann") == "/opt/other"


@pytest.mark.behaviour("CFG-03")
def test_root_dir_moves_defaults_and_named_paths():
    assert default_path("/var/cache/saltern/master", "/tmp/x") == "/tmp/x/var/cache/saltern/master"
    assert under_root("/pki", "/tmp/x") == "/tmp/x/pki"
    assert under_root("/tmp/x/pki", "/tmp/x") == "/tmp/x/pki"
    assert under_root("/tmp/xy/pki", "/tmp/x") == "/tmp/x/tmp/xy/pki"
    assert under_root("/pki", "/") == "/pki"
    assert resolved_root("here", "/etc/saltern") == "/etc/saltern/here"


def test_the_socket_is_found_from_flat_files_and_from_yaml_alike(tmp_path: Path):
    (tmp_path / "master").write_text(f"root_dir: {tmp_path}\nsock_dir: /s\n")
    assert master_socket(tmp_path, master_values(tmp_path)) == f"{tmp_path}/s/master.sock"
    (tmp_path / "master").write_text(f"root_dir: {tmp_path}\nsock_dir: /s\nnodegroups: {{web: 'web*'}}\n")
    assert master_socket(tmp_path, master_values(tmp_path)) == f"{tmp_path}/s/master.sock"


def test_included_files_have_their_say_about_the_socket(tmp_path: Path):
    (tmp_path / "master").write_text("sock_dir: /run/one\n")
    (tmp_path / "master.d").mkdir()
    (tmp_path / "master.d" / "10.conf").write_text("sock_dir: /run/two\n")
    (tmp_path / "master.d" / "README").write_text("sock_dir: /run/three\n")
    assert master_socket(tmp_path, master_values(tmp_path)) == "/run/two/master.sock"
    (tmp_path / "master.d" / "20.conf").write_text("{sock_dir: /run/four}\n")
    assert master_socket(tmp_path, master_values(tmp_path)) == "/run/four/master.sock"


def test_no_files_give_the_default_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert master_socket(tmp_path, master_values(tmp_path)) == "/run/saltern/master/master.sock"


def test_a_path_too_long_for_a_socket_is_an_error_with_a_remedy():
    with pytest.raises(ConfigError, match="too long") as caught:
        master_socket("/c", {"sock_dir": "/" + "long/" * 30})
    assert "sock_dir" in caught.value.hint


def test_finding_the_socket_imports_nothing_heavy(tmp_path: Path):
    (tmp_path / "master").write_text(f"root_dir: {tmp_path}\n")
    program = (
        "import sys; before = set(sys.modules)\n"
        "from saltern.config.paths import config_dir, master_socket, master_values\n"
        f"master_socket(config_dir({str(tmp_path)!r}), master_values({str(tmp_path)!r}))\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30)
    assert ran.stdout.split() == [
        "__future__",
        "saltern",
        "saltern.config",
        "saltern.config.flat",
        "saltern.config.paths",
    ]
