from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripted_master import ScriptedMaster


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A directory with a path short enough for a socket."""
    directory = Path(tempfile.mkdtemp(prefix="saltern-"))
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def scripted(short_path: Path) -> Iterator[ScriptedMaster]:
    master = ScriptedMaster(short_path / "master.sock")
    yield master
    master.close()
    assert master.faults == []
