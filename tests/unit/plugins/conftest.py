from __future__ import annotations

from pathlib import Path

import pytest
from plugin_trees import PluginTree


@pytest.fixture
def tree(tmp_path: Path) -> PluginTree:
    return PluginTree(tmp_path / "extmods")
