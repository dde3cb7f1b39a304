"""`pyenv` and its states over a program that stands for it, beside what Salt 3008.2 answered with one."""

from __future__ import annotations

from pathlib import Path

import pytest
from shipped import Shipped
from thrice import Trial
from transcript import differences
from trial_pyenv import make_pyenv, make_source

pytestmark = pytest.mark.behaviour("LDR-14", "STM-02", "TST-01")


@pytest.fixture
def root(tmp_path: Path) -> str:
    make_pyenv(tmp_path / "pyenv")
    return str(tmp_path / "pyenv")


def test_it_answers_as_salt_does(root: str, tmp_path: Path):
    assert differences("pyenv_of_salt", tmp_path, {}, **{"pyenv.root": root}) == []


def test_commands_are_run_with_its_programs(root: str, tmp_path: Path):
    call = Shipped(tmp_path, **{"pyenv.root": root}).call
    assert call("pyenv.do", "python --version") == f"Python of {root}"
    assert call("pyenv.do_with_python", "python-3.9.1", "python --version") == "Python 3.9.1"
    assert call("pyenv.do", "false") is False
    assert call("pyenv.install_python", "3.12.1") == "Installed 3.12.1"


def test_states(root: str, tmp_path: Path):
    trial = Trial(tmp_path, **{"pyenv.root": root})
    made = trial.thrice("pyenv.installed", "python-3.12.1", default=True)
    assert made.foreseen == "python 3.12.1 is set to be installed"
    assert made.changes == {"3.12.1": "Installed", "default": {"old": "system", "new": "3.12.1"}}
    assert trial.thrice("pyenv.installed", "3.9.1", default=True).foreseen == "python 3.9.1 would be the default"
    trial.thrice("pyenv.absent", "3.9.1")
    assert trial.minion.call("pyenv.default") == "system"
    assert trial.told("pyenv.installed", "bad") == (False, "Could not install python.", {})


def test_it_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name, value in make_source(tmp_path / "source").items():
        monkeypatch.setenv(name, value)
    trial = Trial(tmp_path, **{"pyenv.root": str(tmp_path / "pyenv")})
    assert trial.minion.call("pyenv.is_installed") is False
    assert trial.minion.call("pyenv.update") is False
    done = trial.thrice("pyenv.install_pyenv", "pyenv")
    assert (done.foreseen, done.done) == ("pyenv is set to be installed", "Successfully installed pyenv")
    assert trial.minion.call("pyenv.update") is True
    assert trial.minion.call("pyenv.versions") == ["3.9.1"]
