from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from saltern.cli.main import main
from scripted_master import ScriptedMaster


@pytest.fixture
def conf() -> Iterator[Path]:
    """A configuration directory with a path short enough for the socket below it."""
    directory = Path(tempfile.mkdtemp(prefix="saltern-"))
    (directory / "master").write_text(f"sock_dir: {directory}\npki_dir: {directory}/pki\n")
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def master(conf: Path) -> Iterator[ScriptedMaster]:
    scripted = ScriptedMaster(conf / "master.sock")
    yield scripted
    scripted.close()
    assert scripted.faults == []


@pytest.fixture
def saltern(conf: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs a command line with this configuration; its exit code."""
    monkeypatch.setenv("SALTERN_CONFIG_DIR", str(conf))
    monkeypatch.setenv("COLUMNS", "100")

    def run(*words: str) -> int:
        return main(list(words))

    return run
