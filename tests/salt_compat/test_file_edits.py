"""Edits of files, beside what Salt 3008.2 returned and left in the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from saltern.plugins.index import PluginIndex
from saltern.plugins.scope import Scope
from saltern.plugins.search import SearchPath
from saltern.plugins.space import PluginSpace

RECORDED = json.loads(Path(__file__).with_name("file_edits.json").read_text())


@pytest.fixture(scope="module")
def functions(tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")
    with PluginSpace(PluginIndex(SearchPath(installed=False)), Scope({"id": "m1", "cachedir": str(cache)})) as space:
        yield space.table("modules")


@pytest.mark.behaviour("LDR-14")
@pytest.mark.parametrize("recorded", RECORDED, ids=lambda row: f"{row['fun']} {row['args']} {row['kwargs']}")
def test_an_edit_returns_and_leaves_what_salt_does(functions, tmp_path, recorded):
    file = tmp_path / "f"
    file.write_bytes(recorded["text"].encode())
    function = functions[recorded["fun"]]
    if "error" in recorded:
        with pytest.raises(Exception) as caught:
            function(str(file), *recorded["args"], **recorded["kwargs"])
        assert str(caught.value).replace(str(file), "@FILE@") == recorded["error"]
    else:
        returned = function(str(file), *recorded["args"], **recorded["kwargs"])
        if isinstance(returned, dict):
            returned.pop("pid")
        assert returned == recorded["return"]
    assert file.read_bytes().decode() == recorded["after"]
    assert sorted(path.name for path in tmp_path.iterdir() if path != file) == recorded["beside"]
